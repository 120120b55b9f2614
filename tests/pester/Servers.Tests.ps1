BeforeDiscovery { . $PSScriptRoot/common.ps1; $noSimulator = -not (Get-EsxSim) }

# Two vCenter Servers with hosts of the same names and the same references: nothing may ever land on the wrong one.
Describe 'Several servers' -Skip:$noSimulator {
    BeforeAll {
        . $PSScriptRoot/common.ps1
        $a = Start-EsxSim '-host', '2'
        $b = Start-EsxSim '-host', '3'
        $network = @{ Switch = 'eSAN'; Uplink = 'vmnic1'; IPAddress = '10.99.0.101' }
    }
    AfterAll { Disconnect-ZfsEsxServer *; Stop-EsxSim $a; Stop-EsxSim $b }
    BeforeEach {
        Connect-EsxSim $a | Out-Null
        Connect-EsxSim $b | Out-Null
        Reset-EsxSimCount $a
        Reset-EsxSimCount $b
    }
    AfterEach { Disconnect-ZfsEsxServer * }

    It 'refuses objects of one server with another as -Server' {
        $hostOfA = Get-VmDirectPath vh1 -Server $a.Server | Select-Object -First 1
        foreach ($form in $hostOfA, ($hostOfA | Copy-AsRemote), (New-VMHostObject $hostOfA (New-VIServer $a)), (New-VMHostObject $hostOfA (New-VIServer $a)).ExtensionData) {
            New-EncapsulatedStorageNetwork -VMHost $form @network -Server $b.Server -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
            $failure[0].FullyQualifiedErrorId | Should -BeLike 'WrongServer,*'
            $failure[0].Exception.Message | Should -BeLike "*$($a.Server)*$($b.Server)*"
        }

        (Get-EsxSimCount $a).changing + (Get-EsxSimCount $b).changing | Should -Be 0
    }

    It 'refuses a template and a device of another server' {
        $hostOfB = Get-VmDirectPath vh1 -Server $b.Server | Select-Object -First 1
        $template = [pscustomobject]@{ Name = 'debian-zfs'; Server = $a.Server }
        $hostOfB | New-EncapsulatedStorageVm -Name x -Template $template -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'WrongServer,*'
        $deviceOfA = Get-VmDirectPath vh1 'DDRdrive X1' -Server $a.Server
        $deviceOfA | Add-VmDirectPath -VM debian-zfs -Server $b.Server -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'WrongServer,*'
        (Get-EsxSimCount $a).changing + (Get-EsxSimCount $b).changing | Should -Be 0
    }

    It 'refuses objects of a server that it is not connected to' {
        $devices = Get-VmDirectPath vh1 -Server $a.Server
        Disconnect-ZfsEsxServer $a.Server
        $devices | Enable-VmDirectPath -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'WrongServer,*'
        (Get-EsxSimCount $b).changing | Should -Be 0
    }

    It 'asks which server when a name is on both, and takes the one that has it when only one has' {
        'vh1' | New-EncapsulatedStorageNetwork @network -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ServerAmbiguous,*'
        $failure[0].ErrorDetails.RecommendedAction | Should -Match '-Server'
        (Get-EsxSimCount $a).changing + (Get-EsxSimCount $b).changing | Should -Be 0
        (Get-VmDirectPath vh3).Server | Select-Object -Unique | Should -Be $b.Server
        'nobody' | Get-VmDirectPath -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ObjectNotFound,*'
    }

    It 'never takes an id to be on either of two' {
        $id = (Get-VmDirectPath vh1 -Server $a.Server)[0].VMHostId
        (Get-VmDirectPath vh1 -Server $b.Server)[0].VMHostId | Should -Be $id
        Get-VmDirectPath $id -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ServerAmbiguous,*'
        Get-VmDirectPath $id -Server $b.Server | Select-Object -First 1 -ExpandProperty Server | Should -Be $b.Server
    }

    It 'never takes a server to be one of two that are called the same' {
        Get-VmDirectPath vh1 -Server 127.0.0.1 -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ServerAmbiguous,*'
    }

    It 'changes only the server of each object when both come through one pipeline' {
        $both = @(Get-VmDirectPath vh1 'DDRdrive X1' -Server $a.Server; Get-VmDirectPath vh2 'DDRdrive X1' -Server $b.Server)
        $done = $both | Enable-VmDirectPath -PassThru -WarningAction SilentlyContinue
        $done | ForEach-Object { "$($_.Server) $($_.VMHost)" } | Sort-Object | Should -Be (@("$($a.Server) vh1", "$($b.Server) vh2") | Sort-Object)
        (Get-EsxSimCount $a).changingCalls.UpdatePassthruConfig | Should -Be 1
        (Get-EsxSimCount $b).changingCalls.UpdatePassthruConfig | Should -Be 1
        (Get-VmDirectPath vh2 'DDRdrive X1' -Server $a.Server).Enabled | Should -BeFalse
        (Get-VmDirectPath vh1 'DDRdrive X1' -Server $b.Server).Enabled | Should -BeFalse
    }

    It 'reads from all servers when nothing is named' {
        (Get-VmDirectPath -Device 'DDRdrive X1' | ForEach-Object { "$($_.Server) $($_.VMHost)" } | Sort-Object) |
            Should -Be (@("$($a.Server) vh1", "$($a.Server) vh2", "$($b.Server) vh1", "$($b.Server) vh2", "$($b.Server) vh3") | Sort-Object)
        Get-VmDirectPath 'vh[23]' 'DDRdrive X1' -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        (Get-VmDirectPath 'VH*' 'DDRdrive X1' -Server $a.Server).VMHost | Should -Be 'vh1', 'vh2'
        (Get-VmDirectPath 'vh?' 'DDRdrive X1').Count | Should -Be 5
        Get-VmDirectPath 'x*' | Should -BeNullOrEmpty
        @() | Get-VmDirectPath | Should -BeNullOrEmpty
        { Get-EncapsulatedStorageNetwork; Get-ZfsNfsDatastore; Get-EncapsulatedStorageVm } | Should -Not -Throw
        (Get-EncapsulatedStorageVm 'debian*').Count | Should -Be 2
    }

    It 'changes nothing for a wildcard' {
        'vh*' | New-EncapsulatedStorageNetwork @network -Server $a.Server -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ObjectNotFound,*'
        $failure[0].ErrorDetails.RecommendedAction | Should -Match 'wildcards'
        (Get-EsxSimCount $a).changing | Should -Be 0
    }

    It 'goes on with the other servers when one does not answer' {
        Invoke-RestMethod -SkipCertificateCheck "$($a.Base)/esxsim/away?ms=600000" | Out-Null
        $read = Get-VmDirectPath -Device 'DDRdrive X1' -ErrorVariable failure -ErrorAction SilentlyContinue
        $read.Server | Select-Object -Unique | Should -Be $b.Server
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ServerBusy,*'
        # A name found on the other server could be on this one as well.
        Get-VmDirectPath vh3 -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        Reset-EsxSimCount $a
    }

    It 'borrows both sessions of PowerCLI and ends neither' {
        Disconnect-ZfsEsxServer *
        Reset-EsxSimCount $a
        Reset-EsxSimCount $b
        $global:DefaultVIServers = @(New-VIServer $a; New-VIServer $b)
        try {
            foreach ($server in $global:DefaultVIServers) {
                $sim = @($a, $b | Where-Object { $_.Url -eq "$($server.ServiceUri)" })[0]
                Connect-ZfsEsxServer -VIServer $server -Thumbprint $sim.Thumbprint | Out-Null
            }

            (Get-VmDirectPath -Device 'DDRdrive X1').Count | Should -Be 5
            Get-VmDirectPath vh1 -Server $global:DefaultVIServers[1] | Select-Object -First 1 -ExpandProperty Server | Should -Be $b.Server
            'vh1' | New-EncapsulatedStorageNetwork @network -Server $global:DefaultVIServers[0] | Should -Not -BeNullOrEmpty
            Disconnect-ZfsEsxServer *
            Remove-Module ZfsEsx
            Import-Module $ModulePath
            foreach ($sim in $a, $b) {
                $calls = (Get-EsxSimCount $sim).calls
                $calls.Logout, $calls.TerminateSession | Should -Be $null, $null
                (Get-EsxSimCount $sim).sessions | Should -BeGreaterThan 0
                # What we watched with is gone, and PowerCLI's own collector was never used for waiting.
                $calls.CreatePropertyCollector | Should -Be $calls.DestroyPropertyCollector
            }
        }
        finally { Remove-Variable DefaultVIServers -Scope Global }
    }

    It 'uses the new session after PowerCLI has logged in again' {
        Disconnect-ZfsEsxServer *
        $global:DefaultVIServers = @(New-VIServer $a)
        try {
            Connect-ZfsEsxServer -VIServer $global:DefaultVIServers[0] -Thumbprint $a.Thumbprint | Out-Null
            Get-VmDirectPath vh1 | Should -Not -BeNullOrEmpty
            Invoke-RestMethod -SkipCertificateCheck "$($a.Base)/esxsim/expire" | Out-Null
            Get-VmDirectPath vh1 -ErrorVariable failure -ErrorAction SilentlyContinue
            $failure[0].FullyQualifiedErrorId | Should -BeLike 'NotAuthenticated,*'
            $failure[0].ErrorDetails.RecommendedAction | Should -Match 'Connect-VIServer'
            $global:DefaultVIServers = @(New-VIServer $a)
            Get-VmDirectPath vh1 | Should -Not -BeNullOrEmpty
        }
        finally { Remove-Variable DefaultVIServers -Scope Global }
    }

    It 'logs in again once when its own session has run out' {
        Invoke-RestMethod -SkipCertificateCheck "$($a.Base)/esxsim/expire" | Out-Null
        Get-VmDirectPath vh1 -Server $a.Server | Should -Not -BeNullOrEmpty
        (Get-EsxSimCount $a).calls.Login | Should -Be 1
    }

    It 'completes names of <Parameter>, quoted where needed' -ForEach @(
        @{ Parameter = 'hosts'; Line = 'Get-VmDirectPath v'; Wanted = 'vh1' }
        @{ Parameter = 'hosts of one server'; Line = 'Get-VmDirectPath -Server {0} -VMHost v'; Wanted = 'vh2'; Not = 'vh3' }
        @{ Parameter = 'VMs'; Line = 'Get-EncapsulatedStorageVm deb'; Wanted = 'debian-zfs' }
        @{ Parameter = 'datastores'; Line = 'New-EncapsulatedStorageVm -Datastore Local'; Wanted = 'LocalDS_1' }
        @{ Parameter = 'networks'; Line = "New-EncapsulatedStorageVm -ManagementNetwork 'VM"; Wanted = "'VM Network'" }
        @{ Parameter = 'devices'; Line = 'Get-VmDirectPath vh1 DDR'; Wanted = "'DDRdrive X1'" }
        @{ Parameter = 'addresses'; Line = 'Add-VmDirectPath -VM x -Id 0000:04'; Wanted = "'0000:04:00.0'" }
    ) {
        $text = $Line -f "'$($a.Server)'"
        # What a loaded machine does not read in time is there at the next key press.
        $limit = [datetime]::UtcNow.AddSeconds(60)
        do { $found = (TabExpansion2 $text $text.Length).CompletionMatches.CompletionText } until ($found -contains $Wanted -or [datetime]::UtcNow -gt $limit)
        $found | Should -Contain $Wanted
        if ($Not) { $found | Should -Not -Contain $Not }
    }

    It 'completes nothing, without an error and soon, when a server hangs' {
        foreach ($sim in $a, $b) { Invoke-RestMethod -SkipCertificateCheck "$($sim.Base)/esxsim/fault?method=CreateContainerView&fault=HANG&count=-1" | Out-Null }
        $line = 'Get-VmDirectPath zz'
        $Error.Clear()
        # It waits 0.9 s; the rest is what a loaded machine may take.
        (Measure-Command { $script:found = TabExpansion2 $line $line.Length }).TotalSeconds | Should -BeLessThan 5
        $found.CompletionMatches | Should -BeNullOrEmpty
        $Error | Should -BeNullOrEmpty
        Reset-EsxSimCount $a; Reset-EsxSimCount $b
    }
}

Describe 'A server that is not as it should be' -Skip:$noSimulator {
    BeforeAll {
        . $PSScriptRoot/common.ps1
        $sim = Start-EsxSim
        function Connect-Again { Connect-ZfsEsxServer $sim.Server -Credential $sim.Credential -Thumbprint $sim.Thumbprint -ErrorVariable script:failure -ErrorAction SilentlyContinue }
    }
    AfterAll { Disconnect-ZfsEsxServer * -ErrorAction Ignore; Stop-EsxSim $sim }
    AfterEach { Reset-EsxSimCount $sim }

    It 'takes the SHA-1 thumbprint too, and says what is none' {
        $sha1 = (Get-Content "$($sim.Folder)/env" | Where-Object { $_ -like 'VCSIM_THUMBPRINT=*' }) -replace '^.*='
        (Connect-ZfsEsxServer $sim.Server -Credential $sim.Credential -Thumbprint $sha1.Replace(':', '').ToLower()).IsConnected | Should -BeTrue
        Connect-ZfsEsxServer $sim.Server -Credential $sim.Credential -Thumbprint '5E:0C' -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'InvalidThumbprint,*'
    }

    It 'warns when the certificate is not checked, and does not do both' {
        Connect-ZfsEsxServer $sim.Server -Credential $sim.Credential -SkipCertificateCheck -WarningVariable warning -WarningAction SilentlyContinue | Out-Null
        "$warning" | Should -Match 'not checked.*-Thumbprint'
        { Connect-ZfsEsxServer $sim.Server -Credential $sim.Credential -SkipCertificateCheck -Thumbprint $sim.Thumbprint } |
            Should -Throw -ErrorId 'AmbiguousParameterSet,*'
    }

    It 'says <Id> when <What>' -ForEach @(
        @{ What = 'services are starting'; Fault = 'fault=503'; Id = 'ServerBusy'; Words = 'HTTP 503' }
        @{ What = 'it sends on'; Fault = 'fault=REDIRECT&text=https://other.example/sdk'; Id = 'ServerRedirects'; Words = 'other.example' }
        @{ What = 'the connection ends'; Fault = 'fault=DROP'; Id = 'ServerUnreachable'; Words = 'cannot be reached' }
    ) {
        Invoke-RestMethod -SkipCertificateCheck "$($sim.Base)/esxsim/fault?method=RetrieveServiceContent&$Fault" | Out-Null
        Connect-Again | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -BeLike "$Id,*"
        $failure[0].Exception.Message | Should -Match $Words
        $failure[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }

    It 'says that the certificate has changed, and shows the new thumbprint' {
        Connect-Again | Should -Not -BeNullOrEmpty
        $new = (Invoke-RestMethod -SkipCertificateCheck "$($sim.Base)/esxsim/certificate").Trim()
        Get-VmDirectPath vh1 -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'CertificateNotTrusted,*'
        $failure[0].Exception.Message | Should -Match $new
        $failure[0].CategoryInfo.Category | Should -Be 'SecurityError'
        $sim.Thumbprint = $new
        Connect-Again -WarningAction SilentlyContinue | Should -Not -BeNullOrEmpty
        Get-VmDirectPath vh1 | Should -Not -BeNullOrEmpty
    }

    It 'says that nobody is there' {
        Disconnect-ZfsEsxServer *
        Connect-ZfsEsxServer 127.0.0.1:9 -Credential $sim.Credential -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ServerUnreachable,*'
        $failure[0].Exception.Message | Should -Match '127\.0\.0\.1:9'
    }
}
