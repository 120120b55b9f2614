BeforeDiscovery { . $PSScriptRoot/common.ps1; $noSimulator = -not (Get-EsxSim) }

Describe 'Storage VMs' -Skip:$noSimulator {
    BeforeAll {
        . $PSScriptRoot/common.ps1
        $sim = Start-EsxSim
        Connect-EsxSim $sim | Out-Null
        'vh1', 'vh2', 'vh3' | New-EncapsulatedStorageNetwork -Uplink vmnic1 -IPAddress 10.99.0.101-103 | Out-Null
    }
    AfterAll {
        Disconnect-ZfsEsxServer *
        Stop-EsxSim $sim
    }

    It 'makes storage VMs, one for each host, and has nothing to do the second time' {
        $arguments = @{ Template = 'debian-zfs'; DataDisk = '8GB'; Memory = '1GB'; NumCpu = 1 }
        $made = 'vh1', 'vh2' | New-EncapsulatedStorageVm -Name uss1, uss2 @arguments
        $made.Name | Should -Be 'uss1', 'uss2'
        $made.VMHost | Should -Be 'vh1', 'vh2'
        $made[0].Disks[-1].Capacity | Should -Be 8GB
        $made[0].Adapters.Network | Should -Be 'VM Network', 'eSAN-VM'
        $made[0].GuestInfo['hostname'] | Should -Be 'uss1'
        Reset-EsxSimCount $sim
        'vh1', 'vh2' | New-EncapsulatedStorageVm -Name uss1, uss2 @arguments | Should -HaveCount 2
        (Get-EsxSimCount $sim).changing | Should -Be 0
    }

    It 'says that there is no such template' {
        'vh1' | New-EncapsulatedStorageVm -Name uss9 -Template nothing -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
        $failure[0].TargetObject | Should -Be 'nothing'
    }

    It 'a name that is not there is an error: <Command> <Of.Values>' -ForEach @(
        @{ Command = 'Get-VmDirectPath'; Of = @{ Device = 'nothing' }; Id = 'DeviceNotFound'; Says = "'nothing' on vh1, vh2\. .*DDRdrive" }
        @{ Command = 'Get-VmDirectPath'; Of = @{ Device = '0000:00:00.0' }; Id = 'DeviceNotFound'; Says = 'can be passed through' }
        @{ Command = 'Get-ZfsNfsDatastore'; Of = @{ Name = 'vol9' }; Id = 'DatastoreNotFound'; Says = "'vol9' on vh1, vh2\. There is none at all" }
        @{ Command = 'Get-EncapsulatedStorageNetwork'; Of = @{ Switch = 'eSAM' }; Id = 'SwitchNotFound'; Says = "'eSAM' on vh1, vh2\.$" }
    ) {
        'vh1', 'vh2' | & $Command @Of -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure | Should -HaveCount 1
        $failure[0].FullyQualifiedErrorId | Should -BeLike "$Id,*"
        $failure[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
        "$($failure[0])" | Should -Match $Says
    }

    It 'a pattern that matches nothing is none' {
        Get-VmDirectPath vh1 -Device 'nothing*' -ErrorAction Stop | Should -BeNullOrEmpty
        Get-ZfsNfsDatastore -Name 'vol?' -ErrorAction Stop | Should -BeNullOrEmpty
        (Get-VmDirectPath vh1, vh2 -Device 'DDRdrive X1' -ErrorAction Stop).VMHost | Should -Be 'vh1', 'vh2'
    }

    It 'switches VMs on, and cannot ask a system without VMware Tools to shut down' {
        $on = Get-EncapsulatedStorageVm uss1, uss2 | Set-EncapsulatedStorageVm -PowerState On -PassThru
        $on.PowerState | Should -Be 'poweredOn', 'poweredOn'
        Reset-EsxSimCount $sim
        'uss1', 'uss2' | Set-EncapsulatedStorageVm -PowerState On | Should -BeNullOrEmpty
        'uss1' | Set-EncapsulatedStorageVm -PowerState Off -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].Exception.Message | Should -Match 'VMware Tools'
        (Get-EsxSimCount $sim).changing | Should -Be 0
    }
}

Describe 'Stopping' -Skip:$noSimulator {
    BeforeAll {
        . $PSScriptRoot/common.ps1
        $sim = Start-EsxSim '-latency', '4000'
    }
    AfterAll { Stop-EsxSim $sim }

    It 'ends a cmdlet that waits for a server within a second' {
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript({
                param($module, $server, $credential)
                Import-Module $module
                Connect-ZfsEsxServer $server -Credential $credential -SkipCertificateCheck
            }).AddArgument($ModulePath).AddArgument($sim.Server).AddArgument($sim.Credential)
            $run = $shell.BeginInvoke()
            Start-Sleep -Milliseconds 2500
            $run.IsCompleted | Should -BeFalse
            (Measure-Command { $shell.Stop() }).TotalMilliseconds | Should -BeLessThan 1000
        }
        finally { $shell.Dispose() }
    }
}
