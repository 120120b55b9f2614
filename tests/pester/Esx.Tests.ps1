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
