BeforeDiscovery { . $PSScriptRoot/common.ps1; $noSimulator = -not (Get-EsxSim) }

Describe 'Storage network, storage VMs and datastores' -Skip:$noSimulator {
    BeforeAll {
        . $PSScriptRoot/common.ps1
        $nas = Join-Path ([IO.Path]::GetTempPath()) ('nas-' + [guid]::NewGuid().ToString('N'))
        New-Item -ItemType Directory "$nas/10.99.0.11/export/uss1-nas-vol0" | Out-Null
        $sim = Start-EsxSim '-nas-root', $nas
        Connect-EsxSim $sim | Out-Null
        $network = @{ Switch = 'eSAN'; Uplink = 'vmnic1'; IPAddress = '10.99.0.101', '10.99.0.102', '10.99.0.103'; SubnetMask = '255.255.255.0'; Mtu = 9000 }
        $mount = @{ Name = 'uss1-nas-vol0'; RemoteHost = '10.99.0.11'; RemotePath = '/export/uss1-nas-vol0' }
    }
    AfterAll {
        Disconnect-ZfsEsxServer *
        Stop-EsxSim $sim
        Remove-Item -Recurse -Force $nas
    }

    It 'shows the network that would be made' {
        Reset-EsxSimCount $sim
        'vh1', 'vh2', 'vh3' | New-EncapsulatedStorageNetwork @network -WhatIf | Should -BeNullOrEmpty
        (Get-EsxSimCount $sim).changing | Should -Be 0
    }

    It 'wants one address for each host' {
        Reset-EsxSimCount $sim
        'vh1', 'vh2' | New-EncapsulatedStorageNetwork @network -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'AddressCount,*'
        (Get-EsxSimCount $sim).total | Should -Be 0
    }

    It 'makes the network on three hosts, and has nothing to do the second time' {
        $made = 'vh1', 'vh2', 'vh3' | New-EncapsulatedStorageNetwork @network
        $made.VMHost | Should -Be 'vh1', 'vh2', 'vh3'
        $made.IPAddress | Should -Be '10.99.0.101', '10.99.0.102', '10.99.0.103'
        $made.Mtu | Should -Be 9000, 9000, 9000
        Reset-EsxSimCount $sim
        ('vh1', 'vh2', 'vh3' | New-EncapsulatedStorageNetwork @network).VmkernelPort | Should -Be $made.VmkernelPort
        (Get-EsxSimCount $sim).changing | Should -Be 0
        ('vh2' | Get-EncapsulatedStorageNetwork).PortGroups | Should -Contain 'eSAN-VM'
    }

    It 'refuses an uplink that is not there, for that host alone' {
        'vh1' | New-EncapsulatedStorageNetwork -Switch other -Uplink vmnic99 -IPAddress 10.98.0.1 -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure.Count | Should -Be 1
        $failure[0].Exception.Message | Should -Match 'vmnic99'
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

    It 'mounts a datastore on three hosts under one name, and has nothing to do the second time' {
        $mounted = 'vh1', 'vh2', 'vh3' | Mount-ZfsNfsDatastore @mount
        $mounted.Accessible | Should -Be $true, $true, $true
        $mounted.DatastoreId | Select-Object -Unique | Should -HaveCount 1
        Reset-EsxSimCount $sim
        'vh1', 'vh2', 'vh3' | Mount-ZfsNfsDatastore @mount | Should -HaveCount 3
        (Get-EsxSimCount $sim).changing | Should -Be 0
    }

    It 'reports a refused export for each host, and nothing is mounted' {
        'vh1', 'vh2' | Mount-ZfsNfsDatastore -Name bad -RemoteHost 10.99.0.11 -RemotePath /export/missing -ErrorVariable failure -ErrorAction SilentlyContinue |
            Should -BeNullOrEmpty
        $failure | Should -Not -BeNullOrEmpty
        $failure[0].Exception.Message | Should -Match 'missing|bad'
        'vh1', 'vh2' | Get-ZfsNfsDatastore -Name bad | Should -BeNullOrEmpty
    }

    It 'dismounts what was listed' {
        'vh1', 'vh2', 'vh3' | Get-ZfsNfsDatastore -Name uss1-* | Where-Object VMHost -eq vh3 | Dismount-ZfsNfsDatastore -Confirm:$false
        ('vh1', 'vh2', 'vh3' | Get-ZfsNfsDatastore -Name uss1-* | Where-Object Mounted).VMHost | Should -Be 'vh1', 'vh2'
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
