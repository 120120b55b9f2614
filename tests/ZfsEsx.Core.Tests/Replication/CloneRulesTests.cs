using ZfsEsx.Replication;

namespace ZfsEsx.Core.Tests.Replication;

public class CloneRulesTests
{
    private const string Replica = "sp2/replica/uss1/nas/vol0";

    private static readonly ReplicaCloneOptions s_options = new() { Replica = Replica };
    private static readonly CloneState s_state = CloneState.Parse(
        Replica,
        "",
        [
            "MARK\tuss1\tinherited from sp2/replica/uss1",
            "SNAP\t" + Replica + "\t10",
            "SNAP\t" + Replica + "@zfsesx-2\t200",
            "SNAP\t" + Replica + "@zfsesx-9\t30",
            "SNAP\t" + Replica + "/below@x\t900",
        ]);

    [Fact]
    public void DefaultsComeFromTheReplica() => Assert.Equal(
        new WantedClone("sp2/clones/uss1/nas/vol0", Replica + "@zfsesx-2", "/export/uss1-nas-vol0-clone"),
        CloneRules.Wanted("uss2", s_options, s_state));

    [Fact]
    public void AnOlderSnapshotMayBeChosen() => Assert.Equal(
        Replica + "@zfsesx-9", CloneRules.Wanted("uss2", s_options with { Snapshot = "zfsesx-9" }, s_state).Snapshot);

    [Fact]
    public void ACloneOfTheSameReplicaIsLeftAsItIs() => Assert.Equal(
        Replica + "@zfsesx-9",
        CloneRules.Wanted(
            "uss2", s_options, s_state with { Existing = new CloneFound(Replica + "@zfsesx-9", true, "/x", true, 0) })
            .Snapshot);

    [Theory]
    [InlineData("sp2/clones/uss1/nas/vol0", "/export/uss1-nas-vol0-clone")]
    [InlineData("sp2/clones/friday", "/export/friday-clone")]
    [InlineData("sp2/tests/vol0:1", "/export/tests-vol0-1-clone")]
    [InlineData("sp2/vol0-clone", "/export/vol0-clone")]
    public void TheMountPointFollowsTheName(string name, string path) =>
        Assert.Equal(path, CloneRules.Wanted("uss2", s_options with { Name = name }, s_state).MountPoint);

    [Fact]
    public void ACloneThatIsThereStaysWhereItIsMounted()
    {
        ReplicaCloneOptions named = s_options with { Name = "sp2/clones/friday" };
        CloneState there = s_state with { Existing = new CloneFound(Replica + "@zfsesx-9", true, "/old", true, 0) };
        Assert.Equal("/old", CloneRules.Wanted("uss2", named, there).MountPoint);
        Assert.Equal("/new", CloneRules.Wanted("uss2", named with { MountPoint = "/new" }, there).MountPoint);
        CloneState nowhere = there with { Existing = there.Existing! with { MountPoint = "none" } };
        Assert.Equal("/export/friday-clone", CloneRules.Wanted("uss2", named, nowhere).MountPoint);
    }

    [Fact]
    public void NoTwoFileSystemsShareAMountPoint()
    {
        CloneState state = s_state with
        {
            MountPoints = CloneState.Parse(
                Replica, "", ["MOUNT\ton\tsp2/clones/a/b\t/export/a-b-clone", "MOUNT\tnoauto\tsp2/nas\t/export/x"])
                .MountPoints,
        };
        WantedClone Of(string name, string? path) =>
            CloneRules.Wanted("uss2", s_options with { Name = name, MountPoint = path }, state);
        Assert.Equal("/export/a-b-clone", Of("sp2/clones/a/b", null).MountPoint);
        ZfsEsxException taken = Assert.Throws<ZfsEsxException>(() => Of("sp2/clones/a-b", null));
        Assert.Equal("MountPointInUse", taken.Id);
        Assert.Contains("sp2/clones/a/b", taken.Message, StringComparison.Ordinal);
        Assert.Equal("MountPointInUse", Assert.Throws<ZfsEsxException>(() => Of("sp2/clones/c", "/export/x")).Id);
    }

    // CloneState is internal, so this table cannot be a member of a public theory.
    private static readonly (ReplicaCloneOptions Options, CloneState State, string Id)[] s_refused =
    [
        (s_options, s_state with { ReplicaFound = false }, "ReplicaNotFound"),
        (s_options, s_state with { Root = null }, "NotAReplica"),
        (s_options with { Replica = "sp2/replica/uss1" }, s_state with { Root = "sp2/replica/uss1" }, "NotAReplica"),
        (s_options with { Snapshot = "zfsesx-7" }, s_state, "SnapshotNotFound"),
        (s_options, s_state with { Snapshots = [] }, "SnapshotNotFound"),
        (s_options with { Name = "sp3/clones/x" }, s_state, "BadReplicationName"),
        (s_options with { Name = "sp2/replica/uss1/x" }, s_state, "BadReplicationName"),
        (s_options, s_state with { Existing = new CloneFound("-", false, "/x", true, 0) }, "CloneNameTaken"),
        (s_options, s_state with { Existing = new CloneFound("sp2/other@x", true, "/x", true, 0) }, "CloneNameTaken"),
        (
            s_options,
            s_state with { Existing = new CloneFound(Replica + "@zfsesx-2", false, "/x", true, 0) },
            "CloneNameTaken"),
        (
            s_options with { Snapshot = "zfsesx-2" },
            s_state with { Existing = new CloneFound(Replica + "@zfsesx-9", true, "/x", true, 0) },
            "CloneNameTaken"),
    ];

    [Fact]
    public void WhatIsNotSafeIsRefused() => Assert.All(
        s_refused,
        r => Assert.Equal(
            r.Id, Assert.Throws<ZfsEsxException>(() => CloneRules.Wanted("uss2", r.Options, r.State)).Id));

    [Theory]
    [InlineData("export/x")]
    [InlineData("/")]
    [InlineData("/a b")]
    [InlineData("/a/../etc")]
    [InlineData("/a;reboot")]
    [InlineData("/$(x)")]
    [InlineData("/a\n")]
    public void MountPointsArePlainAbsolutePaths(string path) =>
        Assert.Equal(
            "InvalidMountPoint",
            Assert.Throws<ZfsEsxException>(() => CloneRules.Check(s_options with { MountPoint = path })).Id);

    [Fact]
    public void OnlyOurBareCloneIsRemoved()
    {
        CloneFound ours = new(Replica + "@zfsesx-2", true, "/x", true, 4096);
        Assert.Equal(ours, CloneRules.Removable("uss2", "sp2/c", s_state with { Existing = ours }));
        Assert.Equal("CloneNotFound", Removal(s_state));
        Assert.Equal("NotOurClone", Removal(s_state with { Existing = ours with { Origin = "-" } }));
        Assert.Equal("NotOurClone", Removal(s_state with { Existing = ours with { Marked = false } }));
        Assert.Equal("CloneInUse", Removal(s_state with { Existing = ours, Below = ["sp2/c@mine"] }));
    }

    [Fact]
    public void AnInheritedMarkIsNoMark()
    {
        CloneState state = CloneState.Parse(
            "", "sp2/c/child",
            ["CLONE\torigin\tsp2/x@y\t-", "CLONE\tzfsesx:clone\tsp2/x\tinherited from sp2/c", "BELOW\tsp2/c/child"]);
        Assert.False(state.Existing!.Marked);
        Assert.Empty(state.Below);
    }

    [Fact]
    public void ListsClonesWithOurMark()
    {
        string[] lines =
        [
            "sp2/clones/uss1/nas/vol0\torigin\t" + Replica + "@zfsesx-2\t-",
            "sp2/clones/uss1/nas/vol0\tmountpoint\t/export/x\tlocal",
            "sp2/clones/uss1/nas/vol0\tmounted\tyes\t-",
            "sp2/clones/uss1/nas/vol0\tsharenfs\trw=@10.99.0.101\tlocal",
            "sp2/clones/uss1/nas/vol0\tcreation\t1795355940\t-",
            "sp2/clones/uss1/nas/vol0\tzfsesx:clone\t" + Replica + "\tlocal",
            "sp2/other\torigin\tsp2/a@b\t-",
            "sp2/other\tzfsesx:clone\tx\tinherited from sp2",
        ];
        ZfsReplicaClone clone = Assert.Single(CloneState.ParseList("uss2", lines));
        Assert.Equal(
            (Replica, "zfsesx-2", "/export/x", true, "rw=@10.99.0.101"),
            (clone.Origin, clone.Snapshot, clone.MountPoint, clone.Mounted, clone.Options));
        Assert.Equal(new DateTime(2026, 11, 22, 13, 59, 0, DateTimeKind.Utc), clone.Created);
    }

    private static string Removal(CloneState state) =>
        Assert.Throws<ZfsEsxException>(() => CloneRules.Removable("uss2", "sp2/c", state)).Id;
}
