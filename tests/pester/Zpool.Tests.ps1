# Pools through the cmdlets, on the ring that Lab.Tests.ps1 has built before (files run in the order of their names).
BeforeDiscovery {
    $noLab = -not $env:ZFSESX_LAB_JSON
    if ($noLab) { Write-Host 'ZFSESX_LAB_JSON is not set: the tests over the lab are skipped.' }
}

Describe 'Pools of the ring' -Skip:$noLab {
    BeforeAll {
        . $PSScriptRoot/common.ps1
        $lab = Get-Content $env:ZFSESX_LAB_JSON -Raw | ConvertFrom-Json
        $node = $lab.nodes[0]
        $uss = Connect-ZfsHost 127.0.0.1 -Port $node.sshPort -Name $node.vm -UserName root -KeyFile $lab.sshKey -HostKey $node.hostKey -ConnectTimeout 60
        $pool = "sp$($node.number)"
        $log = Get-ZfsDisk $uss | Where-Object InUse -eq "pool $pool (log)"
    }
    AfterAll { Get-ZfsHost | Disconnect-ZfsHost }

    It 'says where its disks hang and how large their sectors are' {
        $log.ControllerId | Should -Match '^[0-9a-f]{4}:[0-9a-f]{4}$'
        $log.PciAddress | Should -Match '^0000:'
        $log.SectorSize | Should -Be 512
        (Get-ZfsDisk $uss | Where-Object Serial -eq 'sys').InUse | Should -Be 'mounted out of sight (ext4)'
    }

    It 'takes the log out of the pool and gives it back' {
        $before = Get-EncapsulatedZpool $uss -Name $pool
        $before | Remove-EncapsulatedZpool -Disk $log -WhatIf
        (Get-EncapsulatedZpool $uss -Name $pool).Log | Should -HaveCount 1
        ($before | Remove-EncapsulatedZpool -Disk $log -Confirm:$false -PassThru).Log | Should -BeNullOrEmpty
        $before | Add-EncapsulatedZpool -Log $log -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'DiskInUse,*' # what the pool has left on it is overwritten only with -Force
        ($before | Add-EncapsulatedZpool -Log $log -Force -PassThru).Log | Should -Be $before.Log
        $before | Add-EncapsulatedZpool -Log $log -Verbose 4>&1 | Should -BeLike 'Nothing to change*'
    }

    It 'refuses what is not there, and disks of others' {
        Add-EncapsulatedZpool $uss $pool -Cache $log -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'DiskInUse,*'
        Add-EncapsulatedZpool $uss $pool -Cache ([pscustomobject]@{ Name = $log.Name; ZfsHost = 'elsewhere' }) -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'DiskOfAnotherStorageVm,*'
        $log | New-EncapsulatedZpool -Name piped -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'DiskInUse,*'
        "$($failure[0])" | Should -BeLike "*$($log.Name)*pool $pool*"
        Remove-EncapsulatedZpool $uss $pool -Disk '$(touch /tmp/pwned)' -Confirm:$false -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'DiskNotFound,*'
        Import-EncapsulatedZpool $uss nosuch -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'PoolNotFound,*'
        Get-EncapsulatedZpool $uss -Importable | Should -BeNullOrEmpty
        (Import-EncapsulatedZpool $uss $pool).State | Should -Be 'ONLINE'
    }

    It 'scrubs, now and by schedule' {
        $done = Get-EncapsulatedZpool $uss -Name $pool | Start-ZpoolScrub -Wait -PassThru
        $done.Last.Kind | Should -Be 'Scrub'
        $done.Last.State | Should -Be 'Finished'
        $set = Set-ZpoolScrub $uss $pool -DayOfWeek Sunday -At 03:00 -PassThru
        "$($set.Schedule)" | Should -Be 'every Sunday at 03:00'
        $set.Next.DayOfWeek | Should -Be 'Sunday'
        Set-ZpoolScrub $uss $pool -DayOfWeek Sunday -At 03:00 -Verbose 4>&1 | Should -BeLike 'Nothing to change*'
        Set-ZpoolScrub $uss $pool -Never
        (Get-ZpoolScrub $uss -Name $pool).Schedule | Should -BeNullOrEmpty
    }

    It 'checks' {
        $checks = Test-EncapsulatedZpool $uss -Name $pool
        ($checks | Where-Object Check -eq 'State').Status | Should -Be 'Passed'
        ($checks | Where-Object Check -eq 'Dedup').Found | Should -Be 'off'
        Test-EncapsulatedZpool $uss -Name $pool -Quiet | Should -BeTrue
    }
}
