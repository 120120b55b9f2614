# -WhatIf of every cmdlet that changes something in vSphere: it makes no changing call and prints exactly what the real run
# then does; and the real run, made again, has nothing left to do.
#
# A case is a line in $cases: Do takes the common parameters (-WhatIf, -Confirm, -Verbose) as @common. Cases run in their
# order on one simulator, so that one prepares the next; Before is for what no case does. A cmdlet without a case fails.
BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    $noSimulator = -not (Get-EsxSim)
    $cases = @(
        @{ Cmdlet = 'New-EncapsulatedStorageNetwork'; Do = { 'vh1', 'vh2' | New-EncapsulatedStorageNetwork -Uplink vmnic1 -IPAddress 10.99.0.101, 10.99.0.102 @common } }
        @{ Cmdlet = 'New-EncapsulatedStorageVm'; Do = { 'vh1', 'vh2' | New-EncapsulatedStorageVm -Name uss1, uss2 -Template debian-zfs -DataDisk 8GB -Memory 1GB @common } }
        @{ Cmdlet = 'Enable-VmDirectPath'; Do = { 'vh1', 'vh2' | Enable-VmDirectPath -Device 'DDRdrive X1' -Reboot @common } }
        @{ Cmdlet = 'Add-VmDirectPath'; Do = { Add-VmDirectPath -VM uss1 -Id 0000:04:00.0 -DisableMsi @common } }
        @{ Cmdlet = 'Set-EncapsulatedStorageVm'; Do = { 'uss1', 'uss2' | Set-EncapsulatedStorageVm -PowerState On @common } }
        @{ Cmdlet = 'Mount-ZfsNfsDatastore'; Do = { 'vh1', 'vh2', 'vh3' | Mount-ZfsNfsDatastore -Name share -RemoteHost 10.99.0.11 -RemotePath /export/share @common } }
        @{ Cmdlet = 'Dismount-ZfsNfsDatastore'; Do = { 'vh2', 'vh3' | Dismount-ZfsNfsDatastore -Name share @common } }
        @{ Cmdlet = 'Remove-VmDirectPath'; Before = { Stop-EsxSimVM uss1 }; Do = { Remove-VmDirectPath -VM uss1 -Id 0000:04:00.0 @common } }
        @{ Cmdlet = 'Disable-VmDirectPath'; Do = { 'vh1' | Disable-VmDirectPath -Device 'DDRdrive X1' -Reboot @common } }
        @{
            Cmdlet = 'Remove-EncapsulatedStorageNetwork'
            Before = { New-EncapsulatedStorageNetwork vh3 10.99.0.103 -Uplink vmnic1 -WarningAction SilentlyContinue | Out-Null }
            Do = { 'vh3' | Remove-EncapsulatedStorageNetwork @common }
        }
    )
    # What needs a lab of its own is compared in its own file, in the same way.
    $elsewhere = @{
        'Start-EncapsulatedHostService' = 'HostService'; 'Complete-EncapsulatedHostService' = 'HostService'; 'Update-ZfsNfsDatastore' = 'StorageVm'
        'Set-ZfsNfsShare' = 'NfsShare' # it reads hosts there, and changes nothing
        'New-ZfsReplicaClone' = 'Lab'; 'Remove-ZfsReplicaClone' = 'Lab'
        'Start-ZfsReplicaFailover' = 'Lab'; 'Complete-ZfsReplicaFailover' = 'Lab'; 'Undo-ZfsReplicaFailover' = 'Lab'
    }
    $covered = @{
        Covered = @($cases.Cmdlet) + @($elsewhere.Keys | Where-Object {
            Select-String -Quiet -Path "$PSScriptRoot/$($elsewhere[$_]).Tests.ps1" -Pattern "(Get-WhatIf|Assert-WhatIfIsTheRun).*\b$_\b"
        })
    }
}

Describe '-WhatIf' -Skip:$noSimulator {
    BeforeAll {
        . $PSScriptRoot/common.ps1
        $nas = Join-Path ([IO.Path]::GetTempPath()) ('nas-' + [guid]::NewGuid().ToString('N'))
        New-Item -ItemType Directory "$nas/10.99.0.11/export/share" | Out-Null
        $sim = Start-EsxSim '-nas-root', $nas
        Connect-EsxSim $sim | Out-Null

        function Get-WhatIfLine([scriptblock] $Do) {
            $file = Join-Path $nas 'transcript'
            $common = @{ WhatIf = $true }
            Start-Transcript $file -UseMinimalHeader | Out-Null
            try { $output = & $Do } finally { Stop-Transcript | Out-Null }
            $output | Should -BeNullOrEmpty -Because '-WhatIf returns nothing that is not there'
            Get-Content $file | Where-Object { $_ -like 'What if: *' } | ForEach-Object { $_ -replace '^What if: ' }
        }

        function Stop-EsxSimVM([string] $Name) {
            # As by a hard power-off in the vSphere client: the simulator's VMs have no tools to shut down with.
            $id = (Get-EncapsulatedStorageVm $Name).VMId -replace '^VirtualMachine-'
            $body = "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body><PowerOffVM_Task xmlns='urn:vim25'><_this type='VirtualMachine'>$id</_this></PowerOffVM_Task></e:Body></e:Envelope>"
            Invoke-WebRequest -SkipCertificateCheck -Uri $sim.Url -Method Post -ContentType 'text/xml' -Body $body -Headers @{ Cookie = "vmware_soap_session=""$((Get-ZfsEsxServer).SessionSecret)""" } | Out-Null
            $limit = [datetime]::UtcNow.AddSeconds(60)
            while ((Get-EncapsulatedStorageVm $Name).PowerState -ne 'poweredOff' -and [datetime]::UtcNow -lt $limit) { Start-Sleep -Milliseconds 50 }
        }

        function Get-DoneLine([scriptblock] $Do) {
            $common = @{ Verbose = $true; Confirm = $false; WarningAction = 'SilentlyContinue'; ErrorAction = 'Stop' }
            & $Do 4>&1 | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] } | ForEach-Object Message
        }
    }
    AfterAll {
        Disconnect-ZfsEsxServer *
        Stop-EsxSim $sim
        Remove-Item -Recurse -Force $nas
    }

    It '<Cmdlet> prints what it then does, changes nothing itself, and is done after one run' -ForEach $cases {
        if ($Before) { & $Before }
        Reset-EsxSimCount $sim
        $shown = @(Get-WhatIfLine $Do)
        (Get-EsxSimCount $sim).changing | Should -Be 0
        $shown | Should -Not -BeNullOrEmpty

        $lines = @(Get-DoneLine $Do)
        $asked = @($lines | Where-Object { $_ -in $shown })
        $asked | Should -Be $shown
        @($lines | Where-Object { $_ -like 'Performing the operation *' }).Count | Should -Be $shown.Count
        # A change that is begun says so: target, colon, action.
        $begun = $shown | ForEach-Object { $_ -replace '^Performing the operation "(.*)" on target "(.*)"\.$', '$2: $1' }
        @($lines | Where-Object { $_ -in $begun } | Sort-Object) | Should -Be @($begun | Sort-Object)
        (Get-EsxSimCount $sim).changing | Should -BeGreaterThan 0

        Reset-EsxSimCount $sim
        @(Get-DoneLine $Do | Where-Object { $_ -like 'Performing the operation *' }) | Should -BeNullOrEmpty
        (Get-EsxSimCount $sim).changing | Should -Be 0
    }

    It 'has a case for every cmdlet that changes something in vSphere' -ForEach $covered {
        $changing = Get-Command -Module ZfsEsx | Where-Object {
            [ZfsEsx.VimCommand].IsAssignableFrom($_.ImplementingType) -and $_.Parameters.ContainsKey('WhatIf')
        }
        $changing.Name | Where-Object { $_ -notin $Covered } | Should -BeNullOrEmpty
        $changing.Count | Should -BeGreaterThan 8
    }
}
