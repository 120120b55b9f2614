# A storage VM worked on by a plain user with sudo, on the ring that Lab.Tests.ps1 has built before (files run in the order of
# their names).
BeforeDiscovery {
    $noLab = -not $env:ZFSESX_LAB_JSON
    if ($noLab) { Write-Host 'ZFSESX_LAB_JSON is not set: the tests over the lab are skipped.' }
}

Describe 'A plain user with sudo' -Skip:$noLab {
    BeforeAll {
        . $PSScriptRoot/common.ps1
        $lab = Get-Content $env:ZFSESX_LAB_JSON -Raw | ConvertFrom-Json
        $node = $lab.nodes[0]
        $way = @{ HostName = '127.0.0.1'; Port = $node.sshPort; HostKey = $node.hostKey; ConnectTimeout = 60 }
        $text = "S3cret 'with`" `$(touch /pwned) ä"
        $credential = [pscredential]::new('admin', (ConvertTo-SecureString $text -AsPlainText -Force))
        $root = Connect-ZfsHost @way -Name root -UserName root -KeyFile $lab.sshKey
        function Invoke-OnGuest([string] $script, [string] $argument) {
            $answer = $root.Shell.RunAsync([ZfsEsx.Shell.RemoteCommand]::Script($script, @($argument)), [Threading.CancellationToken]::None).GetAwaiter().GetResult()
            if (-not $answer.Succeeded) { throw $answer.Complaint }
            $answer.Output
        }
        Invoke-OnGuest 'useradd -m -s /bin/sh admin && printf "admin:%s\n" "$1" | chpasswd && echo "admin ALL=(ALL) ALL" >/etc/sudoers.d/admin' $text
    }
    AfterAll {
        if ($root) { Invoke-OnGuest 'rm -f /etc/sudoers.d/admin; userdel -r admin 2>/dev/null; exit 0' '' }
        Get-ZfsHost | Disconnect-ZfsHost
    }

    It 'becomes root with the password of the login, and does everything' {
        $uss = Connect-ZfsHost @way -Name $node.vm -Credential $credential
        $uss.UserName | Should -Be 'admin'
        $uss.Elevation | Should -Be 'Sudo'
        (Get-ZfsDisk $uss | Where-Object InUse -like '*(log)').Serial | Should -BeLike 'DDRdrive*'
        (Get-EncapsulatedZpool $uss).State | Should -Be 'ONLINE'
        $share = Get-ZfsNfsShare $uss | Where-Object FileSystem -like '*/vol0'
        $share | Set-ZfsNfsShare -MountPoint $share.MountPoint -Client $share.Clients -Verbose 4>&1 | Should -BeLike 'Nothing to change*'
        $checks = Test-ZfsHost $uss
        $checks.Status | Should -Not -Contain 'Failed'
        ($checks | Where-Object Check -eq Rights).Found | Should -Be 'root by sudo'
        Invoke-OnGuest 'ls /pwned 2>/dev/null; exit 0' '' | Should -BeNullOrEmpty
    }

    It 'is told what is wrong with the password for sudo' {
        $wrong = [pscredential]::new('admin', (ConvertTo-SecureString 'wr0ng' -AsPlainText -Force))
        Connect-ZfsHost @way -Name other -Credential $credential -SudoCredential $wrong -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'SudoPasswordRefused,*'
        $failure[0].CategoryInfo.Category | Should -Be 'PermissionDenied'
        "$($failure[0].Exception)" | Should -Not -Match 'wr0ng|S3cret'
    }

    It 'is warned when nothing makes it root, and reads what it may' {
        Invoke-OnGuest 'rm /etc/sudoers.d/admin' ''
        $uss = Connect-ZfsHost @way -Name other -Credential $credential -WarningVariable said -WarningAction SilentlyContinue
        $said | Should -BeLike 'other: admin has no root*Test-ZfsHost*'
        $uss.Elevation | Should -Be 'None'
        Test-ZfsHost $uss -Quiet | Should -BeFalse
        Get-ZfsDisk $uss -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ElevationRefused,*'
    }
}
