# From bare hosts to a ring, over the lab's real guests: ZFSESX_LAB_JSON is the file that
#   dotnet run --project tests/ZfsEsx.Lab -- up --json FILE
# writes. Without it these tests are skipped, and counted so.
BeforeDiscovery {
    $noLab = -not $env:ZFSESX_LAB_JSON
    if ($noLab) { Write-Host 'ZFSESX_LAB_JSON is not set: the tests over the lab are skipped.' }
}

Describe 'A ring over the lab' -Skip:$noLab {
    BeforeAll {
        . $PSScriptRoot/common.ps1
        $lab = Get-Content $env:ZFSESX_LAB_JSON -Raw | ConvertFrom-Json
        $uri = [uri]$lab.vim
        $sim = [pscustomobject]@{
            Url = $lab.vim; Base = $lab.vim -replace '/sdk$'; Server = $uri.Authority; Thumbprint = $lab.thumbprint
            Credential = [pscredential]::new($lab.user, (ConvertTo-SecureString $lab.password -AsPlainText -Force))
        }
        $numbers = $lab.nodes.number
        $vmHosts = $lab.nodes.host
        $vms = $lab.nodes.vm
        $clients = $vmHosts | ForEach-Object { "$_-nas" }
        $first = $vms[0]; $next = $vms[1]

        # As beside PowerCLI: objects that look like its own, and its session borrowed.
        $server = New-VIServer $sim
        $global:DefaultVIServers = @($server)
        Connect-ZfsEsxServer -VIServer $server -Thumbprint $lab.thumbprint | Out-Null
        $esx = Get-VmDirectPath $vmHosts -Device 'DDRdrive X1' | New-VMHostObject -VIServer $server

        function Get-WhatIfLine([scriptblock] $Do) {
            $file = Join-Path ([IO.Path]::GetTempPath()) ('whatif-' + [guid]::NewGuid().ToString('N'))
            Start-Transcript $file -UseMinimalHeader | Out-Null
            try { & $Do | Out-Null } finally { Stop-Transcript | Out-Null }
            Get-Content $file | Where-Object { $_ -like 'What if: *' } | ForEach-Object { $_ -replace '^What if: ' }
            Remove-Item $file
        }

        function Open-StorageVm {
            foreach ($node in $lab.nodes) {
                $limit = [datetime]::UtcNow.AddSeconds(240)
                do {
                    $open = Connect-ZfsHost 127.0.0.1 -Port $node.sshPort -Name $node.vm -UserName root -KeyFile $lab.sshKey -HostKey $node.hostKey -ConnectTimeout 60 -ErrorAction SilentlyContinue -ErrorVariable failure
                    if (-not $open) { Start-Sleep -Milliseconds 500 }
                } until ($open -or [datetime]::UtcNow -gt $limit)
                if (-not $open) { throw $failure[-1] }
                $open
            }
        }
    }
    AfterAll {
        Get-ZfsHost | Disconnect-ZfsHost
        Disconnect-ZfsEsxServer *
        Remove-Variable DefaultVIServers -Scope Global
    }

    It 'passes the log devices through' {
        $esx | Get-VmDirectPath | Where-Object Device -like '*DDRdrive*' | Enable-VmDirectPath -Reboot
        (Get-VmDirectPath $vmHosts -Device 'DDRdrive X1').Active | Should -Not -Contain $false
    }

    It 'makes the storage network' {
        $made = $esx | New-EncapsulatedStorageNetwork -Switch eSAN -Uplink vmnic1 -IPAddress ($numbers | ForEach-Object { "10.99.0.$(100 + $_)" }) -SubnetMask 255.255.255.0 -Mtu 9000
        $made.VMHost | Should -Be $vmHosts
    }

    It 'makes the storage VMs with their devices and switches them on' {
        $esx | New-EncapsulatedStorageVm -Name $vms -Template debian-zfs -Memory 768MB -NumCpu 1 -DataDisk 8GB | Should -HaveCount $vms.Count
        foreach ($node in $lab.nodes) {
            $node.host | Get-VmDirectPath | Where-Object Device -like '*DDRdrive*' | Add-VmDirectPath -VM $node.vm -DisableMsi
        }
        (Set-EncapsulatedStorageVm $vms -PowerState On -PassThru).PowerState | Select-Object -Unique | Should -Be 'poweredOn'
        (Get-EncapsulatedStorageVm $vms).MemoryReserved | Should -Not -Contain $false
    }

    It 'refuses a storage VM with another host key' {
        { Connect-ZfsHost 127.0.0.1 -Port $lab.nodes[0].sshPort -Name wrong -UserName root -KeyFile $lab.sshKey -HostKey ('SHA256:' + 'A' * 43) -ErrorAction Stop } | Should -Throw
        Get-ZfsHost wrong -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'NotConnected,*'
    }

    It 'connects to the storage VMs' {
        $open = Open-StorageVm
        $open.Name | Should -Be $vms
        $open.Elevation | Select-Object -Unique | Should -Be 'Root'
        Test-ZfsHost $vms -Quiet | Should -Not -Contain $false
        (Get-ZfsHost).Name | Should -Be $vms
    }

    It 'sets names and addresses' {
        $names = @{}
        foreach ($n in $numbers) { $names["vh$n-nas"] = "10.99.0.$(100 + $n)"; $names["uss$n-nas"] = "10.99.0.$(10 + $n)" }
        $vms | Set-ZfsHostName -Entry $names
        foreach ($node in $lab.nodes) {
            $mac = ((Get-EncapsulatedStorageVm $node.vm).Adapters | Where-Object Network -eq 'eSAN-VM').MacAddress
            $set = Set-ZfsHostNetwork $node.vm -MacAddress $mac -IPAddress $node.storageAddress -SubnetMask 255.255.255.0 -Mtu 9000 -PassThru
            $set.Address | Should -Be $node.storageAddress
        }
    }

    It 'refuses a disk in use, and nothing has changed' {
        $system = Get-ZfsDisk $first | Where-Object InUse | Select-Object -First 1
        New-EncapsulatedZpool -ZfsHost $first -Name bad -Disk $system -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure[0].CategoryInfo.Category | Should -Be 'ResourceBusy' -Because "$($failure[0])"
        Get-EncapsulatedZpool $first -Name bad -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
    }

    It 'takes a name for what it is: <_>' -ForEach '$(touch /tmp/pwned)', 'a;b', "a'b", "a`nb" {
        New-EncapsulatedZpool -ZfsHost $first -Name $_ -Disk vdb -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'InvalidPoolName,*'
    }

    It 'makes the pools with their log device' {
        foreach ($node in $lab.nodes) {
            $disk = Get-ZfsDisk $node.vm
            $pool = New-EncapsulatedZpool -ZfsHost $node.vm -Name "sp$($node.number)" -Disk ($disk | Where-Object Size -eq 8GB) -Log ($disk | Where-Object Serial -like 'DDRdrive*')
            $pool.State | Should -Be 'ONLINE'
            $pool.Log | Should -HaveCount 1
        }
        (Get-EncapsulatedZpool $vms).Name | Should -Be ($numbers | ForEach-Object { "sp$_" })
    }

    It 'refuses a disk of a pool whatever -Force says' {
        $used = Get-ZfsDisk $first | Where-Object InUse -like '*sp1*' | Select-Object -First 1
        New-EncapsulatedZpool -ZfsHost $first -Name bad -Disk $used -Force -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'DiskInUse,*'
        Get-EncapsulatedZpool $first -Name bad -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
    }

    It 'shares only to clients whose names resolve' {
        Set-ZfsNfsShare -ZfsHost $first -FileSystem sp1/nas/other -MountPoint /export/other -Client nobody-nas -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ClientNameNotResolved,*'
        Get-ZfsNfsShare $first -FileSystem sp1/nas/other -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
    }

    It 'shares and mounts on all hosts' {
        foreach ($node in $lab.nodes) {
            $share = Set-ZfsNfsShare -ZfsHost $node.vm -FileSystem "sp$($node.number)/nas/vol0" -MountPoint "/export/$($node.vm)-nas-vol0" -Client $clients -PassThru
            $share.Clients | Sort-Object | Should -Be ($clients | Sort-Object)
            $mounted = $esx | Mount-ZfsNfsDatastore -Name "$($node.vm)-nas-vol0" -RemoteHost $node.storageAddress -RemotePath $share.MountPoint
            $mounted.VMHost | Should -Be $vmHosts
            # A host may take a moment until it calls a new mount accessible.
            $limit = [datetime]::UtcNow.AddSeconds(60)
            do { $seen = $esx | Get-ZfsNfsDatastore -Name "$($node.vm)-nas-vol0" } until ($seen.Accessible -notcontains $false -or [datetime]::UtcNow -gt $limit)
            $seen.Accessible | Should -Be @($vmHosts | ForEach-Object { $true })
        }
    }

    It 'trusts, replicates and shows it' {
        ($vms | New-ZfsReplicationTrust).InOrder | Should -Not -Contain $false
        $vms | Start-ZfsRingReplication -Every 00:05 -RunFirst
        $state = $vms | Get-ZfsRingReplication
        ($state | Where-Object FileSystem -like '*/vol0').ZfsHost | Sort-Object -Unique | Should -Be $vms
        $state.Result | Select-Object -Unique | Should -Be 'Ok'
        $state.Lag | ForEach-Object { $_.TotalMinutes | Should -BeLessThan 10 }
        ($vms | Invoke-ZfsRingReplication -Only $first).Result | Select-Object -Unique | Should -Be 'Ok'
    }

    It 'makes a clone of a replica and mounts it' {
        $clone = Get-ZfsHost $vms | Get-ZfsRingReplication | Where-Object FileSystem -eq 'sp1/nas/vol0' | New-ZfsReplicaClone -MountPoint "/export/$first-clone" -Client $clients
        $clone.ZfsHost | Should -Be $next
        $clone.Mounted | Should -BeTrue
        ($esx | Mount-ZfsNfsDatastore -Name "$first-clone" -RemoteHost $lab.nodes[1].storageAddress -RemotePath $clone.MountPoint).Mounted | Should -Not -Contain $false
        $esx | Get-ZfsNfsDatastore -Name "$first-clone" | Dismount-ZfsNfsDatastore -Confirm:$false
        Get-ZfsReplicaClone $next | Where-Object Name -eq $clone.Name | Remove-ZfsReplicaClone -Confirm:$false
        Get-ZfsReplicaClone $next | Where-Object Name -eq $clone.Name | Should -BeNullOrEmpty
    }

    It 'shows, makes and removes a clone as a datastore' {
        $replica = "sp$($numbers[1])/replica/$first/nas/vol0"
        Get-WhatIfLine { New-ZfsReplicaClone $next $replica -VMHost $vmHosts[1] -Register -WhatIf } | Should -HaveCount 5
        New-ZfsReplicaClone $next $replica -VMHost $vmHosts[1] -Register | Should -HaveCount 1
        Get-WhatIfLine { New-ZfsReplicaClone $next $replica -VMHost $vmHosts[1] -Register -WhatIf } | Should -BeNullOrEmpty
        (Get-ZfsNfsDatastore $vmHosts[1] -Name "$first-nas-vol0-clone").Accessible | Should -BeTrue
        Get-WhatIfLine { Get-ZfsReplicaClone $next | Remove-ZfsReplicaClone -WhatIf } | Should -HaveCount 2
        Get-ZfsReplicaClone $next | Remove-ZfsReplicaClone -Confirm:$false
        Get-ZfsReplicaClone $next | Should -BeNullOrEmpty
        Get-ZfsNfsDatastore $vmHosts[1] -Name "$first-nas-vol0-clone" -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
    }

    It 'tests a failover, and refuses the real one while the source answers' {
        Get-WhatIfLine { $vmHosts[1] | Start-ZfsReplicaFailover $first $next -AsTest -WhatIf } | Should -Contain "Performing the operation `"Unmount it from all hosts`" on target `"stand-in test-$first-nas-vol0`"."
        $report = $vmHosts[1] | Start-ZfsReplicaFailover $first $next -AsTest
        $report.Mode | Should -Be 'Test'
        $report.MinutesLost | Should -BeLessThan 30
        $report.Steps.Error | Where-Object { $_ } | Should -BeNullOrEmpty
        $vmHosts[1] | Start-ZfsReplicaFailover $first $next -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'SourceAnswers,*'
        Get-WhatIfLine { $vmHosts[1] | Start-ZfsReplicaFailover $first $next -Planned -WhatIf } | Should -Not -BeNullOrEmpty
        # Nothing has failed over: nothing to bring back, nothing to undo.
        Get-WhatIfLine { $vmHosts | Complete-ZfsReplicaFailover $first $next -WhatIf } | Should -BeNullOrEmpty
        Get-WhatIfLine { $vmHosts | Undo-ZfsReplicaFailover $first $next -WhatIf } | Should -BeNullOrEmpty
    }

    It 'has nothing to do the second time' {
        Reset-EsxSimCount $sim
        $said = & {
            $esx | Get-VmDirectPath | Where-Object Device -like '*DDRdrive*' | Enable-VmDirectPath -Reboot -Verbose
            $esx | New-EncapsulatedStorageVm -Name $vms -Template debian-zfs -Memory 768MB -NumCpu 1 -DataDisk 8GB -Verbose
            Set-ZfsNfsShare -ZfsHost $first -FileSystem sp1/nas/vol0 -MountPoint "/export/$first-nas-vol0" -Client $clients -Verbose
            $vms | New-ZfsReplicationTrust -Verbose
            $vms | Start-ZfsRingReplication -Every 00:05 -Verbose
        } 4>&1 | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] } | ForEach-Object Message
        # One plan for the hosts, one for the VMs, one for the share, one for each trust, one for the ring.
        $said | Where-Object { $_ -like 'Nothing to change*' } | Should -HaveCount (4 + $vms.Count)
        (Get-EsxSimCount $sim).changing | Should -Be 0
    }

    It 'ends a cmdlet that waits for a storage VM within a second' {
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript({ param($module, $hosts) Import-Module $module; 1..200 | ForEach-Object { $hosts | Get-ZfsDisk } }).AddArgument($ModulePath).AddArgument(@(Get-ZfsHost))
            $run = $shell.BeginInvoke()
            Start-Sleep -Milliseconds 2000
            $run.IsCompleted | Should -BeFalse
            (Measure-Command { $shell.Stop() }).TotalMilliseconds | Should -BeLessThan 1500
        }
        finally { $shell.Dispose() }
        # The connection itself has survived, or says that it has not.
        Get-ZfsHost | Disconnect-ZfsHost
        Open-StorageVm | Out-Null
        Get-ZfsDisk $first | Should -Not -BeNullOrEmpty
    }
}
