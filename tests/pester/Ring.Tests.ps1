# A ring over three light hosts (zfs-fuse), which this file brings up itself. Skipped, and counted so, where the tests over
# the lab are: ZFSESX_LAB_JSON is set where a lab can run.
BeforeDiscovery {
    $noLab = -not $env:ZFSESX_LAB_JSON
    if ($noLab) { Write-Host 'ZFSESX_LAB_JSON is not set: the tests over the lab are skipped.' }
}

Describe 'A ring of light hosts' -Skip:$noLab {
    BeforeAll {
        . $PSScriptRoot/common.ps1
        $labName = "pester-ring-$PID"
        $labProject = Join-Path $PSScriptRoot '../ZfsEsx.Lab'
        $said = dotnet run --project $labProject -- up --fuse --lab $labName --nodes 3
        if ($LASTEXITCODE) { throw "$said" }
        $config = ($said[-1] -split ' ')[2]
        $names = 'uss1', 'uss2', 'uss3'
        foreach ($n in 1..3) {
            $null = Connect-ZfsHost "uss$n" -ConfigFile $config -ConnectTimeout 60
            ssh -F $config "uss$n" "zpool create -m /mnt/sp$n sp$n /mnt/disks/data && zfs create -p sp$n/nas/vol0 && head -c 100000 /dev/urandom >/mnt/sp$n/nas/vol0/data"
        }
        $at = @{ Address = '10.98.0.11', '10.98.0.12', '10.98.0.13' }
        function Invoke-OnHost([string] $Name, [string] $Command) { ssh -F $config $Name $Command }
    }
    AfterAll {
        Get-ZfsHost | Disconnect-ZfsHost
        dotnet run --no-build --project $labProject -- down --lab $labName
    }

    It 'makes the trust' {
        ($names | New-ZfsReplicationTrust @at).InOrder | Should -Be $true, $true, $true
    }

    It 'refuses <Id>, and nothing has changed' -ForEach @(
        @{ With = @{ RateLimit = '100' }; Id = 'BadReplicationNumber' }
        @{ With = @{ Cron = '*/0 * * * *' }; Id = 'BadSchedule' }
        @{ With = @{ Cron = '0 * 1 * 1' }; Id = 'BadSchedule' }
        @{ With = @{ Every = '00:07' }; Id = 'BadSchedule' }
        @{ With = @{ RecoveryPointObjective = '00:00:01' }; Id = 'BadReplicationNumber' }
        @{ With = @{ FileSystem = 'nothing' }; Id = 'DatasetNotFound' }
        @{ With = @{ KeepHourly = -1 }; Id = 'ParameterArgumentValidationError' }
        @{ With = @{ DivergencePolicy = 'Destroy' }; Id = 'CannotConvertArgumentNoMessage' }
    ) {
        try { $names | Start-ZfsRingReplication @at @With -ErrorAction Stop; throw 'not refused' } catch { $_.FullyQualifiedErrorId | Should -BeLike "$Id*" }
        Invoke-OnHost uss1 'ls /etc/zfsesx' | Should -Not -Contain 'edge-uss2.conf'
    }

    It 'says with -WhatIf what it would do, and does nothing' {
        $said = Get-WhatIf { $names | Start-ZfsRingReplication @at -Cron '*/20 * * * *' -WhatIf }
        $said | Should -Contain 'uss1: Schedule replication to uss2 every 20 minutes'
        Get-WhatIf { $names | Start-ZfsRingReplication @at -Cron '0 22 * * mon-wed,7' -WhatIf } |
            Should -Contain 'uss1: Schedule replication to uss2 at 22:00 on Mon, Tue, Wed, Sun'
        $said | Should -Contain 'uss3: Send sp3/nas to uss1 as sp1/replica/uss3/nas'
        Invoke-OnHost uss1 'ls /etc/zfsesx' | Should -Not -Contain 'edge-uss2.conf'
    }

    It 'starts with all that can be said' {
        $with = @{ KeepHourly = 5; KeepDaily = 6; KeepWeekly = 7; KeepMonthly = 8; DivergencePolicy = 'Preserve'; RateLimit = '20MB'; RecoveryPointObjective = '02:00' }
        $state = $names | Start-ZfsRingReplication @at @with -Cron '59 23 * * *' -RunFirst -PassThru
        $state.Result | Select-Object -Unique | Should -Be 'Ok'
        $conf = Invoke-OnHost uss1 'cat /etc/zfsesx/edge-uss2.conf'
        'hourly=5', 'daily=6', 'weekly=7', 'monthly=8', 'divergence=preserve', 'rate=20971520', 'rpo=7200' | Should -BeIn $conf
        Invoke-OnHost uss2 'cat /etc/zfsesx/source-uss1.conf' | Should -Contain 'weekly=7'
        Invoke-OnHost uss1 'crontab -l' | Should -Contain '59 23 * * * /usr/local/lib/zfsesx/agent.sh cycle uss2 >/dev/null 2>&1'
        $names | Start-ZfsRingReplication @at @with -Cron '59 23 * * *' -Verbose 4>&1 | Should -BeLike 'Nothing to change*'
    }

    It 'knows the order, whatever the order of names' {
        $state = Get-ZfsHost uss2, uss1, uss3 | Get-ZfsRingReplication -Address 10.98.0.12, 10.98.0.11, 10.98.0.13
        $row = $state | Where-Object FileSystem -eq sp1/nas/vol0
        $row.Neighbour | Should -Be uss2
        $row.Result, $row.Late, $row.Diverged, $row.RecoveryPointObjective | Should -Be 'Ok', $false, $false, '02:00:00'
        $row.LastRun.Kind | Should -Be Utc
        $row.NextRunHere.UtcDateTime | Should -Be $row.NextRun.UtcDateTime
        ($state | Format-Table | Out-String -Width 120) | Should -Match 'uss1 +sp1/nas/vol0 +Ok .* uss2:sp2/replica/uss1/nas/vol0'
    }

    It 'finds the ring where nobody is named, and says what is not in it' {
        ($found = Get-ZfsRingReplication @at).ZfsHost | Sort-Object -Unique | Should -Be $names
        $found.FileSystem | Should -Be ($names | Get-ZfsRingReplication @at).FileSystem
        Test-ZfsRingReplication @at -Quiet | Should -BeExactly $true
        Get-ZfsRingReplication @at -FileSystem wrong -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        "$($failure[0])" | Should -Match 'replicates wrong .*sp1/nas to uss2'
        $names | Get-ZfsRingReplication @at -FileSystem wrong -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure.TargetObject | Should -Be 'sp1/wrong', 'sp2/wrong', 'sp3/wrong'
    }

    It 'changes one edge' {
        $names | Set-ZfsRingReplication @at -Only uss2 -DailyAt 04:30 -RateLimit 0 -KeepOnReplica 9
        Invoke-OnHost uss2 'crontab -l' | Should -Contain '30 4 * * * /usr/local/lib/zfsesx/agent.sh cycle uss3 >/dev/null 2>&1'
        Invoke-OnHost uss2 'cat /etc/zfsesx/edge-uss3.conf' | Should -Not -Contain 'rate=20971520'
        Invoke-OnHost uss3 'cat /etc/zfsesx/source-uss2.conf' | Should -Contain 'keep=9'
        Invoke-OnHost uss1 'cat /etc/zfsesx/edge-uss2.conf' | Should -Contain 'rate=20971520'
        $names | Set-ZfsRingReplication @at -Only uss2 -DailyAt 04:30 -RateLimit 0 -KeepOnReplica 9 -Verbose 4>&1 | Should -BeLike 'Nothing to change*'
        $names | Set-ZfsRingReplication @at -Only uss2 -Cron '30 4 * * fri-7'
        Invoke-OnHost uss2 'crontab -l' | Should -Contain '30 4 * * 0,5,6 /usr/local/lib/zfsesx/agent.sh cycle uss3 >/dev/null 2>&1'
        $row = $names | Get-ZfsRingReplication @at | Where-Object FileSystem -eq sp2/nas/vol0
        "$($row.Schedule)", $row.NextRun.ToString('HH:mm') | Should -Be 'at 04:30 on Fri, Sat, Sun', '04:30'
        $row.NextRun.DayOfWeek | Should -BeIn 'Friday', 'Saturday', 'Sunday'
        $names | Set-ZfsRingReplication @at -Only uss2 -Cron '30 4 * * 5,6,0' -Verbose 4>&1 | Should -BeLike 'Nothing to change*'
        $names | Set-ZfsRingReplication @at -Only elsewhere -KeepDaily 3 -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'MemberNotFound,*'
    }

    It 'checks each edge' {
        $checks = $names | Test-ZfsRingReplication @at
        $checks | Where-Object Status -ne Passed | Should -BeNullOrEmpty -Because "$($checks | Where-Object Status -ne Passed)"
        $checks | Group-Object ZfsHost | ForEach-Object Count | Should -Be 13, 13, 13
        $names | Test-ZfsRingReplication @at -Quiet | Should -BeExactly $true
        Invoke-OnHost uss2 'crontab -r'
        $names | Test-ZfsRingReplication @at -Quiet | Should -BeExactly $false
        $names | Start-ZfsRingReplication @at -Cron '59 23 * * *'
        $names | Test-ZfsRingReplication @at -Quiet | Should -BeExactly $true
        $names | Test-ZfsRingReplication -Quiet -ErrorAction SilentlyContinue | Should -BeExactly $false # the addresses are not known
    }

    It 'ends a scheduled task with <Code>' -ForEach @{ Code = 0; Hosts = 'uss1 uss2 uss3' }, @{ Code = 1; Hosts = 'uss1 uss3' }, @{ Code = 1; Hosts = 'nobody' } {
        $line = "Import-Module '$ModulePath'; exit [int](-not (-split '$Hosts' | Connect-ZfsHost -ConfigFile '$config' -ErrorAction SilentlyContinue |
            Test-ZfsRingReplication -Quiet -Address (-split '$Hosts' -replace 'uss', '10.98.0.1') -ErrorAction SilentlyContinue))"
        pwsh -NoProfile -NonInteractive -Command $line
        $LASTEXITCODE | Should -Be $Code
    }

    It 'replaces the keys' {
        $before = $names | Get-ZfsReplicationTrust @at
        $after = $names | Update-ZfsReplicationTrust @at -PassThru
        $after.InOrder | Should -Be $true, $true, $true
        Compare-Object $before.KeyFingerprint $after.KeyFingerprint -IncludeEqual -ExcludeDifferent | Should -BeNullOrEmpty
        ($names | Invoke-ZfsRingReplication @at).Result | Select-Object -Unique | Should -Be 'Ok'
    }

    It 'remembers what was done' {
        $days = $names | Measure-ZfsRingReplication @at
        $days.ZfsHost | Sort-Object -Unique | Should -Be $names
        ($days | Where-Object ZfsHost -eq uss1 | Measure-Object Cycles -Sum).Sum | Should -BeGreaterOrEqual 2
        $names | Measure-ZfsRingReplication @at -Since ([datetime]::UtcNow.AddDays(2)) | Should -BeNullOrEmpty
    }

    It 'ends a cycle on both sides when it is stopped' {
        $names | Set-ZfsRingReplication @at -Only uss1 -RateLimit 1MB
        Invoke-OnHost uss1 'head -c 60000000 /dev/urandom >/mnt/sp1/nas/vol0/data'
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript({ param($module, $hosts, $at) Import-Module $module; $hosts | Invoke-ZfsRingReplication @at -Only uss1 }).AddArgument($ModulePath).AddArgument(@(Get-ZfsHost $names)).AddArgument($at)
            $run = $shell.BeginInvoke()
            $limit = [datetime]::UtcNow.AddSeconds(120)
            do { Start-Sleep -Milliseconds 300; $seen = @($shell.Streams.Progress.ReadAll()).StatusDescription -like 'sp1/nas/vol0 (*' } until ($seen -or $run.IsCompleted -or [datetime]::UtcNow -gt $limit)
            $seen | Should -Not -BeNullOrEmpty
            $run.IsCompleted | Should -BeFalse
            $shell.Stop()
        }
        finally { $shell.Dispose() }
        Invoke-OnHost uss1 '/usr/local/lib/zfsesx/agent.sh status uss2 | head -n 1' | Should -Be 'idle'
        Invoke-OnHost uss2 'for i in $(seq 100); do [ -e /var/lib/zfsesx/from-uss1.lock ] || break; sleep 0.1; done; ls /var/lib/zfsesx; ps -e -o args=' | Should -Not -Match 'from-uss1.lock|zfs receive'
        $names | Set-ZfsRingReplication @at -Only uss1 -RateLimit 0
        ($names | Invoke-ZfsRingReplication @at -Only uss1 | Where-Object ZfsHost -eq uss1).Result | Select-Object -Unique | Should -Be 'Ok'
    }

    It 'ends' {
        $names | Stop-ZfsRingReplication @at -Confirm:$false
        $names | Get-ZfsRingReplication @at | Where-Object NextRun | Should -BeNullOrEmpty
        ($names | Remove-ZfsReplicationTrust @at -Confirm:$false -PassThru).InOrder | Should -Be $false, $false, $false
    }
}
