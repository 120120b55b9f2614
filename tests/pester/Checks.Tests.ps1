# What Test- and Get- cmdlets say of what is not there, and what Tab offers of what is, over an sshd with programs that answer as zpool and zfs do.
BeforeDiscovery { $noServer = -not (Test-Path /usr/sbin/sshd) }

Describe 'Checks of what is not there' -Skip:$noServer {
    BeforeAll {
        . $PSScriptRoot/common.ps1
        . $PSScriptRoot/sshd.ps1
        $programs = @{
            id       = 'case $1 in -un) echo root;; *) echo 0;; esac'
            zpool    = @'
case "$*" in
  'list -H -p -o'*) while read -r p; do printf '%s\t1000\t10\t990\t1\t1.00\tONLINE\t0\n' "$p"; done <"$d/pools";;
  'list -H -o name,health') while read -r p; do printf '%s\tONLINE\n' "$p"; done <"$d/pools";;
  status*) while read -r p; do printf '  pool: %s\n state: ONLINE\nconfig:\n\n\tNAME  STATE  READ WRITE CKSUM\n\nerrors: No known data errors\n' "$p"; done <"$d/pools";;
esac
exit 0
'@
            zdb      = 'grep -qx "$2" "$d/pools" || { echo "zdb: cannot open $2" >&2; exit 1; }; echo "DDT-sha256"'
            zfs      = @'
case "$*" in
  'list -H -t filesystem -o name,sharenfs'*) cat "$d/shares";;
  'list -H -t filesystem -o name,origin'*) cut -f1 "$d/shares" | sed 's,.*/,,; s,.*,sp2/clones/&\tsp2/replica/&@zfsesx-1\tsp2/replica/&,';;
  'list -H -t filesystem -o name,zfsesx:source') printf '%s\n' 'sp2 -' 'sp2/r/uss1 uss1' 'sp2/r/uss1/nas uss1' 'sp2/r/uss1/nas/vol0 uss1' 'sp2/r/uss3 uss3' 'sp2/r/uss3/iso uss3' | tr ' ' '\t';;
  'get -H -o value,source zfsesx:source sp2/r/uss1/nas'*) printf 'uss1\tinherited from sp2/r/uss1\n';;
  'get -Hp -r -d 1 -o name,value createtxg '*) printf '%s@zfsesx-1\t5\n' "$8" "$9" | tail -n 1;;
  'list -H -t filesystem -o canmount,name,mountpoint') cat "$d/mounts";;
  'list -H -t filesystem -o canmount,mountpoint') cut -f1,3 "$d/mounts" "$d/mounts-later";;
  clone*) echo "$*" >>"$d/cloned";;
  *' sp2/clones/'*)
    printf '%s\torigin\tsp2/replica/vol0@zfsesx-1\t-\n%s\tzfsesx:clone\tsp2/replica/vol0\tlocal\n' sp2/clones/vol0 sp2/clones/vol0;;
esac
exit 0
'@
            exportfs = 'cat "$d/exports"'
        }
        $sshd = @{}
        foreach ($name in 'uss1', 'uss2') {
            $sshd[$name] = New-Sshd $programs
            $login = Get-SshdLogin $sshd[$name]
            $null = Connect-ZfsHost 127.0.0.1 @login -Name $name
        }
        function Set-Fact([string] $name, [string[]] $pools, [string[]] $shares) {
            Set-Content "$($sshd[$name].Bin)/pools" $pools
            Set-Content "$($sshd[$name].Bin)/shares" ($shares | ForEach-Object { "$_`trw=vh1,no_root_squash`t/export/$($_ -replace '.*/')`tyes" })
            Set-Content "$($sshd[$name].Bin)/exports" ($shares | ForEach-Object { "/export/$($_ -replace '.*/')`tvh1(rw)" })
        }
        function Get-Quiet([scriptblock] $Command) {
            # What it returns, and the ids of its errors.
            $said = & $Command -ErrorVariable failures -ErrorAction SilentlyContinue
            "$said" + -join ($failures | ForEach-Object { ' ' + ($_.FullyQualifiedErrorId -split ',')[0] })
        }
    }
    BeforeEach {
        Set-Fact uss1 'sp1', 'big' 'sp1/nas/vol0'
        Set-Fact uss2 'sp2' 'sp2/nas/vol0'
    }
    AfterAll {
        Get-ZfsHost | Disconnect-ZfsHost
        $sshd.Values | ForEach-Object { Remove-Sshd $_ }
    }

    It 'pools: <Case>' -ForEach @(
        @{ Case = 'all there'; Of = @{ ZfsHost = 'uss1' }; Says = 'True' }
        @{ Case = 'named and there'; Of = @{ ZfsHost = 'uss1'; Name = 'SP1' }; Says = 'True' }
        @{ Case = 'named and not there'; Of = @{ ZfsHost = 'uss1'; Name = 'sp1', 'sp9' }; Says = 'False PoolNotFound' }
        @{ Case = 'named on storage VMs that are named'; Of = @{ ZfsHost = 'uss1', 'uss2'; Name = 'sp1' }; Says = 'True False PoolNotFound' }
        @{ Case = 'named, and one of all has it'; Of = @{ Name = 'sp1' }; Says = 'True' }
        @{ Case = 'named, and none of all has it'; Of = @{ Name = 'sp9' }; Says = 'False PoolNotFound' }
        @{ Case = 'no match'; Of = @{ ZfsHost = 'uss1'; Name = 'x*' }; Says = 'False' }
        @{ Case = 'a match'; Of = @{ ZfsHost = 'uss1'; Name = 's*' }; Says = 'True' }
        @{ Case = 'a simulation of what is not there'; Of = @{ ZfsHost = 'uss1'; SimulateDedup = 'sp9' }; Says = 'False PoolNotFound' }
        @{ Case = 'a simulation'; Of = @{ SimulateDedup = 'sp2' }; Says = 'True True' }
    ) {
        Get-Quiet { [CmdletBinding()] param() Test-EncapsulatedZpool @Of -Quiet } | Should -Be $Says
    }

    It 'a storage VM without pools fails, and says what to do' {
        Set-Fact uss1 @() @()
        Test-EncapsulatedZpool uss1 -Quiet | Should -BeFalse
        $check = Test-EncapsulatedZpool uss1
        "$($check.Check) $($check.Status)" | Should -Be 'Pool Failed'
        $check.Advice | Should -BeLike '*Import-EncapsulatedZpool*'
        Test-EncapsulatedZpool uss1 -Name sp1 -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        "$($failure[0])" | Should -BeLike 'There is no pool sp1 on uss1.*'
    }

    It 'shows a simulation beside the pools that are named' {
        (Test-EncapsulatedZpool uss1 -Name sp1 -SimulateDedup big | Where-Object Check -eq DedupSimulation).Name | Should -Be 'big'
    }

    # Whether a share that is there is well depends on the machine that the tests run on.
    It 'shares: <Case>' -ForEach @(
        @{ Case = 'named and not there'; Of = @{ ZfsHost = 'uss1'; FileSystem = 'sp1/nas/vol9' }; Wanted = '^False ShareNotFound$' }
        @{ Case = 'named on storage VMs that are named'; Of = @{ ZfsHost = 'uss1', 'uss2'; FileSystem = 'sp1/nas/vol0' }; Wanted = '^(True|False) False ShareNotFound$' }
        @{ Case = 'named, and one of all has it'; Of = @{ FileSystem = 'sp1/nas/vol0' }; Wanted = '^(True|False)$' }
        @{ Case = 'named, and none of all has it'; Of = @{ FileSystem = 'sp1/nas/vol9' }; Wanted = '^False ShareNotFound$' }
        @{ Case = 'no match'; Of = @{ ZfsHost = 'uss1'; FileSystem = 'sp9/*' }; Wanted = '^False$' }
    ) {
        Get-Quiet { [CmdletBinding()] param() Test-ZfsNfsShare @Of -Quiet } | Should -Match $Wanted
    }

    It 'a storage VM that shares nothing fails' {
        Set-Fact uss1 'sp1' @()
        Test-ZfsNfsShare uss1 -Quiet | Should -BeFalse
        (Test-ZfsNfsShare uss1).Status | Should -Be 'Failed'
    }

    It 'clients of nobody''s are told' {
        Add-Content "$($sshd.uss1.Bin)/exports" "/export/vol0`t<world>(rw)"
        $checks = Test-ZfsNfsShare uss1 sp1/nas/vol0
        foreach ($name in 'Exported', 'Access') {
            $check = $checks | Where-Object Check -eq $name
            $check.Status | Should -Be 'Failed'
            $check.Advice | Should -BeLike "*exportfs -u '``*:/export/vol0'*"
        }
    }

    It 'a name that is not there is an error: <Command> <Name>' -ForEach @(
        @{ Command = 'Get-ZfsHost'; Name = 'uss9'; Id = 'NotConnected'; There = 'uss1, uss2' }
        @{ Command = 'Get-ZfsEsxServer'; Name = 'vc9'; Id = 'NotConnected'; There = 'none at all' }
        @{ Command = 'Get-EncapsulatedZpool'; Name = 'sp9'; Id = 'PoolNotFound'; There = 'uss1, uss2.*sp1, big, sp2' }
        @{ Command = 'Get-ZpoolScrub'; Name = 'sp9'; Id = 'PoolNotFound'; There = 'sp1, big, sp2' }
        @{ Command = 'Get-ZfsDisk'; Name = 'nodisk'; Id = 'DiskNotFound'; There = 'uss1, uss2' }
        @{ Command = 'Get-ZfsNfsShare'; Name = 'sp1/nas/vol9'; Id = 'ShareNotFound'; There = 'sp1/nas/vol0, sp2/nas/vol0' }
        @{ Command = 'Get-ZfsReplicaClone'; Name = 'sp2/clones/vol9'; Id = 'CloneNotFound'; There = 'sp2/clones/vol0' }
        @{ Command = 'Get-ZfsHostNetwork'; Name = 'nonet0'; Id = 'InterfaceNotFound'; There = 'uss1, uss2\. (There is|Near it)' }
    ) {
        $by = @{ 'Get-ZfsNfsShare' = 'FileSystem'; 'Get-ZfsHostNetwork' = 'Interface' }[$Command] ?? 'Name'
        $one = @{ $by = $Name }
        & $Command @one -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure | Should -HaveCount 1
        $failure[0].FullyQualifiedErrorId | Should -BeLike "$Id,*"
        "$($failure[0].CategoryInfo.Category) $($failure[0].TargetObject)" | Should -Be "ObjectNotFound $Name"
        "$($failure[0])" | Should -Match "'$Name'.*$There"
        $failure[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        $many = @{ $by = "$Name*" }
        & $Command @many -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure | Should -BeNullOrEmpty
    }

    It 'a name that one of them has is found, and the others are no error' {
        (Get-EncapsulatedZpool uss1, uss2 -Name SP2 -ErrorAction Stop).ZfsHost | Should -Be 'uss2'
        (Get-ZfsHost uss1, uss9 -ErrorVariable failure -ErrorAction SilentlyContinue).Name | Should -Be 'uss1'
        $failure.TargetObject | Should -Be 'uss9'
        $failure = $null
        @() | Get-EncapsulatedZpool -Name sp9 -ErrorVariable failure
        $failure | Should -BeNullOrEmpty
    }

    It 'a ring is looked for among all that are connected, and never asked for' -ForEach 'Get', 'Test', 'Measure' {
        & "$_-ZfsRingReplication" -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'RingNotFound,*'
        "$($failure[0])" | Should -Match 'uss1 replicates nothing; uss2 replicates nothing'
        & "$_-ZfsRingReplication" -FileSystem iso -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        "$($failure[0])" | Should -Match 'that replicates iso'
    }

    It 'a file system that no ring can have is an error of each storage VM' {
        $ring = @{ FileSystem = 'sp1/wrong', 'sp2/wrong'; Address = '10.0.0.1', '10.0.0.2' }
        Get-ZfsRingReplication uss1, uss2 @ring -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure.TargetObject | Should -Be 'sp1/wrong', 'sp2/wrong'
        $failure.FullyQualifiedErrorId | Should -BeLike 'DatasetNotFound,*'
        $failure.CategoryInfo.Category | Select-Object -Unique | Should -Be 'ObjectNotFound'
        "$($failure[0])" | Should -Match 'There is no sp1/wrong on uss1; uss1 replicates nothing'
    }

    It 'a clone is mounted where its name says, and nowhere where another is' {
        $bin = $sshd.uss2.Bin
        Set-Content "$bin/mounts" "on`tsp2/nas`t/export/a-b-clone", "off`tsp2/old`t/export/vol0-clone"
        Set-Content "$bin/mounts-later" $null
        $clone = @{ ZfsHost = 'uss2'; Replica = 'sp2/r/uss1/nas/vol0'; ErrorAction = 'SilentlyContinue'; ErrorVariable = 'failure' }
        (New-ZfsReplicaClone @clone -Name sp2/clones/vol0).Snapshot | Should -Be 'zfsesx-1'
        Get-Content "$bin/cloned" | Should -BeLike '*mountpoint=/export/vol0-clone * sp2/r/uss1/nas/vol0@zfsesx-1 sp2/clones/vol0'
        New-ZfsReplicaClone @clone -Name sp2/clones/a-b
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'MountPointInUse,*'
        # Somebody was quicker, after the plan was made.
        Set-Content "$bin/mounts-later" "on`tsp2/quick`t/export/late-clone"
        New-ZfsReplicaClone @clone -Name sp2/clones/late
        "$($failure[0])" | Should -Match '/export/late-clone is the mount point of another file system'
        Get-Content "$bin/cloned" | Should -HaveCount 1
    }

    It 'completes <Line>' -ForEach @(
        @{ Line = 'Set-ZpoolScrub uss1 '; Wanted = 'big', 'sp1' }
        @{ Line = 'Get-ZpoolScrub -Name s'; Wanted = 'sp1', 'sp2' }
        @{ Line = 'Test-EncapsulatedZpool uss2 '; Wanted = 'sp2' }
        @{ Line = 'New-ZfsReplicaClone uss2 '; Wanted = 'sp2/r/uss1/nas', 'sp2/r/uss1/nas/vol0', 'sp2/r/uss3/iso' }
        @{ Line = 'New-ZfsReplicaClone uss2 x -Name '; Wanted = 'sp2/clones/vol0' }
        @{ Line = 'Remove-ZfsReplicaClone uss2 '; Wanted = 'sp2/clones/vol0' }
        @{ Line = 'Get-ZfsReplicaClone -Name '; Wanted = 'sp2/clones/vol0' }
        @{ Line = 'Start-ZfsReplicaFailover '; Wanted = 'uss1', 'uss3' }
        @{ Line = 'Complete-ZfsReplicaFailover -Source '; Wanted = 'uss1', 'uss3' }
        @{ Line = 'Undo-ZfsReplicaFailover uss1 uss2 -FileSystem '; Wanted = 'nas', 'nas/vol0' }
        @{ Line = 'Start-ZfsReplicaFailover uss3 uss2 -FileSystem '; Wanted = 'iso' }
        @{ Line = 'Invoke-ZfsRingReplication -Only '; Wanted = 'uss1', 'uss2' }
    ) {
        # What a loaded machine does not read in time is there at a later key press.
        $limit = [datetime]::UtcNow.AddSeconds(60)
        do { $found = (TabExpansion2 $Line $Line.Length).CompletionMatches.CompletionText } until ("$found" -eq "$Wanted" -or [datetime]::UtcNow -gt $limit)
        $found | Should -Be $Wanted
    }
}
