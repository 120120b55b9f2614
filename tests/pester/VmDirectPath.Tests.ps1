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

        It 'takes <_>' -ForEach 'names', 'ids', 'PowerCLI objects', 'views', 'MoRefs', 'copies', 'remote objects', 'its own output', 'its own output as a copy' {
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
        # The device of another host does not go there.
        Get-VmDirectPath vh1 -Device $device | Add-VmDirectPath -VM uss2 -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'DeviceOfOtherHost,*'
        Remove-VmDirectPath -VM uss2 -Id $vm.DirectPath[0].Id -Confirm:$false
        (Get-EncapsulatedStorageVm uss2).DirectPath | Should -BeNullOrEmpty
    }
}
