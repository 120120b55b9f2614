# Every type of ours as a table in a window of 80 columns: all columns are there and no row takes two lines.
BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    $views = [xml](Get-Content -Raw (Join-Path (Split-Path $ModulePath) 'ZfsEsx.Format.ps1xml'))
    $tables = $views.Configuration.ViewDefinitions.View | Where-Object TableControl | ForEach-Object {
        @{ Type = $_.ViewSelectedBy.TypeName; Labels = @($_.TableControl.TableHeaders.TableColumnHeader.Label) }
    }
}

Describe 'Tables at 80 columns' {
    BeforeAll {
        . $PSScriptRoot/common.ps1
        # As long as what people meet: FQDNs, disk ids, several addresses.
        $samples = @{
            'ZfsEsx.ZfsEsxServer' = @{ Name = 'vcenter.example.org:8443'; User = 'administrator@vsphere.local'; Version = '8.0.3.0'; IsConnected = $true; OwnSession = $false }
            'ZfsEsx.Os.ZfsHost' = @{ Name = 'uss1.storage.example.org'; System = 'OpenSolaris'; Release = 'Debian GNU/Linux 12 (bookworm)'; ZfsVersion = '2.1.11-1+deb12u1'; UserName = 'zfsadmin'; NfsServer = 'kernel' }
            'ZfsEsx.Os.ZfsHostCheck' = @{ ZfsHost = 'uss1'; Check = 'ChannelPrograms'; Status = 'Warning'; Found = 'running, not after a boot, versions 3 4 4.1 4.2'; Wanted = 'running, now and after a boot, with version 3'; Advice = 'Run systemctl enable --now nfs-server on it.' }
            'ZfsEsx.Os.ZfsDisk' = @{ ZfsHost = 'uss1'; Name = '/dev/disk/by-id/ata-Samsung_SSD_870_EVO_4TB_S6PNNJ0R600000A'; Device = '/dev/nvme10n1'; Size = [ZfsEsx.ByteSize][long](999.99 * 1GB); Model = 'Samsung SSD 870 EVO'; Serial = 'S6PNNJ0R600000A'; InUse = 'pool sp1-archive' }
            'ZfsEsx.Os.ZfsHostNetwork' = @{ ZfsHost = 'uss1'; Interface = 'enp11s0f1'; Mac = '00:50:56:80:12:34'; Addresses = [string[]]('10.99.0.11/24', 'fe80::250:56ff:fe80:1234/64'); Mtu = 9000; Up = $true; Management = $false }
            'ZfsEsx.Os.ZfsHostName' = @{ ZfsHost = 'uss1'; HostName = 'uss1.storage.example.org'; NameServers = [string[]]('192.168.100.53', '192.168.100.54'); Entries = @([pscustomobject]@{ Name = 'uss2'; Address = '10.99.0.12' }, [pscustomobject]@{ Name = 'uss3'; Address = '10.99.0.13' }) }
            'ZfsEsx.Zfs.Zpool' = [ZfsEsx.Zfs.Zpool]@{ ZfsHost = 'uss1'; Name = 'sp1-archive-of-the-department'; State = 'SUSPENDED'; Size = [ZfsEsx.ByteSize][long](1020.25 * 1GB); Free = [ZfsEsx.ByteSize][long](999.99 * 1GB); DedupRatio = 1.25; Log = [string[]]('/dev/disk/by-id/virtio-DDRdriveX1', '/dev/disk/by-id/virtio-DDRdriveX2') }
            'ZfsEsx.Zfs.ZfsNfsShare' = @{ ZfsHost = 'uss1'; FileSystem = 'sp1/nas/department/vol0'; MountPoint = '/export/uss1-nas-department-vol0'; Clients = [string[]]('10.99.0.101', '10.99.0.102', '10.99.0.103'); Mounted = $true }
            'ZfsEsx.Esx.VmDirectPathDevice' = [ZfsEsx.Esx.VmDirectPathDevice]@{ VMHost = 'esx01.example.org'; Id = '0000:02:00.0'; Device = 'LSI2308_2 PCI-Express Fusion-MPT SAS-2'; VendorId = '1000'; DeviceId = '0087'; Active = $true; UsedBy = [string[]]('VMFS datastore LocalDS_1', 'boot device') }
            'ZfsEsx.Esx.EncapsulatedStorageVm' = @{ Name = 'storage-vm-of-esx01'; VMHost = 'esx01.example.org'; PowerState = 'poweredOff'; Memory = [ZfsEsx.ByteSize][long](127.25 * 1GB); StartOrder = 10; DirectPath = @([pscustomobject]@{ Id = '0000:02:00.0' }, [pscustomobject]@{ Id = '0000:04:00.0' }) }
            'ZfsEsx.Esx.EncapsulatedStorageNetwork' = @{ VMHost = 'esx01.example.org'; Switch = 'vSwitch-storage'; Uplinks = [string[]]('vmnic4', 'vmnic5'); Mtu = 9000; VmkernelPort = 'vmk10'; IPAddress = '192.168.150.101' }
            'ZfsEsx.Esx.ZfsNfsDatastore' = [ZfsEsx.Esx.ZfsNfsDatastore]@{ Name = 'uss1-nas-vol0'; VMHost = 'esx01.example.org'; RemoteHost = '192.168.150.111'; RemotePath = '/export/uss1-nas-vol0'; NfsVersion = '4.1'; Capacity = [ZfsEsx.ByteSize][long](999.99 * 1GB); FreeSpace = [ZfsEsx.ByteSize][long](999.99 * 1GB); Mounted = $true }
            'ZfsEsx.Esx.EncapsulatedHostService' = @{ VMHost = 'esx01.example.org'; State = 'Evacuating'; StorageVM = 'storage-vm-of-esx01'; StorageVMPower = 'poweredOff'; Shares = 'uss1-nas-vol0'; Moved = 'app1, app2, database' }
            'ZfsEsx.Esx.EncapsulatedHostServiceVm' = @{ Name = 'application-server-1'; VMHost = 'esx02.example.org'; Datastore = 'uss2-nas-vol0'; HomeHost = 'esx01.example.org'; HomeDatastore = 'uss1-nas-vol0' }
            'ZfsEsx.Esx.StorageVmDisk' = @{ Name = 'Hard disk 10'; Capacity = [ZfsEsx.ByteSize][long](999.99 * 1GB); Format = 'EagerZeroedThick'; Datastore = 'local-of-esx01.example.org'; DeviceNode = 'SCSI 0:15'; File = '[local] uss1/uss1_10.vmdk' }
            'ZfsEsx.Esx.StorageVmAdapter' = @{ Name = 'Network adapter 2'; Type = 'Vmxnet3'; MacAddress = '00:50:56:90:58:1b'; Network = 'eSAN-VM-of-department'; IPAddress = [string[]]('10.99.0.11', 'fe80::250:56ff:fe90:581b') }
            'ZfsEsx.Zfs.ImportableZpool' = @{ ZfsHost = 'uss1'; Name = 'sp1-archive-of-the-department'; Id = '12345678901234567890'; State = 'DEGRADED'; LastHost = 'uss2.storage.example.org'; OtherSystem = $true; LogMissing = $false }
            'ZfsEsx.Zfs.ZpoolScrub' = @{ ZfsHost = 'uss1'; Name = 'sp1-archive'; Last = [pscustomobject]@{ Time = [datetime]'2026-01-02T03:04:00' }; Schedule = 'monthly'; Next = [datetime]'2026-02-02T03:04:00' }
            'ZfsEsx.Zfs.ZpoolCheck' = @{ ZfsHost = 'uss1'; Name = 'sp1-archive'; Check = 'SectorSize'; Status = 'Warning'; Found = 'ashift 9 on three of four disks'; Wanted = 'ashift 12 everywhere' }
            'ZfsEsx.Zfs.StorageMeasurement' = @{ ZfsHost = 'uss1'; FileSystem = 'sp1/nas/vol0'; Via = 'Pool'; Workload = 'Write512'; Log = 'Bypassed'; ReadIops = 1040420.4; WriteIops = 1038491.2; ReadBytesPerSecond = 5300000000; WriteBytesPerSecond = 19707392; ReadMsP99 = 12345.6; WriteMsP99 = 0.912; LimitedBy = 'ClientProcessor' }
            'ZfsEsx.Replication.ZfsReplicationTrust' = @{ Source = 'uss1.storage'; Neighbour = 'uss2.storage'; UserName = 'zfsadm'; Address = '192.168.150.112'; InOrder = $false; Missing = [string[]]('key', 'authorized key', 'host key') }
            'ZfsEsx.Replication.ZfsRingReplication' = @{ ZfsHost = 'uss1'; FileSystem = 'sp1/nas'; Neighbour = 'uss2'; Replica = 'sp2/replica/uss1/nas'; Result = 'Succeeded'; Lag = [timespan]'00:05:00'; NextRun = [datetimeoffset]'2026-01-02T03:04:00Z' }
            'ZfsEsx.Replication.ZfsRingCheck' = @{ ZfsHost = 'uss1'; Neighbour = 'uss2'; Check = 'ForcedCommand'; Status = 'Warning'; Found = 'the snapshots of sp1/nas/department are 3 h old'; Wanted = 'not older than 30 minutes' }
            'ZfsEsx.Replication.ZfsRingHistory' = @{ ZfsHost = 'uss1'; Neighbour = 'uss2'; Day = [datetime]'2026-01-02'; Cycles = 1440; Failures = 1440; Sent = [ZfsEsx.ByteSize][long](999.99 * 1GB); LongestDuration = [timespan]'23:59:59'; LongestLag = [timespan]'99.23:59:59' }
            'ZfsEsx.Zfs.ZfsNfsShareCheck' = @{ ZfsHost = 'uss1'; FileSystem = 'sp1/nas/department'; Check = 'Snapshots'; Status = 'Warning'; Found = '10.99.0.101, 10.99.0.102, 10.99.0.103'; Wanted = '10.99.0.101, 10.99.0.102' }
            'ZfsEsx.Zfs.ZfsArc' = @{ ZfsHost = 'storage-vm-1'; Memory = [ZfsEsx.ByteSize][long](127.25 * 1GB); Size = [ZfsEsx.ByteSize][long](99.25 * 1GB); Max = [ZfsEsx.ByteSize][long](100.25 * 1GB); Kept = [ZfsEsx.ByteSize][long](100.25 * 1GB); Recommended = [ZfsEsx.ByteSize][long](100.25 * 1GB) }
            'ZfsEsx.Replication.ZfsReplicaClone' = @{ ZfsHost = 'uss2'; Name = 'sp2/clones/uss1-nas-vol0'; Snapshot = 'zfsesx-20260102030405'; MountPoint = '/export/clones/uss1-nas-vol0'; Mounted = $true; Options = 'rw=@10.99.0.101:10.99.0.102' }
            'ZfsEsx.Failover.ZfsReplicaFailover' = @{ Source = 'uss1'; Mode = 'Unplanned'; State = 'FailedOver'; MinutesLost = 12.3; Seconds = 123.4; VMs = [string[]]('app1 On', 'db-of-the-department On', 'web1 On') }
            'ZfsEsx.Failover.FailoverStep' = @{ Target = 'uss2: sp2/failover/uss1/nas/vol0'; Action = 'Clone the newest snapshot of sp2/replica/uss1/nas/vol0'; Seconds = 12.3 }
            'ZfsEsx.Failover.FailoverVm' = @{ Name = 'db-of-the-department (failover)'; State = 'NotRegistered'; VMHost = 'vh2.example.org'; Datastore = 'uss1-nas-vol0'; Problem = 'The host is away.' }
            'ZfsEsx.Failover.FailoverFileSystem' = @{ FileSystem = 'nas/vol0'; Datastore = 'uss1-nas-vol0'; Snapshot = 'zfsesx-20261122T150523Z'; CloneName = 'sp2/failover/uss1/nas/vol0' }
        }
    }

    It 'shows <Type>' -ForEach $tables {
        $sample = $samples[$Type]
        $sample | Should -Not -BeNullOrEmpty -Because "$Type has a view and needs a sample here"
        if ($sample -is [hashtable]) {
            $sample = [pscustomobject]$sample
            $sample.PSObject.TypeNames.Insert(0, $Type)
        }

        $lines = @(($sample, $sample | Format-Table | Out-String -Width 80) -split '\r?\n' | Where-Object { $_ -ne '' })
        $lines | ForEach-Object { $_.TrimEnd().Length | Should -BeLessOrEqual 80 -Because $_ }
        $first = 0..($lines.Count - 1) | Where-Object { $lines[$_] -match '^\s*-+ +-+' }
        $header = $lines[$first - 1]
        foreach ($label in $Labels) { $header | Should -Match "(^|\s)$([regex]::Escape($label))(\s|$)" }
        foreach ($number in 'Size', 'Free', 'FreeSpace', 'Memory', 'Capacity' | Where-Object { $sample.$_ }) {
            $lines[-1] | Should -BeLike "* $($sample.$number) *" -Because 'a number that is cut off is another number'
        }

        # Two objects, two lines.
        $lines.Count - $first - 1 | Should -Be 2 -Because ($lines -join "`n")
    }

    It 'keeps the key of a session out of lists' {
        $server = [pscustomobject]@{ Name = 'vc'; SessionSecret = 'abcdef0123' }
        $server.PSObject.TypeNames.Insert(0, 'ZfsEsx.ZfsEsxServer')
        $server | Format-List | Out-String | Should -Not -Match 'abcdef0123'
    }
}

Describe 'Lists in our objects' -Skip:(-not (Get-EsxSim)) {
    BeforeAll {
        . $PSScriptRoot/common.ps1
        $sim = Start-EsxSim
        Connect-EsxSim $sim | Out-Null
    }
    AfterAll { Disconnect-ZfsEsxServer *; Stop-EsxSim $sim }

    It 'can be counted and taken apart, because they are arrays' {
        'vh1' | New-EncapsulatedStorageNetwork -Uplink vmnic1 -IPAddress 10.99.0.101 -WarningAction SilentlyContinue | Out-Null
        $objects = @(Get-EncapsulatedStorageVm 'debian*'; Get-VmDirectPath -All; Get-EncapsulatedStorageNetwork)
        $objects.Count | Should -BeGreaterThan 20
        foreach ($property in $objects | ForEach-Object { $_.PSObject.Properties } | Where-Object { $_.Value -is [Collections.IEnumerable] -and $_.Value -isnot [string] -and $_.Value -isnot [Collections.IDictionary] }) {
            $property.Value -is [array] | Should -BeTrue -Because "$($property.Name) is $($property.Value.GetType())"
        }
    }
}
