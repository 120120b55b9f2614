# Shares and the ARC through the cmdlets, on the ring that Lab.Tests.ps1 has built before (files run in the order of their names).
BeforeDiscovery {
    $noLab = -not $env:ZFSESX_LAB_JSON
    if ($noLab) { Write-Host 'ZFSESX_LAB_JSON is not set: the tests over the lab are skipped.' }
}

Describe 'Shares of the ring' -Skip:$noLab {
    BeforeAll {
        . $PSScriptRoot/common.ps1
        $lab = Get-Content $env:ZFSESX_LAB_JSON -Raw | ConvertFrom-Json
        $uri = [uri]$lab.vim
        Connect-ZfsEsxServer $uri.Authority -Credential ([pscredential]::new($lab.user, (ConvertTo-SecureString $lab.password -AsPlainText -Force))) -Thumbprint $lab.thumbprint | Out-Null
        foreach ($node in $lab.nodes[0, 1]) {
            $null = Connect-ZfsHost 127.0.0.1 -Port $node.sshPort -Name $node.vm -UserName root -KeyFile $lab.sshKey -HostKey $node.hostKey -ConnectTimeout 60
        }
        $uss = Get-ZfsHost $lab.nodes[0].vm
        $next = Get-ZfsHost $lab.nodes[1].vm
        $vmHosts = $lab.nodes.host
        $share = Get-ZfsNfsShare $uss | Where-Object FileSystem -like 'sp?/nas/*' | Select-Object -First 1
    }
    AfterAll {
        Get-ZfsHost | Disconnect-ZfsHost
        Disconnect-ZfsEsxServer *
    }

    It 'changes what is named and leaves the rest' {
        Get-WhatIf { $share | Set-ZfsNfsShare -RefQuota 1GB -WhatIf } | Should -HaveCount 1
        $set = $share | Set-ZfsNfsShare -RefQuota 1GB -PassThru
        $set.Options | Should -Be $share.Options
        $set.Clients | Should -Be $share.Clients
        $share | Set-ZfsNfsShare -RefQuota 1GB -Verbose 4>&1 | Should -BeLike 'Nothing to change*'
        $share | Set-ZfsNfsShare -RefQuota 0
    }

    It 'says plainly what sync=disabled means' {
        $share | Set-ZfsNfsShare -Sync Disabled -WhatIf -WarningVariable said -WarningAction SilentlyContinue
        $said | Should -Match 'the last 5 to 30 seconds'
    }

    It 'compares the clients with the addresses of the hosts' {
        Set-ZfsNfsShare $uss $share.FileSystem -Client $share.Clients -VMHost $vmHosts -Verbose 4>&1 | Should -BeLike 'Nothing to change*'
        Set-ZfsNfsShare $uss $share.FileSystem -Client $share.Clients -VMHost $vmHosts[0] -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ClientIsNoHost,*'
        Set-ZfsNfsShare $uss $share.FileSystem -Client $share.Clients[0] -VMHost $vmHosts -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'HostIsNoClient,*'
        Set-ZfsNfsShare $uss $share.FileSystem -VMHost $vmHosts[0], 'nosuch' -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike '*NotFound,*'
        (Get-ZfsNfsShare $uss -FileSystem $share.FileSystem).Clients | Should -Be $share.Clients
    }

    It 'refuses what does not fit and what a shell would read' {
        foreach ($case in @(
                @{ Id = 'QuotaTooSmall'; With = @{ Quota = 1KB } }, @{ Id = 'NoSpace'; With = @{ RefReservation = 900GB } }
                @{ Id = 'InvalidProperty'; With = @{ Property = @{ sharenfs = 'on;reboot' } } }, @{ Id = 'InvalidMountPoint'; With = @{ MountPoint = '/export/$(id)' } }
                @{ Id = 'InvalidClientName'; With = @{ Client = "vh1`nvh2" } }, @{ Id = 'NotOnThisSystem'; With = @{ Compression = 'lzma' } })) {
            $with = $case.With
            Set-ZfsNfsShare $uss $share.FileSystem @with -ErrorVariable failure -ErrorAction SilentlyContinue
            $failure[0].FullyQualifiedErrorId | Should -BeLike "$($case.Id),*"
        }
    }

    It 'is got by clients and by nobody else' {
        $checks = $share | Test-ZfsNfsShare -VMHost $vmHosts -From $next
        $checks | Where-Object Status -eq 'Failed' | Should -BeNullOrEmpty
        ($checks | Where-Object Check -eq 'Outside').Found | Should -BeLike '*no client) was refused*'
        Test-ZfsNfsShare $uss -Quiet | Should -BeTrue
    }

    It 'limits the ARC now and for all restarts' {
        Set-ZfsArc $uss -Max 300MB -WhatIf
        (Get-ZfsArc $uss).Kept | Should -BeNullOrEmpty
        $arc = Set-ZfsArc $uss -Max 300MB -PassThru
        $arc.Max.Bytes, $arc.Kept.Bytes | Should -Be 300MB, 300MB
        Set-ZfsArc $uss -Max 300MB -Verbose 4>&1 | Should -BeLike 'Nothing to change*'
        Set-ZfsArc $uss -Max 1MB -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ArcTooSmall,*'
        (Set-ZfsArc $uss -PassThru).Max | Should -Be $arc.Recommended
    }
}
