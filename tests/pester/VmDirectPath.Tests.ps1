BeforeDiscovery { . $PSScriptRoot/common.ps1; $noSimulator = -not (Get-EsxSim) }

Describe 'VmDirectPath' -Skip:$noSimulator {
    BeforeAll {
        . $PSScriptRoot/common.ps1
        $sim = Start-EsxSim
        Connect-EsxSim $sim | Out-Null
        $device = 'DDRdrive X1'
    }
    AfterAll { Disconnect-ZfsEsxServer *; Stop-EsxSim $sim }

    Context 'forms of hosts' {
        BeforeAll {
            $devices = 'vh1', 'vh2', 'vh3' | Get-VmDirectPath -Device $device
            $server = New-VIServer $sim
            $global:DefaultVIServers = @($server)
            $hosts = $devices | New-VMHostObject -VIServer $server
        }
        AfterAll { Remove-Variable DefaultVIServers -Scope Global }

        It 'takes <_>' -ForEach 'names', 'ids', 'PowerCLI objects', 'views', 'MoRefs', 'copies', 'remote objects', 'its own output', 'its own output as a copy', 'its own output from JSON' {
            $given = switch ($_) {
                'names' { 'vh1', 'vh2', 'vh3' }
                'ids' { $hosts.Id }
                'PowerCLI objects' { $hosts }
                'views' { $hosts.ExtensionData }
                'MoRefs' { $hosts.ExtensionData.MoRef }
                'copies' { $hosts | Select-Object Name, Id, Uid }
                'remote objects' { $hosts | Copy-AsRemote }
                'its own output' { $devices }
                'its own output as a copy' { $devices | Copy-AsRemote }
                'its own output from JSON' { $devices | Copy-AsJson }
            }
            $read = $given | Get-VmDirectPath -Device $device
            $read.VMHost | Should -Be 'vh1', 'vh2', 'vh3'
        }

        It 'does not make PowerCLI read whole objects' {
            [VMware.VimAutomation.ViCore.Impl.V1.InventoryItemImpl]::Touched = 0
            $hosts | Get-VmDirectPath | Out-Null
            [VMware.VimAutomation.ViCore.Impl.V1.InventoryItemImpl]::Touched | Should -Be 0
        }

        It 'reads any number of hosts in one call' {
            Reset-EsxSimCount $sim
            $hosts[0] | Get-VmDirectPath | Out-Null
            $one = (Get-EsxSimCount $sim).total
            Reset-EsxSimCount $sim
            $hosts | Get-VmDirectPath | Out-Null
            (Get-EsxSimCount $sim).total | Should -Be $one
        }
    }

    It 'says that a VM is not a host' {
        [pscustomobject]@{ Name = 'uss1'; Id = 'VirtualMachine-vm-1' } | Get-VmDirectPath -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -Be 'WrongObject,ZfsEsx.Commands.GetVmDirectPathCommand'
        $failure[0].Exception.Message | Should -Match 'it is a VirtualMachine'
    }

    It 'reports a name that is not there and goes on with the others' {
        $read = 'vh1', 'nobody', 'vh2' | Get-VmDirectPath -Device $device -ErrorVariable failure -ErrorAction SilentlyContinue
        $read.VMHost | Should -Be 'vh1', 'vh2'
        $failure[0].TargetObject | Should -Be 'nobody'
        $failure[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
    }

    It 'ends when enough has come' { (Get-VmDirectPath vh1, vh2, vh3 -All | Select-Object -First 1).VMHost | Should -Be 'vh1' }

    It 'stops the pipeline when told to' {
        $reached = $false
        try { 'nobody' | Get-VmDirectPath -ErrorAction Stop; $reached = $true } catch { $_.FullyQualifiedErrorId | Should -Match 'Get.*Command' }
        $reached | Should -BeFalse
    }

    It 'shows a table of six columns and its heading' {
        $text = Get-VmDirectPath vh1 -Device $device | Format-Table | Out-String -Width 120
        $text | Should -Match 'VMHost: vh1'
        $text | Should -Match '19e3:5801'
    }

    It 'changes nothing with -WhatIf' {
        Reset-EsxSimCount $sim
        Get-VmDirectPath vh1 -Device $device | Enable-VmDirectPath -Reboot -PassThru -WhatIf | Should -BeNullOrEmpty
        'vh2' | Enable-VmDirectPath -Device $device -WhatIf
        (Get-EsxSimCount $sim).changing | Should -Be 0
    }

    It 'takes devices as <_>' -ForEach 'objects', 'remote objects', 'a file', 'JSON' {
        $devices = Get-VmDirectPath vh1, vh2 -Device $device
        $given = switch ($_) {
            'objects' { $devices }
            'remote objects' { $devices | Copy-AsRemote }
            'a file' { $devices | Export-Clixml TestDrive:/devices.xml; Import-Clixml TestDrive:/devices.xml }
            'JSON' { $devices | Copy-AsJson }
        }
        Reset-EsxSimCount $sim
        $said = $given | Enable-VmDirectPath -WhatIf -Verbose 4>&1
        (Get-EsxSimCount $sim).changing | Should -Be 0
        (Get-EsxSimCount $sim).calls.RetrievePropertiesEx | Should -Be 1 -Because 'two hosts are read together'
        "$said" | Should -Not -Match 'Nothing to change'
    }

    It 'does exactly what -WhatIf has said' {
        $line = "'vh3' | Get-VmDirectPath -Device 'DDRdrive X1', '144d:a808' | Enable-VmDirectPath -Reboot"
        Reset-EsxSimCount $sim
        $said = Get-WhatIfSentence $sim "$line -WhatIf"
        (Get-EsxSimCount $sim).changing | Should -Be 0
        $said.Count | Should -Be 2
        $said[0] | Should -Be 'Performing the operation "Enable passthrough of NVMe SSD Controller SM981/PM981 (0000:03:00.0), DDRdrive X1 (0000:04:00.0)" on target "vh3".'

        $done = 'vh3' | Get-VmDirectPath -Device $device, '144d:a808' | Enable-VmDirectPath -Reboot -Verbose 4>&1
        $made = $done.Message | Where-Object { $_ -match '^vh3: (Enable|Enter)' } | Select-Object -Unique
        $made | ForEach-Object { 'Performing the operation "' + ($_ -replace '^vh3: ') + '" on target "vh3".' } | Should -Be $said
    }

    It 'reports a refused host and changes the others' {
        # vh1 boots from the device.
        Reset-EsxSimCount $sim
        $devices = @(Get-VmDirectPath vh1 -Device 0000:00:1f.2; Get-VmDirectPath vh2 -Device $device)
        $read = $devices | Enable-VmDirectPath -PassThru -ErrorVariable failure -ErrorAction SilentlyContinue -WarningAction SilentlyContinue
        $read.VMHost | Should -Be 'vh2'
        $read.RebootPending | Should -BeTrue
        $failure.Count | Should -Be 1
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'BootDevice,*'
        $failure[0].TargetObject | Should -Match '^vh1 '
        (Get-EsxSimCount $sim).changing | Should -Be 1
        'vh2' | Disable-VmDirectPath -Device $device -WarningAction SilentlyContinue
        (Get-VmDirectPath vh2 -Device $device).RebootPending | Should -BeFalse
    }

    It 'refuses the boot device, and changes nothing' {
        Reset-EsxSimCount $sim
        $boot = Get-VmDirectPath vh1 -All | Where-Object { $_.UsedBy -match 'boot' } | Select-Object -First 1
        $boot | Should -Not -BeNullOrEmpty
        $boot | Enable-VmDirectPath -Force -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].TargetObject | Should -Match 'vh1|0000:'
        (Get-EsxSimCount $sim).changing | Should -Be 0
    }

    It 'enables with a reboot, silently, and has nothing to do the second time' {
        Get-VmDirectPath vh1 -Device $device | Enable-VmDirectPath -Reboot | Should -BeNullOrEmpty
        (Get-VmDirectPath vh1 -Device $device).Active | Should -BeTrue
        Reset-EsxSimCount $sim
        $again = Get-VmDirectPath vh1 -Device $device | Enable-VmDirectPath -Reboot -PassThru
        $again.Active | Should -BeTrue
        (Get-EsxSimCount $sim).changing | Should -Be 0
    }

    It 'asks about a step before it is made with -Confirm' {
        # No one is there to answer: the question itself fails, and nothing has been changed before it.
        Reset-EsxSimCount $sim
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript({
                param($module, $server, $credential)
                Import-Module $module
                Connect-ZfsEsxServer $server -Credential $credential -SkipCertificateCheck | Out-Null
                'vh2' | Enable-VmDirectPath -Device 'DDRdrive X1' -Confirm -ErrorAction Stop
            }).AddArgument($ModulePath).AddArgument($sim.Server).AddArgument($sim.Credential)
            $shell.Invoke() | Should -BeNullOrEmpty
            "$($shell.Streams.Error)" | Should -Match '(?s)prompts the user.*DDRdrive X1'
            (Get-EsxSimCount $sim).changing | Should -Be 0
        }
        finally { $shell.Dispose() }
    }

    It 'takes the whole line from the list to the VM' {
        New-EncapsulatedStorageVm -Name uss2 -VMHost vh2 -Template debian-zfs -DataDisk 8GB -Memory 1GB -ManagementNetwork 'VM Network' -StorageNetwork 'VM Network' | Out-Null
        $vm = 'vh2' | Get-VmDirectPath | Where-Object Device -like '*DDRdrive*' |
            Enable-VmDirectPath -Reboot -PassThru | Add-VmDirectPath -VM uss2 -DisableMsi -PassThru
        $vm.Name | Should -Be 'uss2'
        $vm.MemoryReserved | Should -BeTrue
        $vm.DirectPath.MsiDisabled | Should -Be $true
        $vm.VMHost | Should -Be 'vh2'
        # VMs as PowerCLI shows them, devices by plain ids; what is so is left alone.
        $server = New-VIServer $sim
        $vmObject = [VMware.VimAutomation.ViCore.Impl.V1.VirtualMachineImpl]@{ Name = 'uss2'; Id = $vm.VMId; Uid = "$($server.Uid)VM=$($vm.VMId)/" }
        $global:DefaultVIServers = @($server)
        try {
            Reset-EsxSimCount $sim
            foreach ($form in $vmObject, ($vmObject | Copy-AsRemote), $vm.VMId, $vm, ($vm | Copy-AsJson)) {
                (Add-VmDirectPath -VM $form -Id $vm.DirectPath[0].Id -PassThru).DirectPath.Id | Should -Be $vm.DirectPath[0].Id
            }
            (Get-EsxSimCount $sim).changing | Should -Be 0
        }
        finally { Remove-Variable DefaultVIServers -Scope Global }
        # The device of another host does not go there.
        Get-VmDirectPath vh1 -Device $device | Add-VmDirectPath -VM uss2 -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'DeviceOfOtherHost,*'
        Reset-EsxSimCount $sim
        Get-WhatIfSentence $sim "Remove-VmDirectPath -VM uss2 -Id $($vm.DirectPath[0].Id) -WhatIf" |
            Should -Be 'Performing the operation "Detach 0000:04:00.0, remove pciPassthru0.msiEnabled" on target "uss2".'
        (Get-EsxSimCount $sim).changing | Should -Be 0
        Remove-VmDirectPath -VM uss2 -Id $vm.DirectPath[0].Id -Confirm:$false -WarningVariable warned -WarningAction SilentlyContinue
        "$warned" | Should -Match 'memory .* reserved'
        (Get-EncapsulatedStorageVm uss2).DirectPath | Should -BeNullOrEmpty
    }
}

Describe 'VmDirectPath, stopped' -Skip:$noSimulator {
    BeforeAll {
        . $PSScriptRoot/common.ps1
        $sim = Start-EsxSim '-reboot-time', '1h'
    }
    AfterAll { Stop-EsxSim $sim }

    It 'returns at once from a reboot that does not end, and says how to go on' {
        $stopped = Stop-InTheMiddle $sim "Enable-VmDirectPath -VMHost vh1, vh2 -Device 'DDRdrive X1' -Reboot" {
            $calls = (Get-EsxSimCount $sim).calls
            $calls.RebootHost_Task -eq 1 -and $calls.WaitForUpdatesEx -gt 3
        }
        $stopped.EndedBefore | Should -BeFalse
        $stopped.Milliseconds | Should -BeLessThan 1500
        "$($stopped.Said)" | Should -Match 'vh1 goes on booting by itself. vh1 is left in maintenance mode'
        "$($stopped.Said)" | Should -Match 'Not begun: vh2: Enter maintenance mode and reboot'
        "$($stopped.Said)" | Should -Match 'run the same command again'
        $stopped.Errors | Should -BeNullOrEmpty
    }
}
