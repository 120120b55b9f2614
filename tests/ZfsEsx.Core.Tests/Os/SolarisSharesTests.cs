using ZfsEsx.Os;
using ZfsEsx.Zfs;

namespace ZfsEsx.Core.Tests.Os;

/// <summary>
/// Shares and the ARC's limit on OpenSolaris and illumos: the scripts over programs that answer as theirs do.
/// </summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class SolarisSharesTests : IDisposable
{
    private static readonly NfsShareRequest s_request = new()
    {
        FileSystem = "sp1/nas/vol0",
        MountPoint = "/export/uss1-nas-vol0",
        Clients = [new NfsClient("vh1-nas"), new NfsClient("10.99.0.102")],
    };

    private readonly SunSystem _sun = new();

    public void Dispose() => _sun.Dispose();

    [Theory]
    [InlineData("ksh93")]
    [InlineData("sh")]
    public async Task A_share_is_read_and_planned(string shell)
    {
        NfsShareState state = await ReadAsync(shell);
        ZfsNfsShare share = Assert.Single(state.Shares, s => s.Options != "off");
        Assert.Equal(("sp1/nas/vol0", true), (share.FileSystem, share.Mounted));
        Assert.Equal(["vh1-nas", "10.99.0.102"], share.Exported);
        Assert.Equal((NfsServerState.Stopped, (bool?)false, false), (state.Server, state.AtBoot, state.Fuse));
        Assert.Equal(["10.99.0.11/24"], state.Addresses);
        Assert.Equal(["10.99.0.101"], state.Names["vh1-nas"]);
        SolarisDialect dialect = new(HostSystem.OpenSolaris);
        NfsShareStep step = Assert.Single(NfsSharePlanner.Compare("uss1", state, s_request, dialect));
        Assert.Equal(NfsShareStepKind.Serve, step.Kind);
        Assert.Equal(
            "sharenfs=rw=@10.99.0.101,root=@10.99.0.101",
            NfsSharePlanner.Compare(
                "uss1", state, s_request with { Clients = [new NfsClient("10.99.0.101")] }, dialect)[0].Arguments[0]);

        // snv_134 is older than the property sync.
        Assert.Equal("NotOnThisSystem", Assert.Throws<ZfsEsxException>(
            () => NfsSharePlanner.Compare("uss1", state, s_request with { Sync = "always" }, dialect)).Id);
    }

    [Theory]
    [InlineData("ksh93")]
    [InlineData("sh")]
    public async Task The_server_is_enabled_by_SMF(string shell)
    {
        await ReadAsync(shell);
        (int code, _) = await _sun.RunAsync(shell, Resource.Text("nfs-server.sh"));
        Assert.Equal((0, "svcadm enable -r network/nfs/server\n"), (code, _sun.Log));
        NfsShareState state = await ReadAsync(shell);
        Assert.Equal((NfsServerState.Running, (bool?)true), (state.Server, state.AtBoot));
        Assert.Empty(NfsSharePlanner.Compare("uss1", state, s_request, new SolarisDialect(HostSystem.Illumos)));
        _sun.Program("svcadm", "echo 'svcadm: no such service' >&2; exit 1");
        Assert.NotEqual(0, (await _sun.RunAsync(shell, Resource.Text("nfs-server.sh"))).Code);
    }

    [Theory]
    [InlineData("ksh93")]
    [InlineData("sh")]
    public async Task A_share_is_looked_at_and_mounted_from_outside(string shell)
    {
        NfsShareState state = await ReadAsync(shell) with { Server = NfsServerState.Running, AtBoot = true };
        _sun.Program("zfs", """
            [ "$*" = 'get -H -p -o name,property,value all sp1/nas/vol0' ] || exit 1
            printf 'sp1/nas/vol0\tavailable\t1000000\nsp1/nas/vol0\treferenced\t21504\n'
            """);
        _sun.Program(
            "showmount",
            "[ \"$*\" = '-e 10.99.0.11' ] && printf 'export list for 10.99.0.11:\\n/export/uss1-nas-vol0 vh1-nas\\n'");
        (_, string output) = await _sun.RunAsync(
            shell, Resource.Text("share-checks.sh") + Resource.Text("resolve.sh"), "1", "sp1/nas/vol0", "vh1-nas");
        IReadOnlyDictionary<string, string> parts = Sections.Split(output);
        state = state with { Names = HostNamesText.Resolved(parts.Lines("names")) };
        ZfsNfsShareCheck[] checks =
        [
            .. NfsShareJudge.Judge(
                "uss1", state, state.Shares.Single(s => s.Options != "off"),
                [new("vh1", ["10.99.0.101/24"]), new("vh2", ["10.99.0.102/24"])],
                parts, new Dictionary<string, SnapshotCount>()),
        ];
        Assert.Equal(
            "Mounted Server Exported Listed Clients Access Space", string.Join(' ', checks.Select(c => c.Check)));
        Assert.All(checks, c => Assert.True(c.Status == ZpoolCheckStatus.Passed, c.ToString()));

        _sun.Program("mount", "echo \"mount $*\" >>\"$SUN/log\"; [ -d \"$6\" ]");
        _sun.Program("umount", "echo umount >>\"$SUN/log\"");
        Assert.Equal(
            (0, "mounted\n"),
            await _sun.RunAsync(shell, Resource.Text("share-outside.sh"), "10.99.0.11", "/export/x"));
        Assert.StartsWith("mount -F nfs -o vers=3,ro,llock,", _sun.Log, StringComparison.Ordinal);
        Assert.EndsWith("\numount\n", _sun.Log, StringComparison.Ordinal);
        _sun.Program("mount", "echo 'nfs mount: mount: /tmp/x: Permission denied' >&2; exit 32");
        Assert.Equal(
            "refused nfs mount: mount: /tmp/x: Permission denied",
            (await _sun.RunAsync(shell, Resource.Text("share-outside.sh"), "10.99.0.11", "/export/x")).Output.Trim());
    }

    [Theory]
    [InlineData("ksh93")]
    [InlineData("sh")]
    public async Task The_ARC_is_limited_in_etc_system(string shell)
    {
        _sun.Program("zpool", "exit 0");
        _sun.Program(
            "prtconf", "printf 'System Configuration:  Sun Microsystems  i86pc\\nMemory size: 4096 Megabytes\\n'");
        _sun.Program(
            "kstat", "printf 'zfs:0:arcstats:c_max\\t3221225472\\nzfs:0:arcstats:c_min\\t402653184\\nzfs:0:arcstats:size\\t1000\\n'");
        (_, string output) = await _sun.RunAsync(
            shell, "part() { printf '\\036%s\\n' \"$1\"; }\n" + Resource.Text("memory.sh") + Resource.Text("arc.sh"));
        ArcState state = ArcState.Parse("uss1", output);
        ZfsArc arc = state.Describe("uss1");
        Assert.Equal(
            (4L << 30, 3L << 30, 1000L), (arc.Memory!.Value.Bytes, arc.Max!.Value.Bytes, arc.Size!.Value.Bytes));
        Assert.Equal(("/etc/system", (ByteSize?)null), (arc.File, arc.Kept));
        Assert.Contains(
            "next start of the storage VM",
            Assert.Single(ZfsArcs.Warnings("uss1", state, 2L << 30)),
            StringComparison.Ordinal);
        Assert.EndsWith(
            "set zfs:zfs_arc_max = 2147483648\n", ArcSetting.System.Set("", 2L << 30), StringComparison.Ordinal);
    }

    private async Task<NfsShareState> ReadAsync(string shell)
    {
        _sun.Program("zfs", """
            case $1 in
              list) printf 'sp1\toff\t/sp1\tyes\nsp1/nas/vol0\trw=vh1-nas:@10.99.0.102,root=vh1-nas:@10.99.0.102\t/export/uss1-nas-vol0\tyes\n';;
              get) case $# in
                1) printf 'missing property argument\nusage:\n\tPROPERTY       EDIT  INHERIT   VALUES\n'
                  printf '\tcompression     YES      YES   on | off | lzjb | gzip | gzip-[1-9] | zle\n\trecordsize      YES      YES   512 to 128k, power of 2\n\tquota           YES       NO   <size> | none\n' >&2
                  exit 2;;
                *) case $6 in
                  available) printf 'available\t1000000\t-\n';;
                  all) printf 'type\tfilesystem\t-\nused\t21504\t-\nreferenced\t21504\t-\navailable\t1000000\t-\nmounted\tyes\t-\nmountpoint\t/export/uss1-nas-vol0\tlocal\natime\toff\tlocal\nreadonly\toff\tdefault\n';;
                  *) exit 1;;
                esac;;
              esac;;
            esac
            """);
        _sun.Program("zpool", "printf 'sp1\\tONLINE\\n'");
        _sun.Program("share", "printf -- '-@sp1/nas/vol0  /export/uss1-nas-vol0   rw=vh1-nas:@10.99.0.102,root=vh1-nas:@10.99.0.102   \"\"  \\n'");
        _sun.Program("svcs", "[ -e \"$SUN/log\" ] && echo online || echo disabled");
        _sun.Program("svcprop", "[ -e \"$SUN/log\" ] && echo true || echo false");
        _sun.Program("svcadm", "echo \"svcadm $*\" >>\"$SUN/log\"");
        _sun.Program("ifconfig", """
            printf 'lo0: flags=2001000849<UP,LOOPBACK> mtu 8232 index 1\n\tinet 127.0.0.1 netmask ff000000\n'
            printf 'e1000g1: flags=1000843<UP,BROADCAST> mtu 9000 index 3\n\tinet 10.99.0.11 netmask ffffff00 broadcast 10.99.0.255\n'
            """);
        _sun.Program("getent", "[ \"$1 $2\" = 'hosts vh1-nas' ] && printf '10.99.0.101\\tvh1-nas\\n' || exit 1");
        _sun.Program(
            "mount",
            "echo '/export/uss1-nas-vol0 on sp1/nas/vol0 read/write/setuid/devices on Mon Jan  1 00:00:00 2026'");
        (_, string output) = await _sun.RunAsync(
            shell, Resource.Text("shares.sh") + Resource.Text("resolve.sh"),
            "sp1/nas/vol0", "/export/uss1-nas-vol0", "vh1-nas");
        return NfsShareState.Parse("uss1", new SolarisDialect(HostSystem.OpenSolaris), output);
    }
}
