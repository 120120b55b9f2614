BeforeDiscovery { . $PSScriptRoot/common.ps1; $noSimulator = -not (Get-EsxSim) }

Describe 'Connections to vSphere' -Skip:$noSimulator {
    BeforeAll {
        . $PSScriptRoot/common.ps1
        $sim = Start-EsxSim
    }
    AfterAll { Disconnect-ZfsEsxServer *; Stop-EsxSim $sim }
    AfterEach { Disconnect-ZfsEsxServer * }

    It 'logs in with a pinned certificate and out again' {
        $server = Connect-EsxSim $sim
        $server.Name | Should -Be $sim.Server
        $server.IsConnected | Should -BeTrue
        $server.OwnSession | Should -BeTrue
        $server.Uid | Should -Match '^/VIServer=.+@127\.0\.0\.1:\d+/$'
        (Get-ZfsEsxServer).Name | Should -Be $sim.Server
        Disconnect-ZfsEsxServer $server
        $server.IsConnected | Should -BeFalse
        $server.SessionSecret | Should -BeNullOrEmpty
        Get-ZfsEsxServer | Should -BeNullOrEmpty
        (Get-EsxSimCount $sim).sessions | Should -Be 0
    }

    It 'refuses a certificate that nobody has vouched for, and shows its thumbprint' {
        { Connect-ZfsEsxServer $sim.Server -Credential $sim.Credential -ErrorAction Stop } |
            Should -Throw -ErrorId 'CertificateNotTrusted,*' -ExpectedMessage "*$($sim.Thumbprint)*"
    }

    It 'refuses another certificate than the pinned one' {
        { Connect-ZfsEsxServer $sim.Server -Credential $sim.Credential -Thumbprint ('00:' * 31 + '00') -ErrorAction Stop } |
            Should -Throw -ErrorId 'CertificateNotTrusted,*'
    }

    It 'says that the password is wrong, with category and advice' {
        $wrong = [pscredential]::new('somebody', (ConvertTo-SecureString 'wrong' -AsPlainText -Force))
        Connect-ZfsEsxServer $sim.Server -Credential $wrong -SkipCertificateCheck -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -Be 'InvalidLogin,ZfsEsx.Commands.ConnectZfsEsxServerCommand'
        $failure[0].CategoryInfo.Category | Should -Be 'PermissionDenied'
        $failure[0].TargetObject | Should -Be $sim.Server
        "$($failure[0].Exception)" | Should -Not -Match 'wrong.*password:'
    }

    It 'says that there is no connection and what to do' {
        Get-VmDirectPath vh1 -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'NoServer,*'
        $failure[0].ErrorDetails.RecommendedAction | Should -Match 'Connect-ZfsEsxServer'
    }

    It 'replaces a connection to the same server' {
        $first = Connect-EsxSim $sim
        Connect-EsxSim $sim | Out-Null
        @(Get-ZfsEsxServer).Count | Should -Be 1
        $first.IsConnected | Should -BeFalse
    }

    It 'never shows the session key in a table or list by accident' {
        $server = Connect-EsxSim $sim
        ($server | Out-String) | Should -Not -Match $server.SessionSecret
    }

    It 'completes names of connections' {
        Connect-EsxSim $sim | Out-Null
        $line = 'Disconnect-ZfsEsxServer 127'
        (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Contain ("'" + $sim.Server + "'")
    }

    Context 'PowerCLI' {
        BeforeEach { $global:DefaultVIServers = @(New-VIServer $sim) }
        AfterEach { Remove-Variable DefaultVIServers -Scope Global }

        It 'borrows a session only when its certificate is vouched for, and says how to do that' {
            Get-VmDirectPath vh1 -ErrorVariable failure -ErrorAction SilentlyContinue
            $failure[0].FullyQualifiedErrorId | Should -BeLike 'CertificateNotTrusted,*'
            $failure[0].ErrorDetails.RecommendedAction | Should -Match 'Connect-ZfsEsxServer -VIServer'
        }

        It 'borrows a session and never ends it' {
            $borrowed = Connect-ZfsEsxServer -VIServer $global:DefaultVIServers[0] -Thumbprint $sim.Thumbprint
            $borrowed.OwnSession | Should -BeFalse
            Get-VmDirectPath vh1 | Should -Not -BeNullOrEmpty
            Disconnect-ZfsEsxServer *
            (Get-EsxSimCount $sim).sessions | Should -BeGreaterThan 0
            Connect-ZfsEsxServer -VIServer $global:DefaultVIServers[0] -SkipCertificateCheck -WarningAction SilentlyContinue | Out-Null
            Get-VmDirectPath vh1 | Should -Not -BeNullOrEmpty
        }

        It 'says that a session of PowerCLI has run out' {
            Connect-ZfsEsxServer -VIServer $global:DefaultVIServers[0] -SkipCertificateCheck -WarningAction SilentlyContinue | Out-Null
            Invoke-RestMethod -SkipCertificateCheck "$($sim.Base)/esxsim/expire" | Out-Null
            Get-VmDirectPath vh1 -ErrorVariable failure -ErrorAction SilentlyContinue
            $failure[0].ErrorDetails.RecommendedAction | Should -Match 'Connect-VIServer'
        }
    }

    It 'asks which server when two could be meant' {
        $other = Start-EsxSim
        try {
            Connect-EsxSim $sim | Out-Null
            Connect-EsxSim $other | Out-Null
            Get-VmDirectPath vh1 -ErrorVariable failure -ErrorAction SilentlyContinue
            $failure[0].FullyQualifiedErrorId | Should -BeLike 'ServerAmbiguous,*'
            Get-VmDirectPath vh1 -Server $other.Server | Should -Not -BeNullOrEmpty
            Get-VmDirectPath vh1 -Server (Get-ZfsEsxServer $sim.Server) | Select-Object -First 1 -ExpandProperty Server | Should -Be $sim.Server
            # Output finds the way back to its own server.
            Get-VmDirectPath vh1 -Server $other.Server | Get-VmDirectPath | Select-Object -First 1 -ExpandProperty Server | Should -Be $other.Server
        }
        finally { Disconnect-ZfsEsxServer *; Stop-EsxSim $other }
    }
}
