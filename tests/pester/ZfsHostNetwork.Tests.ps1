# Addresses and names of a storage VM through the cmdlets, on the ring that Lab.Tests.ps1 has built before.
BeforeDiscovery {
    $noLab = -not $env:ZFSESX_LAB_JSON
    if ($noLab) { Write-Host 'ZFSESX_LAB_JSON is not set: the tests over the lab are skipped.' }
}

Describe 'Network and names of a storage VM' -Skip:$noLab {
    BeforeAll {
        . $PSScriptRoot/common.ps1
        $lab = Get-Content $env:ZFSESX_LAB_JSON -Raw | ConvertFrom-Json
        $node = $lab.nodes[0]
        $uss = Connect-ZfsHost 127.0.0.1 -Port $node.sshPort -Name $node.vm -UserName root -KeyFile $lab.sshKey -HostKey $node.hostKey -ConnectTimeout 60
        $management = Get-ZfsHostNetwork $uss | Where-Object Management
    }
    AfterAll { Get-ZfsHost | Disconnect-ZfsHost }

    It 'tells who keeps an interface, and its gateway' {
        $management.KeptBy | Should -Be 'ifupdown'
        $management.Gateway | Should -Be '10.0.2.2'
        $management.Addresses | Should -Be '10.0.2.15/24'
    }

    It 'shows with -WhatIf what it would do, and does nothing' {
        $management | Set-ZfsHostNetwork -IPAddress 10.0.2.15/24 -Mtu 1400 -WhatIf
        (Get-ZfsHostNetwork $uss $management.Interface).Mtu | Should -Be $management.Mtu
        Set-ZfsHostName $uss -NameServer 10.0.0.53 -SearchDomain storage.example.org -WhatIf
        (Get-ZfsHostName $uss).NameServers | Should -Not -Contain '10.0.0.53'
    }

    It 'takes back what would lock everybody out, and says so' {
        $management | Set-ZfsHostNetwork -IPAddress 10.0.2.99/24 -RollBackAfter 00:00:15 -Confirm:$false -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'NetworkRolledBack,*' -Because "$($failure[0])"
        $failure[0].ErrorDetails.RecommendedAction | Should -BeLike '*-RollBackAfter*'
        (Get-ZfsHostNetwork $uss $management.Interface).Addresses | Should -Be $management.Addresses
    }

    It 'refuses <Why>' -ForEach @(
        @{ Why = 'an interface that is none'; With = @{ IPAddress = '10.0.2.15/24'; Interface = 'lo' }; Id = 'InterfaceNotFound' }
        @{ Why = 'a gateway of another network'; With = @{ IPAddress = '10.0.2.15/24'; Gateway = '10.99.0.1'; Interface = 'eth0' }; Id = 'InvalidAddress' }
        @{ Why = 'a route that is none'; With = @{ IPAddress = '10.0.2.15/24'; Route = @{ '$(reboot)' = '10.0.2.1' }; Interface = 'eth0' }; Id = 'InvalidAddress' }
        @{ Why = 'a time too short'; With = @{ IPAddress = '10.0.2.15/24'; RollBackAfter = [timespan]'00:00:01'; Interface = 'eth0' }; Id = 'InvalidAddress' }
    ) {
        Set-ZfsHostNetwork $uss @With -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike "$Id,*"
    }

    It 'refuses name servers and domains that are none: <_>' -ForEach '$(reboot)', '10.0.0.300', "10.0.0.1`n10.0.0.2" {
        Set-ZfsHostName $uss -NameServer $_ -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'InvalidAddress,*'
        Set-ZfsHostName $uss -SearchDomain $_ -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'InvalidHostName,*'
    }

    It 'does nothing where all is so' {
        Set-ZfsHostName $uss -HostName (Get-ZfsHostName $uss).HostName -Verbose 4>&1 | Should -BeLike 'Nothing to change*'
    }
}
