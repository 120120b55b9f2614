BeforeDiscovery { . $PSScriptRoot/common.ps1; $noSimulator = -not (Get-EsxSim) }

Describe 'ZfsNfsDatastore' -Skip:$noSimulator {
    BeforeAll {
        . $PSScriptRoot/common.ps1
        $nas = Join-Path ([IO.Path]::GetTempPath()) ('nas-' + [guid]::NewGuid().ToString('N'))
        0..9 | ForEach-Object { New-Item -ItemType Directory "$nas/10.99.0.11/export/vol$_" | Out-Null }
        $sim = Start-EsxSim '-nas-root', $nas
        Connect-EsxSim $sim | Out-Null
        $three = 'vh1', 'vh2', 'vh3'
        $three | New-EncapsulatedStorageNetwork -Uplink vmnic1 -IPAddress 10.99.0.101-103 | Out-Null
        $mount = @{ Name = 'vol0'; RemoteHost = '10.99.0.11'; RemotePath = '/export/vol0' }
    }
    AfterAll {
        Disconnect-ZfsEsxServer *
        Stop-EsxSim $sim
        Remove-Item -Recurse -Force $nas
    }

    It 'shows exactly what it then mounts, and has nothing to do the second time' {
        Reset-EsxSimCount $sim
        $shown = Get-WhatIf { $three | Mount-ZfsNfsDatastore @mount -WhatIf }
        (Get-EsxSimCount $sim).changing | Should -Be 0
        $shown | Should -HaveCount 3
        Get-Done { $three | Mount-ZfsNfsDatastore @mount -Verbose } | Should -Be $shown
        Reset-EsxSimCount $sim
        $mounted = $three | Mount-ZfsNfsDatastore @mount
        $mounted.Accessible | Should -Be $true, $true, $true
        $mounted.DatastoreId | Select-Object -Unique | Should -HaveCount 1
        $three | Mount-ZfsNfsDatastore -Name vol0 -RemoteHost 10.99.0.11 -RemotePath /export//vol0/ | Should -HaveCount 3
        (Get-EsxSimCount $sim).changing | Should -Be 0
    }

    It 'completes NFS datastores only: <_>' -ForEach 'Dismount-ZfsNfsDatastore vh1 ', 'Get-ZfsNfsDatastore -Name ', 'Update-ZfsNfsDatastore ' {
        $limit = [datetime]::UtcNow.AddSeconds(60)
        do { $found = (TabExpansion2 $_ $_.Length).CompletionMatches.CompletionText } until ($found -contains 'vol0' -or [datetime]::UtcNow -gt $limit)
        $found | Should -Be 'vol0'
    }

    It 'takes hosts as <_>' -ForEach 'PowerCLI objects', 'ids', 'copies', 'remote objects', 'its own output', 'its own output as a copy' {
        $server = New-VIServer $sim
        $global:DefaultVIServers = @($server)
        try {
            $own = Get-ZfsNfsDatastore -Name vol0
            $hosts = $own | New-VMHostObject -VIServer $server
            $given = switch ($_) {
                'PowerCLI objects' { $hosts }
                'ids' { $hosts.Id }
                'copies' { $hosts | Select-Object Name, Id, Uid }
                'remote objects' { $hosts | Copy-AsRemote }
                'its own output' { $own }
                'its own output as a copy' { $own | Copy-AsRemote }
            }
            ($given | Get-ZfsNfsDatastore).VMHost | Should -Be $three
            Reset-EsxSimCount $sim
            $given | Mount-ZfsNfsDatastore @mount | Should -HaveCount 3
            (Get-EsxSimCount $sim).changing | Should -Be 0
        }
        finally { Remove-Variable DefaultVIServers -Scope Global }
    }

    It 'reports a refused export for each host, and nothing is mounted' {
        $three | Mount-ZfsNfsDatastore -Name bad -RemoteHost 10.99.0.11 -RemotePath /export/missing -ErrorVariable failure -ErrorAction SilentlyContinue |
            Should -BeNullOrEmpty
        $failure | Should -HaveCount 3
        $failure.FullyQualifiedErrorId | Should -BeLike 'NfsMountRefused,*'
        "$failure" | Should -Match 'vh3 could not mount 10\.99\.0\.11:/export/missing\. The host comes from 10\.99\.0\.103 \(vmk1\)'
        Get-ZfsNfsDatastore -Name bad -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
    }

    It 'names a host that cannot, and mounts on the others' {
        Mount-ZfsNfsDatastore vh2 taken 10.99.0.11 /export/vol1 | Out-Null
        $mounted = $three | Mount-ZfsNfsDatastore -Name vol1 -RemoteHost 10.99.0.11 -RemotePath /export/vol1 -ErrorVariable failure -ErrorAction SilentlyContinue -WarningAction SilentlyContinue
        $mounted.VMHost | Should -Be 'vh1', 'vh3'
        $failure | Should -HaveCount 1
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'DatastoreNameTaken,*'
        $failure[0].Exception.Message | Should -Match 'on vh2 already, as datastore taken'
    }

    It 'never mounts one export with both versions' {
        Reset-EsxSimCount $sim
        $three | Mount-ZfsNfsDatastore @mount -NfsVersion 4.1 -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ExportMountedOtherwise,*'
        (Get-EsxSimCount $sim).changing | Should -Be 0
    }

    It 'mounts NFS 4.1 over several addresses' {
        $mounted = $three | Mount-ZfsNfsDatastore -Name vol2 -RemoteHost 10.99.0.11, 10.99.1.11 -RemotePath /export/vol2 -NfsVersion 4.1
        $mounted.RemoteHost | Should -Be '10.99.0.11,10.99.1.11', '10.99.0.11,10.99.1.11', '10.99.0.11,10.99.1.11'
        Mount-ZfsNfsDatastore vh1 vol3 10.99.0.11, 10.99.1.11 /export/vol3 -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'InvalidServer,*'
    }

    It 'raises the limit of a full host when told to' {
        3..8 | ForEach-Object { Mount-ZfsNfsDatastore vh1 "vol$_" 10.99.0.11 "/export/vol$_" | Out-Null }
        Mount-ZfsNfsDatastore vh1 vol9 10.99.0.11 /export/vol9 -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'NfsLimitReached,*'
        $failure[0].ErrorDetails.RecommendedAction | Should -Match '-RaiseLimit'
        (Mount-ZfsNfsDatastore vh1 vol9 10.99.0.11 /export/vol9 -RaiseLimit -WarningVariable said -WarningAction SilentlyContinue).Accessible | Should -BeTrue
        "$said" | Should -Match 'next reboot'
        3..9 | ForEach-Object { Dismount-ZfsNfsDatastore vh1 "vol$_" -Confirm:$false }
    }

    It 'dismounts what was listed, as shown' {
        $shown = Get-WhatIf { Get-ZfsNfsDatastore -Name vol0 | Where-Object VMHost -ne vh1 | Dismount-ZfsNfsDatastore -WhatIf }
        $shown | Should -Be 'vh2: Unmount datastore vol0', 'vh3: Unmount datastore vol0'
        Get-Done { Get-ZfsNfsDatastore -Name vol0 | Where-Object VMHost -ne vh1 | Dismount-ZfsNfsDatastore -Confirm:$false -Verbose } | Should -Be $shown
        (Get-ZfsNfsDatastore -Name vol0).VMHost | Should -Be 'vh1'
        Reset-EsxSimCount $sim
        'vh2', 'vh3' | Dismount-ZfsNfsDatastore -Name vol0 -Confirm:$false
        (Get-EsxSimCount $sim).changing | Should -Be 0
    }

    It 'says that a datastore is mounted and not reached' {
        Rename-Item "$nas/10.99.0.11/export/vol0" away
        $id = (Get-ZfsNfsDatastore vh1 vol0).DatastoreId -replace '^Datastore-'
        $body = "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body><RefreshDatastore xmlns='urn:vim25'><_this type='Datastore'>$id</_this></RefreshDatastore></s:Body></s:Envelope>"
        $cookie = @{ Cookie = 'vmware_soap_session="' + (New-VIServer $sim).SessionSecret + '"' }
        Invoke-WebRequest -SkipCertificateCheck -Uri $sim.Url -Method Post -ContentType 'text/xml' -Headers $cookie -Body $body | Out-Null
        $there = Mount-ZfsNfsDatastore vh1 @mount -ErrorVariable failure -ErrorAction SilentlyContinue
        $there.Accessible | Should -BeFalse
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'DatastoreInaccessible,*'
        $failure[0].Exception.Message | Should -Match '^vh1 has datastore vol0 mounted, but does not reach it'
        Dismount-ZfsNfsDatastore vh1 vol0 -WhatIf -WarningVariable said -WarningAction SilentlyContinue
        "$said" | Should -Match 'does not answer on vh1'
        Rename-Item "$nas/10.99.0.11/export/away" vol0
    }

    It 'stops within a second while hosts hang, and says how to go on' {
        Mount-ZfsNfsDatastore vh1 vol4 10.99.0.11 /export/vol4 | Out-Null
        Reset-EsxSimCount $sim
        Invoke-RestMethod -SkipCertificateCheck "$($sim.Base)/esxsim/fault?method=CreateNasDatastore&delay=600000&count=2" | Out-Null
        $stopped = Stop-InTheMiddle $sim "Mount-ZfsNfsDatastore vh1, vh2, vh3 vol4 10.99.0.11 /export/vol4" { (Get-EsxSimCount $sim).calls.CreateNasDatastore -eq 2 }
        $stopped.EndedBefore | Should -BeFalse
        $stopped.Milliseconds | Should -BeLessThan 1000
        "$($stopped.Said)" | Should -Match 'may be carried on by the server: vh2: Mount .*vh3: Mount .*run the same command again'
        Mount-ZfsNfsDatastore $three vol4 10.99.0.11 /export/vol4 | Should -HaveCount 3
    }
}
