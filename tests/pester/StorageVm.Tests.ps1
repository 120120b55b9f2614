BeforeDiscovery { . $PSScriptRoot/common.ps1; $noSimulator = -not (Get-EsxSim) }

Describe 'Storage VMs' -Skip:$noSimulator {
    BeforeAll {
        . $PSScriptRoot/common.ps1
        function Get-Planned {
            # What -WhatIf shows, as "target: action".
            param([scriptblock] $Work)
            $file = Join-Path $TestDrive ([guid]::NewGuid().ToString('N'))
            Start-Transcript $file | Out-Null
            try { & $Work @{ WhatIf = $true } | Should -BeNullOrEmpty } finally { Stop-Transcript | Out-Null }
            @(Select-String -Path $file -Pattern '^What if: Performing the operation "(.*)" on target "(.*)"\.$' |
                ForEach-Object { $_.Matches[0].Groups[2].Value + ': ' + $_.Matches[0].Groups[1].Value })
        }

        function Assert-WhatIfIsTheRun {
            # Nothing is called by -WhatIf, the real run does what it showed, and a second run does nothing.
            param([scriptblock] $Command)
            Reset-EsxSimCount $sim
            $planned = Get-Planned $Command
            (Get-EsxSimCount $sim).changing | Should -Be 0
            $planned | Should -Not -BeNullOrEmpty
            $said = & $Command @{ Verbose = $true } 4>&1
            # VMs are worked on side by side, so only each one's own steps are in order.
            @($said | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] } | ForEach-Object Message |
                Where-Object { $_ -in $planned } | Sort-Object) | Should -Be @($planned | Sort-Object)
            Reset-EsxSimCount $sim
            & $Command @{} | Out-Null
            (Get-EsxSimCount $sim).changing | Should -Be 0
            $said | Where-Object { $_ -isnot [System.Management.Automation.VerboseRecord] }
        }

        function New-VMObject {
            param([Parameter(ValueFromPipeline)] $Read)
            process { [VMware.VimAutomation.ViCore.Impl.V1.VirtualMachineImpl]@{ Name = $Read.Name; Id = $Read.VMId; Uid = "$($vi.Uid)VirtualMachine=$($Read.VMId)/" } }
        }

        $nas = Join-Path ([IO.Path]::GetTempPath()) ('nas-' + [guid]::NewGuid().ToString('N'))
        New-Item -ItemType Directory "$nas/10.99.0.11/export/uss1-nas-vol0" | Out-Null
        $sim = Start-EsxSim '-nas-root', $nas, '-tools'
        Connect-EsxSim $sim | Out-Null
        $vi = New-VIServer $sim
        'vh1', 'vh2', 'vh3' | New-EncapsulatedStorageNetwork -Switch eSAN -Uplink vmnic1 -IPAddress 10.99.0.101, 10.99.0.102, 10.99.0.103 -SubnetMask 255.255.255.0 | Out-Null
    }
    AfterAll {
        Disconnect-ZfsEsxServer *
        Stop-EsxSim $sim
        Remove-Item -Recurse -Force $nas
    }

    It 'makes one with a system disk of its own, of several disks, in one request' {
        $made = Assert-WhatIfIsTheRun {
            param($more)
            New-EncapsulatedStorageVm uss2 vh2 -SystemDisk 32GB -GuestId Debian -Firmware Efi -InstallationImage '[LocalDS_2] iso/debian-13.iso' -DataDisk 8GB, 16GB -DiskFormat EagerZeroedThick @more
        }
        $made.Firmware | Should -Be efi
        $made.GuestId | Should -BeLike 'debian1*_64Guest'
        $made.Disks.Capacity.Bytes | Should -Be 32GB, 8GB, 16GB
        $made.Disks.Format | Should -Be Thin, EagerZeroedThick, EagerZeroedThick
        $made.Disks.DeviceNode | Should -Be 'SCSI 0:0', 'SCSI 0:1', 'SCSI 0:2'
        $made.Adapters.Network | Should -Be 'VM Network', 'eSAN-VM'
        $made.Adapters.MacAddress | Select-Object -Unique | Should -HaveCount 2
    }

    It 'clones for hosts and from a template as PowerCLI has them' {
        $hosts = 'vh1', 'vh3' | Get-EncapsulatedStorageNetwork | New-VMHostObject -VIServer $vi
        $template = Get-EncapsulatedStorageVm debian-zfs | New-VMObject
        [VMware.VimAutomation.ViCore.Impl.V1.InventoryItemImpl]::Touched = 0
        $made = Assert-WhatIfIsTheRun {
            param($more)
            $hosts | New-EncapsulatedStorageVm uss1, uss3 -Template $template -DataDisk 8GB -Memory 1GB -GuestInfo @{ ip1 = '10.99.0.11' } -Server $vi @more
        }
        $made.Name | Should -Be uss1, uss3
        $made.VMHost | Should -Be vh1, vh3
        [VMware.VimAutomation.ViCore.Impl.V1.InventoryItemImpl]::Touched | Should -Be 0
    }

    It 'refuses <Id> before anything is made' -ForEach @(
        @{ Id = 'InvalidName'; Arguments = @{ Name = ' x'; Template = 'debian-zfs' } }
        @{ Id = 'DatastoreFull'; Arguments = @{ Name = 'x'; Template = 'debian-zfs'; DataDisk = '2TB'; DiskFormat = 'Thick' } }
        @{ Id = 'PortGroupNotFound'; Arguments = @{ Name = 'x'; Template = 'debian-zfs'; StorageNetwork = 'nowhere' } }
        @{ Id = 'GuestNotKnown'; Arguments = @{ Name = 'x'; SystemDisk = '8GB'; GuestId = 'os2Guest64' } }
        @{ Id = 'ImageNotFound'; Arguments = @{ Name = 'x'; SystemDisk = '8GB'; GuestId = 'Debian'; InstallationImage = '[LocalDS_1] iso/none.iso' } }
        @{ Id = 'FirmwareDiffers'; Arguments = @{ Name = 'uss1'; Template = 'debian-zfs'; Firmware = 'Efi' } }
        @{ Id = 'DatastoreCount'; Arguments = @{ Name = 'x'; Template = 'debian-zfs'; DataDisk = '8GB', '8GB', '8GB'; DataDatastore = 'LocalDS_1', 'LocalDS_1' } }
    ) {
        Reset-EsxSimCount $sim
        New-EncapsulatedStorageVm @Arguments -VMHost vh1 -WhatIf -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure.Count | Should -Be 1
        $failure[0].FullyQualifiedErrorId | Should -BeLike "$Id,*"
        $failure[0].TargetObject | Should -Not -BeNullOrEmpty
        (Get-EsxSimCount $sim).changing | Should -Be 0
    }

    It 'leaves out the host that does not fit, and makes the other' {
        $made = 'vh1', 'vh2' | New-EncapsulatedStorageVm uss1, uss2b -Template debian-zfs -DataDisk 4GB -Memory 1GB -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'DiskTooLarge,*'
        $made.Name | Should -Be uss2b
    }

    It 'advises more memory where storage is to be deduplicated' {
        New-EncapsulatedStorageVm x vh1 -Template debian-zfs -Deduplicated 2TB -WhatIf -WarningVariable said -WarningAction SilentlyContinue
        $said | Should -Match 'about 16 GB of memory'
    }

    It 'changes one that is off, given as a copy of what was read' {
        $copy = Get-EncapsulatedStorageVm uss1 | Copy-AsRemote
        $changed = Assert-WhatIfIsTheRun { param($more) $copy | Set-EncapsulatedStorageVm -Memory 2GB -NumCpu 3 -DataDisk 16GB, 1GB -PassThru @more }
        $changed.Memory | Should -Be 2GB
        $changed.NumCpu | Should -Be 3
        $changed.Disks.Capacity.Bytes | Should -Be 256MB, 16GB, 1GB
    }

    It 'switches on by id, says what cannot be changed while it runs, and shuts down' {
        $id = (Get-EncapsulatedStorageVm uss1).VMId
        $on = Assert-WhatIfIsTheRun { param($more) $id, 'uss3' | Set-EncapsulatedStorageVm -PowerState On -PassThru @more }
        $on.PowerState | Should -Be poweredOn, poweredOn
        $on.Tools | Should -Be Running, Running
        $on[0].Adapters.IPAddress | Should -Be '10.99.0.11'
        Set-EncapsulatedStorageVm uss1 -Memory 4GB -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].Exception.Message | Should -Match 'set 4 GB of memory'
        $failure[0].ErrorDetails.RecommendedAction | Should -Match 'Shut it down'
        (Set-EncapsulatedStorageVm uss3 -PowerState Off -PassThru).PowerState | Should -Be poweredOff
    }

    It 'puts it first in the start order, and the VMs on its share after it' {
        'vh1', 'vh2', 'vh3' | Mount-ZfsNfsDatastore -Name uss1-nas-vol0 -RemoteHost 10.99.0.11 -RemotePath /export/uss1-nas-vol0 | Out-Null
        New-EncapsulatedStorageVm app1 vh1 -Template debian-zfs -Datastore uss1-nas-vol0 -Memory 1GB | Set-EncapsulatedStorageVm -PowerState On
        $first = Assert-WhatIfIsTheRun { param($more) Get-EncapsulatedStorageVm uss1 | Set-EncapsulatedStorageVm -StartFirst -PassThru @more }
        $first.StartOrder | Should -Be 1
        (Get-EncapsulatedStorageVm app1).StartOrder | Should -Be 2
    }

    It 'brings a share back that was away' {
        Set-EncapsulatedStorageVm app1 -PowerState Off
        Move-Item "$nas/10.99.0.11/export/uss1-nas-vol0" "$nas/away"
        Update-ZfsNfsDatastore uss1-nas-vol0 -Timeout 0 -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'DatastoreInaccessible,*'
        (Get-EncapsulatedStorageVm app1).ConnectionState | Should -Be inaccessible
        Move-Item "$nas/away" "$nas/10.99.0.11/export/uss1-nas-vol0"
        $back = Assert-WhatIfIsTheRun { param($more) 'vh1', 'vh2' | Get-ZfsNfsDatastore -Name uss1* | Update-ZfsNfsDatastore -PowerOn -PassThru @more }
        $back.Accessible | Should -Be $true, $true, $true
        (Get-EncapsulatedStorageVm app1).PowerState | Should -Be poweredOn
    }
}

Describe 'Stopping a clone' -Skip:$noSimulator {
    BeforeAll {
        . $PSScriptRoot/common.ps1
        $sim = Start-EsxSim '-task-time', '6s'
        Connect-EsxSim $sim | Out-Null
        New-EncapsulatedStorageNetwork vh1 -IPAddress 10.99.0.101 -SubnetMask 255.255.255.0 | Out-Null
        $command = 'New-EncapsulatedStorageVm uss1 vh1 -Template debian-zfs -DataDisk 8GB'
    }
    AfterAll {
        Disconnect-ZfsEsxServer *
        Stop-EsxSim $sim
    }

    It 'ends within a second and says what goes on and how to go on; the next run finishes it' {
        $stopped = Stop-InTheMiddle $sim $command { (Get-EsxSimCount $sim).calls.WaitForUpdatesEx -gt 0 }
        $stopped.EndedBefore | Should -BeFalse
        $stopped.Milliseconds | Should -BeLessThan 1000
        $stopped.Said -join ' ' | Should -Match 'uss1: Clone from debian-zfs .*task-\d+'
        $stopped.Said -join ' ' | Should -Match 'run the same command again'
        $limit = [datetime]::UtcNow.AddSeconds(60)
        while (-not (Get-EncapsulatedStorageVm uss1 -ErrorAction Ignore) -and [datetime]::UtcNow -lt $limit) { Start-Sleep -Milliseconds 200 }
        Reset-EsxSimCount $sim
        (& ([scriptblock]::Create($command))).Disks.Capacity.Bytes | Should -Be 256MB, 8GB
        (Get-EsxSimCount $sim).changingCalls.PSObject.Properties.Name | Should -Be 'ReconfigVM_Task'
    }
}
