# Figures through the cmdlet, on the ring that Lab.Tests.ps1 has built before (files run in the order of their names).
BeforeDiscovery {
    $noLab = -not $env:ZFSESX_LAB_JSON
    if ($noLab) { Write-Host 'ZFSESX_LAB_JSON is not set: the tests over the lab are skipped.' }
}

Describe 'Figures of the ring' -Skip:$noLab {
    BeforeAll {
        . $PSScriptRoot/common.ps1
        $lab = Get-Content $env:ZFSESX_LAB_JSON -Raw | ConvertFrom-Json
        $first, $next = $lab.nodes[0, 1] | ForEach-Object {
            Connect-ZfsHost 127.0.0.1 -Port $_.sshPort -Name $_.vm -UserName root -KeyFile $lab.sshKey -HostKey $_.hostKey -ConnectTimeout 60
        }
        $pool = Get-EncapsulatedZpool $first
        $small = @{ Second = 1; Size = '8MB'; QueueDepth = 4 }
    }
    AfterAll { Get-ZfsHost | Disconnect-ZfsHost }

    It 'says what it would do, and does nothing' {
        $said = Get-WhatIf { Get-ZfsNfsShare $first | Where-Object FileSystem -eq 'sp1/nas/vol0' | Measure-EncapsulatedStorage -Via Both -Client $next -CompareLog Offline -WhatIf }
        $said | Should -BeLike "$($first.Name): sp1: Measure Read512, Write512, Mix4k, Mix8k, Mix64k, Mix1M on the pool and by NFS from $($next.Name), 22 runs of 10 s, with a file of 256 MB like sp1/nas/vol0; the log * is offline for 10 of them"
    }

    It 'measures as another storage VM sees it, with and without the log, and exports' {
        $runs = Measure-EncapsulatedStorage $first sp1/nas/vol0 -Via Nfs -Client $next -Workload Write4k -CompareLog Offline @small
        "$($runs.Log)" | Should -Be 'Used Offline'
        $runs.Client | Select-Object -Unique | Should -Be $next.Name
        $runs.WriteIops | ForEach-Object { $_ | Should -BeGreaterThan 0 }
        $back = $runs | ConvertTo-Csv | ConvertFrom-Csv
        [double]$back[1].WriteIops | Should -Be $runs[1].WriteIops
        ($runs | ConvertTo-Json -EnumsAsStrings | ConvertFrom-Json)[1].Log | Should -Be 'Offline'
        $now = Get-EncapsulatedZpool $first
        $now.State | Should -Be 'ONLINE'
        $now.Log | Should -Be $pool.Log
    }

    It 'measures the pool, and its own share without a second storage VM' {
        $runs = Measure-EncapsulatedStorage $first -Via Both -Workload Read512 @small
        "$($runs.Via)" | Should -Be 'Pool Nfs'
        $runs.FileSystem | Select-Object -Unique | Should -Be 'sp1'
        $runs.Client | Select-Object -Unique | Should -Be $first.Name
        ($runs | Format-Table | Out-String -Width 80) | Should -Match 'Pool Read512  Used'
    }

    It 'refuses: <Id>' -ForEach @(
        @{ Id = 'FileSystemNotFound'; Asked = @{ FileSystem = 'sp1/none' } }
        @{ Id = 'PoolNotFound'; Asked = @{ FileSystem = 'sp9/nas' } }
        @{ Id = 'InvalidDatasetName'; Asked = @{ FileSystem = 'sp1/$(touch /tmp/pwned)' } }
        @{ Id = 'NotEnoughSpace'; Asked = @{ Size = '100TB' } }
        @{ Id = 'InvalidAddress'; Asked = @{ Via = 'Nfs'; Address = '10.99.0.11; reboot' } }
    ) {
        Measure-EncapsulatedStorage $first @Asked -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -BeLike "$Id,*"
    }

    It 'leaves nothing behind' {
        Measure-EncapsulatedStorage $first -Workload Read512 @small -WhatIf 6>$null
        (Get-ZfsNfsShare $first).FileSystem | Where-Object { $_ -like '*zfsesx-measure*' } | Should -BeNullOrEmpty
    }
}
