# An sshd of this machine's on the loopback address, for whoever runs the tests.
function Start-Sshd {
    # The port may be taken between asking for it and using it.
    param($Sshd)
    for ($try = 0; $try -lt 5; $try++) {
        $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
        $listener.Start(); $Sshd.Port = $listener.LocalEndpoint.Port; $listener.Stop()
        Set-Content "$($Sshd.Folder)/sshd_config" (@(
            'ListenAddress 127.0.0.1', "Port $($Sshd.Port)", "HostKey $($Sshd.Folder)/host", 'PidFile none', 'UsePAM no', 'StrictModes no', 'PermitRootLogin yes'
            "AuthorizedKeysFile $($Sshd.Folder)/authorized_keys") + $Sshd.Option)
        $Sshd.Process = Start-Process /usr/sbin/sshd -ArgumentList '-D', '-f', "$($Sshd.Folder)/sshd_config", '-E', "$($Sshd.Folder)/log" -PassThru
        $limit = [datetime]::UtcNow.AddSeconds(20)
        while (-not $Sshd.Process.HasExited -and [datetime]::UtcNow -lt $limit) {
            try { [Net.Sockets.TcpClient]::new('127.0.0.1', $Sshd.Port).Dispose(); return } catch { Start-Sleep -Milliseconds 50 }
        }
    }
    throw "sshd does not start: $(Get-Content "$($Sshd.Folder)/log")"
}

function New-Sshd {
    # -Program: what is found before the system's own programs, as name and sh script; files in their folder are in $d.
    param([hashtable] $Program = @{})
    $folder = (New-Item -ItemType Directory (Join-Path ([IO.Path]::GetTempPath()) ('sshd-' + [guid]::NewGuid().ToString('N')))).FullName
    foreach ($key in 'host', 'id') { ssh-keygen -q -t ed25519 -N '' -f "$folder/$key" }
    Copy-Item "$folder/id.pub" "$folder/authorized_keys"
    if ((id -u) -eq 0) { New-Item -ItemType Directory -Force /run/sshd | Out-Null }
    $bin = (New-Item -ItemType Directory "$folder/bin").FullName
    foreach ($name in $Program.Keys) {
        Set-Content "$bin/$name" "#!/bin/sh`nd=$bin`n$($Program[$name])"
        chmod 755 "$bin/$name"
    }
    $sshd = @{
        Folder = $folder; Bin = $bin; Port = 0; Process = $null; Print = ((ssh-keygen -lf "$folder/host.pub") -split ' ')[1]
        Option = @(if ($Program.Count) { "SetEnv PATH=${bin}:/usr/bin:/bin" })
    }
    Start-Sshd $sshd
    $sshd
}

function Get-SshdLogin {
    param($Sshd)
    @{ Port = $Sshd.Port; UserName = [Environment]::UserName; KeyFile = "$($Sshd.Folder)/id"; HostKey = $Sshd.Print; ConfigFile = '/dev/null' }
}

function Remove-Sshd {
    param($Sshd)
    if (-not $Sshd.Process.HasExited) { $Sshd.Process.Kill($true) }
    # Its sessions write to their log as long as they live.
    for ($try = 0; (Test-Path $Sshd.Folder) -and $try -lt 20; $try++) {
        try { Remove-Item -Recurse -Force $Sshd.Folder -ErrorAction Stop } catch [IO.IOException] { Start-Sleep -Milliseconds 250 }
    }
    $Sshd.Folder | Should -Not -Exist
}
