# Connections to storage VMs, over an sshd of this machine's on the loopback address.
BeforeDiscovery { $noServer = -not (Test-Path /usr/sbin/sshd) }

Describe 'Connections to storage VMs' -Skip:$noServer {
    BeforeAll {
        . $PSScriptRoot/common.ps1
        . $PSScriptRoot/sshd.ps1
        $sshd = New-Sshd
        $login = Get-SshdLogin $sshd
        function New-Adapter([string] $network, [string[]] $address) {
            $made = [ZfsEsx.Esx.StorageVmAdapter]::new('Network adapter', 'Vmxnet3', '00:50:56:00:00:01', $network)
            $made.IPAddress = $address
            $made
        }
    }
    AfterAll {
        Get-ZfsHost | Disconnect-ZfsHost
        Remove-Sshd $sshd
    }
    AfterEach { Get-ZfsHost | Disconnect-ZfsHost }

    It 'connects by name, and a table''s rows say the rest' {
        (Connect-ZfsHost 127.0.0.1 @login -Name uss1).Name | Should -Be 'uss1'
        $row = [pscustomobject]$login | Select-Object *, @{ n = 'HostName'; e = { '127.0.0.1' } }, @{ n = 'Name'; e = { 'uss2' } } -ExcludeProperty ConfigFile
        ($row | ConvertTo-Csv | ConvertFrom-Csv | Connect-ZfsHost -ConfigFile /dev/null).Name | Should -Be 'uss2'
        (Get-ZfsHost).Name | Should -Be 'uss1', 'uss2'
    }

    It 'takes a storage VM from the pipeline: <Case>' -ForEach @(
        @{ Case = 'ours'; VM = { [pscustomobject]@{ Name = 'uss1'; VMId = 'VirtualMachine-vm-1'; Adapters = @((New-Adapter 'eSAN-VM' '169.254.1.1', 'fe80::1'), (New-Adapter 'VM Network' '127.0.0.1')) } } }
        @{ Case = 'a copy of ours'; VM = { [pscustomobject]@{ Name = 'uss1'; Adapters = @(New-Adapter 'VM Network' '127.0.0.1') } | Copy-AsJson } }
        @{ Case = 'PowerCLI''s'; VM = { [pscustomobject]@{ Name = 'uss1'; PowerState = 'PoweredOn'; Guest = [pscustomobject]@{ IPAddress = @('10.255.255.1'); Nics = @([pscustomobject]@{ NetworkName = 'VM Network'; IPAddress = @('127.0.0.1') }) } } } }
        @{ Case = 'PowerCLI''s without adapters'; VM = { [pscustomobject]@{ Name = 'uss1'; Guest = [pscustomobject]@{ IPAddress = @('fe80::1', '127.0.0.1') } } } }
        @{ Case = 'one whose first address does not answer'; VM = { [pscustomobject]@{ Name = 'uss1'; Adapters = @((New-Adapter 'eSAN-VM' '127.0.0.2'), (New-Adapter 'VM Network' '127.0.0.1')) } } }
    ) {
        $open = & $VM | Connect-ZfsHost @login
        $open.Name | Should -Be 'uss1'
        $open.System | Should -Be 'Linux'
    }

    It 'takes our own type whole' {
        $vm = [ZfsEsx.Esx.EncapsulatedStorageVm]@{ Name = 'uss7'; VMId = 'VirtualMachine-vm-7'; VMHost = 'vh7'; VMHostId = 'HostSystem-host-7'; PowerState = 'poweredOn'; Adapters = [ZfsEsx.Esx.StorageVmAdapter[]]@(New-Adapter 'VM Network' '127.0.0.1') }
        ($vm | Connect-ZfsHost @login).Name | Should -Be 'uss7'
        (Connect-ZfsHost -VM $vm @login -Name other).Name | Should -Be 'other'
    }

    It 'chooses the network, and says what a VM has when that is not there' {
        $vm = [pscustomobject]@{ Name = 'uss1'; Adapters = @((New-Adapter 'eSAN-VM' '127.0.0.2'), (New-Adapter 'VM Network' '127.0.0.1')) }
        ($vm | Connect-ZfsHost @login -Network 'VM*').Name | Should -Be 'uss1'
        $vm | Connect-ZfsHost @login -Network eSAN-VM -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ConnectionRefused,*'
        $vm | Connect-ZfsHost @login -Network other -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'NoGuestAddress,*'
        "$($failure[0])" | Should -Match '127\.0\.0\.2 on eSAN-VM, 127\.0\.0\.1 on VM Network'
    }

    It 'says why a VM has no address: <Why>' -ForEach @(
        @{ Why = 'switched off'; VM = [pscustomobject]@{ Name = 'uss1'; PowerState = 'poweredOff'; Adapters = @() } }
        @{ Why = 'VMware Tools'; VM = [pscustomobject]@{ Name = 'uss1'; PowerState = 'poweredOn'; Adapters = @() } }
    ) {
        $VM | Connect-ZfsHost @login -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'NoGuestAddress,*'
        "$($failure[0])" | Should -Match $Why
        $failure[0].ErrorDetails.RecommendedAction | Should -Match 'Connect-ZfsHost .+ -Name uss1'
    }

    It 'goes on with the others when one does not answer' {
        $open = [pscustomobject]@{ Name = 'dead'; Address = '127.0.0.2' }, [pscustomobject]@{ Name = 'uss1'; Address = '127.0.0.1' } |
            Connect-ZfsHost @login -ErrorVariable failure -ErrorAction SilentlyContinue
        $open.Name | Should -Be 'uss1'
        $failure[0].TargetObject | Should -Be 'dead'
    }

    It 'refuses what ssh could misread: <_>' -ForEach '-oProxyCommand=touch /tmp/zfsesx-pwned', 'a b', '$(touch /tmp/zfsesx-pwned)', "a`nb", 'a;b' {
        Connect-ZfsHost $_ @login -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'InvalidSshOption,*'
        Test-Path /tmp/zfsesx-pwned | Should -BeFalse
    }

    It 'refuses a password that ssh cannot be given, and shows it nowhere' {
        $odd = [pscredential]::new('somebody', (ConvertTo-SecureString "S3cret`nx" -AsPlainText -Force))
        Connect-ZfsHost 127.0.0.1 -Port $sshd.Port -HostKey $sshd.Print -Credential $odd -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'InvalidPassword,*'
        "$($failure[0].Exception)" | Should -Not -Match 'S3cret'
    }

    It 'says what is there, what is missing and what would install it' {
        $open = Connect-ZfsHost 127.0.0.1 @login -Name uss1
        $checks = Test-ZfsHost $open
        $checks.Check | Should -Be 'Connection', 'System', 'Rights', 'Zfs', 'Resume', 'Bookmarks', 'ChannelPrograms', 'RawSend', 'Delegation', 'Time', 'TimeZone', 'NfsServer', 'Cron', 'Memory', 'Programs'
        $checks | ForEach-Object { ($_.Status -eq 'Passed') -eq ($_.Advice -eq '') | Should -BeTrue -Because $_.Check }
        ($checks | Where-Object Check -eq Time).Status | Should -Be 'Passed'
        ($checks | Where-Object Check -eq TimeZone).Status | Should -Be 'Passed'
        (Test-ZfsHost -Quiet) | Should -BeOfType bool
        (Test-ZfsHost -Quiet) | Should -Be ($checks.Status -notcontains 'Failed')
        $checks | Where-Object Status -ne Passed | ConvertTo-Json | Should -Match 'Advice'
    }

    It 'says that a storage VM does not answer any more' {
        $open = Connect-ZfsHost 127.0.0.1 @login -Name uss1
        $sshd.Process.Kill($true); $sshd.Process.WaitForExit(10000) | Out-Null
        try {
            $limit = [datetime]::UtcNow.AddSeconds(30)
            do { $checks = @(Test-ZfsHost $open) } until ($checks.Count -eq 1 -or [datetime]::UtcNow -gt $limit)
            $checks[0].Check | Should -Be 'Connection'
            $checks[0].Status | Should -Be 'Failed'
            Test-ZfsHost $open -Quiet | Should -BeFalse
        }
        finally { Start-Sshd $sshd; $login.Port = $sshd.Port }
    }
}
