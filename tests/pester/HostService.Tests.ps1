BeforeDiscovery { . $PSScriptRoot/common.ps1; $noSimulator = -not (Get-EsxSim) }

Describe 'EncapsulatedHostService' -Skip:$noSimulator {
    BeforeAll {
        . $PSScriptRoot/common.ps1
        $folder = Join-Path ([IO.Path]::GetTempPath()) ('site-' + [guid]::NewGuid().ToString('N'))
        New-Item -ItemType Directory $folder | Out-Null
        1..3 | ForEach-Object { Set-Content "$folder/size-10.99.0.1$_" "{`"capacity`":100000000000,`"freeSpace`":$(8 - $_)0000000000}" }
        # Storage VMs that serve while they are on; a move takes long enough to be seen.
        $sim = Start-EsxSim '-rebind', '-hook', "`"sh $Root/tests/esxsim/site-hook.sh $folder`"", '-nas-check', '250ms', '-task-time', '100ms'
        Connect-EsxSim $sim | Out-Null
        $hosts = 'vh1', 'vh2', 'vh3'
        $hosts | New-EncapsulatedStorageNetwork -Switch eSAN -Uplink vmnic1 -IPAddress 10.99.0.101, 10.99.0.102, 10.99.0.103 -SubnetMask 255.255.255.0 | Out-Null
        $hosts | New-EncapsulatedStorageVm -Name uss1, uss2, uss3 -Template debian-zfs -Memory 1GB -NumCpu 1 -DataDisk 8GB | Out-Null
        Set-EncapsulatedStorageVm uss1, uss2, uss3 -PowerState On
        1..3 | ForEach-Object { $hosts | Mount-ZfsNfsDatastore -Name "uss$_-nas-vol0" -RemoteHost "10.99.0.1$_" -RemotePath "/export/uss$_-nas-vol0" | Out-Null }
        New-EncapsulatedStorageVm -VMHost vh1 -Name app1 -Template debian-zfs -Datastore uss1-nas-vol0 -Memory 256MB -NumCpu 1 -DataDisk 64MB | Out-Null
        New-EncapsulatedStorageVm -VMHost vh2 -Name app2 -Template debian-zfs -Datastore uss1-nas-vol0 -Memory 256MB -NumCpu 1 -DataDisk 64MB | Out-Null
        Set-EncapsulatedStorageVm app1, app2 -PowerState On

        function Get-WhatIfLine {
            # What -WhatIf prints is on the host alone: another PowerShell, and its output.
            param([string] $Command)
            $text = pwsh -NoProfile -NoLogo -Command "`$PSStyle.OutputRendering = 'PlainText'; Import-Module '$ModulePath'; `$c = [pscredential]::new('$($sim.Credential.UserName)', (ConvertTo-SecureString '$($sim.Credential.GetNetworkCredential().Password)' -AsPlainText -Force)); Connect-ZfsEsxServer $($sim.Server) -Credential `$c -SkipCertificateCheck | Out-Null; $Command -WhatIf"
            $text | Where-Object { $_ -match '^What if' } | ForEach-Object { $_ -replace '^What if: Performing the operation "(.*)" on target "(.*)"\.$', '$2: $1' }
        }
        function Get-Said { param($Output) $Output | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] -and $_.Message -match '^(app\d|uss\d|vh\d|uss1-nas-vol0): ' -and $_.Message -notmatch 'Looking again' } | ForEach-Object Message }
    }
    AfterAll {
        Disconnect-ZfsEsxServer *
        Stop-EsxSim $sim
        Remove-Item -Recurse -Force $folder
    }

    It 'takes one host at a time' {
        Reset-EsxSimCount $sim
        'vh1', 'vh2' | Start-EncapsulatedHostService -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'OneHost,*'
        (Get-EsxSimCount $sim).changing | Should -Be 0
    }

    It 'takes a host as <_>' -ForEach 'name', 'id', 'PowerCLI object', 'copy', 'remote object' {
        $read = Get-VmDirectPath vh1 -Device 'DDRdrive X1'
        $server = New-VIServer $sim
        $global:DefaultVIServers = @($server)
        try {
            $object = $read | New-VMHostObject -VIServer $server
            $given = switch ($_) {
                'name' { 'vh1' }
                'id' { $read.VMHostId }
                'PowerCLI object' { $object }
                'copy' { $object | Select-Object Name, Id, Uid }
                'remote object' { $object | Copy-AsRemote }
            }
            Reset-EsxSimCount $sim
            $given | Start-EncapsulatedHostService -WhatIf -PassThru -ErrorAction Stop | Should -BeNullOrEmpty
            (Get-EsxSimCount $sim).changing | Should -Be 0
        }
        finally { Remove-Variable DefaultVIServers -Scope Global }
    }

    It 'refuses with category, target and advice, and changes nothing' {
        Reset-EsxSimCount $sim
        Start-EncapsulatedHostService vh1 -Destination vh1 -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -Be 'NoPlaceForVm,ZfsEsx.Commands.StartEncapsulatedHostServiceCommand'
        $failure[0].CategoryInfo.Category | Should -Be 'LimitsExceeded'
        $failure[0].TargetObject | Should -Be 'vh1'
        $failure[0].ErrorDetails.RecommendedAction | Should -Match '-Datastore'
        (Get-EsxSimCount $sim).changing | Should -Be 0
    }

    It 'does what -WhatIf has shown, and the second run has nothing to do' {
        Reset-EsxSimCount $sim
        $shown = Get-WhatIfLine 'Start-EncapsulatedHostService vh1'
        (Get-EsxSimCount $sim).changing | Should -Be 0
        $shown | Should -HaveCount 8
        $output = Start-EncapsulatedHostService vh1 -PassThru -Verbose 4>&1
        Get-Said $output | Sort-Object | Should -Be ($shown | Sort-Object)
        $state = $output | Where-Object { $_ -isnot [System.Management.Automation.VerboseRecord] }
        $state.State | Should -Be 'Ready'
        $state.Moved.Name | Should -Be 'app1', 'app2'
        Reset-EsxSimCount $sim
        (Start-EncapsulatedHostService vh1 -PassThru).State | Should -Be 'Ready'
        (Get-EsxSimCount $sim).changing | Should -Be 0
        ($state | Out-String) | Should -Match 'Ready'
    }

    It 'brings everything back as -WhatIf has shown, and the second run has nothing to do' {
        Reset-EsxSimCount $sim
        $shown = Get-WhatIfLine 'Complete-EncapsulatedHostService vh1'
        (Get-EsxSimCount $sim).changing | Should -Be 0
        $output = 'vh1' | Complete-EncapsulatedHostService -PassThru -Verbose 4>&1
        Get-Said $output | Sort-Object | Should -Be ($shown | Sort-Object)
        ($output | Where-Object { $_ -isnot [System.Management.Automation.VerboseRecord] }).State | Should -Be 'Serving'
        ($hosts | Get-ZfsNfsDatastore -Name uss1-nas-vol0).Accessible | Should -Be $true, $true, $true
        (Get-EncapsulatedStorageVm app1).VMHost | Should -Be 'vh1'
        (Get-EncapsulatedStorageVm app1).Disks[0].File | Should -BeLike '`[uss1-nas-vol0`]*'
        Reset-EsxSimCount $sim
        'vh1' | Complete-EncapsulatedHostService
        (Get-EsxSimCount $sim).changing | Should -Be 0
    }

    It 'stops during a Storage vMotion within a second, and the next run goes on' {
        Invoke-RestMethod -SkipCertificateCheck "$($sim.Base)/esxsim/taskfault?task=relocate&hold=1" | Out-Null
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript({
                param($module, $server, $credential)
                Import-Module $module
                Connect-ZfsEsxServer $server -Credential $credential -SkipCertificateCheck | Out-Null
                Start-EncapsulatedHostService vh1
            }).AddArgument($ModulePath).AddArgument($sim.Server).AddArgument($sim.Credential)
            $run = $shell.BeginInvoke()
            $limit = [datetime]::UtcNow.AddSeconds(60)
            while (($shell.Streams.Progress | Where-Object PercentComplete -gt 0).Count -lt 1 -and [datetime]::UtcNow -lt $limit) { Start-Sleep -Milliseconds 100 }
            $run.IsCompleted | Should -BeFalse
            (Measure-Command { $shell.Stop() }).TotalMilliseconds | Should -BeLessThan 1000
        }
        finally { $shell.Dispose() }
        (Get-WhatIfLine 'Start-EncapsulatedHostService vh1') -match 'Wait until its move that is under way' | Should -HaveCount 1
        Reset-EsxSimCount $sim # lets the held move go on
        (Start-EncapsulatedHostService vh1 -PassThru).State | Should -Be 'Ready'
        (Complete-EncapsulatedHostService vh1 -PassThru).State | Should -Be 'Serving'
    }
}
