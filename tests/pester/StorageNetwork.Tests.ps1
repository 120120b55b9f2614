BeforeDiscovery { . $PSScriptRoot/common.ps1; $noSimulator = -not (Get-EsxSim) }

Describe 'EncapsulatedStorageNetwork' -Skip:$noSimulator {
    BeforeAll {
        . $PSScriptRoot/common.ps1
        $nas = Join-Path ([IO.Path]::GetTempPath()) ('nas-' + [guid]::NewGuid().ToString('N'))
        New-Item -ItemType Directory "$nas/10.99.0.11/export/vol0" | Out-Null
        $sim = Start-EsxSim '-nas-root', $nas
        Connect-EsxSim $sim | Out-Null
        $network = @{ Switch = 'eSAN'; Uplink = 'vmnic1'; SubnetMask = '255.255.255.0'; Mtu = 9000 }
        $list = @{ IPAddress = '10.99.0.101', '10.99.0.102', '10.99.0.103' }
    }
    AfterAll {
        Disconnect-ZfsEsxServer *
        Stop-EsxSim $sim
        Remove-Item -Recurse -Force $nas
    }

    It 'wants one address for each host, or a range' {
        Reset-EsxSimCount $sim
        'vh1', 'vh2' | New-EncapsulatedStorageNetwork @network @list -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'AddressCount,*'
        (Get-EsxSimCount $sim).total | Should -Be 0
    }

    It 'shows exactly what it then makes, and has nothing to do the second time' {
        Reset-EsxSimCount $sim
        $shown = Get-WhatIf { 'vh1', 'vh2', 'vh3' | New-EncapsulatedStorageNetwork @network @list -WhatIf }
        (Get-EsxSimCount $sim).changing | Should -Be 0
        $shown | Should -HaveCount 12
        Get-Done { 'vh1', 'vh2', 'vh3' | New-EncapsulatedStorageNetwork @network @list -Verbose } | Should -Be $shown
        Reset-EsxSimCount $sim
        $made = 'vh1', 'vh2', 'vh3' | New-EncapsulatedStorageNetwork @network @list
        $made.VMHost | Should -Be 'vh1', 'vh2', 'vh3'
        $made.IPAddress | Should -Be '10.99.0.101', '10.99.0.102', '10.99.0.103'
        $made.VmkernelPort | Should -Be 'vmk1', 'vmk1', 'vmk1'
        'vh1', 'vh2', 'vh3' | New-EncapsulatedStorageNetwork @network -IPAddress 10.99.0.101-120 | Should -HaveCount 3
        (Get-EsxSimCount $sim).changing | Should -Be 0
        ('vh2' | Get-EncapsulatedStorageNetwork).PortGroups | Should -Contain 'eSAN-VM'
    }

    It 'takes hosts as <_>' -ForEach 'PowerCLI objects', 'ids', 'copies', 'remote objects', 'its own output', 'its own output as a copy' {
        $server = New-VIServer $sim
        $global:DefaultVIServers = @($server)
        try {
            $own = Get-EncapsulatedStorageNetwork vh1, vh2, vh3
            $hosts = $own | New-VMHostObject -VIServer $server
            $given = switch ($_) {
                'PowerCLI objects' { $hosts }
                'ids' { $hosts.Id }
                'copies' { $hosts | Select-Object Name, Id, Uid }
                'remote objects' { $hosts | Copy-AsRemote }
                'its own output' { $own }
                'its own output as a copy' { $own | Copy-AsRemote }
            }
            ($given | Get-EncapsulatedStorageNetwork).IPAddress | Should -Be $list.IPAddress
            Reset-EsxSimCount $sim
            ($given | New-EncapsulatedStorageNetwork @network @list).IPAddress | Should -Be $list.IPAddress
            (Get-EsxSimCount $sim).changing | Should -Be 0
        }
        finally { Remove-Variable DefaultVIServers -Scope Global }
    }

    It 'refuses one host and goes on with the others' {
        $made = 'vh1', 'vh2' | New-EncapsulatedStorageNetwork @network -IPAddress 192.168.10.200, 10.99.0.102 -ErrorVariable failure -ErrorAction SilentlyContinue
        $made.VMHost | Should -Be 'vh2'
        $failure | Should -HaveCount 1
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'SubnetShared,*'
        'vh1' | New-EncapsulatedStorageNetwork -Switch other -Uplink vmnic99 -IPAddress 10.98.0.1 -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].Exception.Message | Should -Match 'vmnic99'
    }

    It 'is not removed while a datastore is mounted over it, on that host' {
        Mount-ZfsNfsDatastore vh1 vol0 10.99.0.11 /export/vol0 | Out-Null
        (Get-EncapsulatedStorageNetwork vh1).Datastores | Should -Be 'vol0'
        $shown = Get-WhatIf { 'vh1', 'vh3' | Remove-EncapsulatedStorageNetwork -WhatIf -ErrorAction SilentlyContinue }
        $shown | Should -HaveCount 4
        $shown | Should -Match '^vh3: Remove '
        Remove-EncapsulatedStorageNetwork vh1 -Confirm:$false -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'StorageNetworkInUse,*'
        $failure[0].Exception.Message | Should -Match 'vol0'
        Dismount-ZfsNfsDatastore vh1 vol0 -Confirm:$false
    }

    It 'is removed as shown, from what was listed, and the second time there is nothing to do' {
        Reset-EsxSimCount $sim
        $shown = Get-WhatIf { Get-EncapsulatedStorageNetwork | Remove-EncapsulatedStorageNetwork -WhatIf }
        (Get-EsxSimCount $sim).changing | Should -Be 0
        $shown | Should -HaveCount 12
        Get-Done { Get-EncapsulatedStorageNetwork | Remove-EncapsulatedStorageNetwork -Confirm:$false -Verbose } | Should -Be $shown
        Get-EncapsulatedStorageNetwork | Should -BeNullOrEmpty
        Reset-EsxSimCount $sim
        'vh1', 'vh2', 'vh3' | Remove-EncapsulatedStorageNetwork -Confirm:$false
        (Get-EsxSimCount $sim).changing | Should -Be 0
    }
}

Describe 'EncapsulatedStorageNetwork on a distributed switch' -Skip:$noSimulator {
    BeforeAll {
        . $PSScriptRoot/common.ps1
        $sim = Start-EsxSim '-dvs', 'dvs-1'
        Connect-EsxSim $sim | Out-Null
        $network = @{ Switch = 'dvs-1'; VmkernelPortGroup = 'dv-eSAN-Interface1'; VMPortGroup = 'dv-eSAN-VM' }
    }
    AfterAll { Disconnect-ZfsEsxServer *; Stop-EsxSim $sim }

    It 'makes and removes the vmkernel ports alone' {
        $made = 'vh1', 'vh2' | New-EncapsulatedStorageNetwork @network -IPAddress 10.99.0.101-102
        $made.Distributed | Should -Be $true, $true
        $made.VmkernelPortGroup | Should -Be 'dv-eSAN-Interface1', 'dv-eSAN-Interface1'
        $made | Remove-EncapsulatedStorageNetwork -VMPortGroup dv-eSAN-VM -Confirm:$false
        (Get-EncapsulatedStorageNetwork vh1, vh2 dvs-1).VmkernelPort | Should -Be '', ''
        (Get-EsxSimCount $sim).changingCalls.PSObject.Properties.Name | Sort-Object | Should -Be 'AddVirtualNic', 'RemoveVirtualNic'
    }
}
