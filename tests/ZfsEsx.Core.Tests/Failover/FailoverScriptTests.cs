using ZfsEsx.Failover;

namespace ZfsEsx.Core.Tests.Failover;

/// <summary>The scripts of a failover in every shell, over a played pool.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class FailoverScriptTests : IDisposable
{
    private const string Clone = "sp2/failover/uss1/vol0";

    private const string Unwritten = "written@zfsesx-failover-start=0 written@zfsesx-2=0";

    private const string StandIn =
        $"""
        sp2/replica/uss1/vol0
        sp2/replica/uss1/vol0@zfsesx-1
        {Clone} origin=sp2/replica/uss1/vol0@zfsesx-1 zfsesx:failover=store zfsesx:role=primary mounted=yes {Unwritten}
        {Clone}@zfsesx-failover-start
        {Clone}@zfsesx-2
        """;

    private readonly PlayedPool _pool = new();

    public void Dispose() => _pool.Dispose();

    [Theory]
    [InlineData("destroy sp2/failover/uss1/vol0|dataset is busy")]
    [InlineData("destroy sp2/failover/uss1/vol0@zfsesx-2|I/O error")]
    [InlineData("unmount *|dataset is busy")]
    public async Task ADestructionThatBrokeOffIsRepeated(string fault)
    {
        foreach (string[] shell in PlayedPool.Shells)
        {
            _pool.Fill(StandIn);
            _pool.Refuse(fault);
            Assert.Equal(1, (await DestroyAsync(shell, "-")).Code);
            Assert.NotNull(_pool[Clone, "type"]);
            if (fault.StartsWith("unmount", StringComparison.Ordinal))
            {
                Assert.Equal("primary", _pool[Clone, "zfsesx:role"]);
                Assert.NotNull(_pool[Clone + "@zfsesx-failover-start", "type"]);
            }

            _pool.Refuse();
            (int code, string said) = await DestroyAsync(shell, StandInActions.StartSnapshot);
            Assert.True(code == 0, string.Join(' ', shell) + ": " + said + _pool.Errors);
            Assert.Null(_pool[Clone, "type"]);
            Assert.NotNull(_pool["sp2/replica/uss1/vol0@zfsesx-1", "type"]);
        }
    }

    [Fact]
    public async Task WhatWasWrittenStays()
    {
        foreach (string[] shell in PlayedPool.Shells)
        {
            _pool.Fill(StandIn.Replace("start=0", "start=8192", StringComparison.Ordinal));
            Assert.Equal(1, (await DestroyAsync(shell, StandInActions.StartSnapshot)).Code);
            Assert.Contains("8192 bytes were written", _pool.Errors, StringComparison.Ordinal);
            Assert.Equal("yes", _pool[Clone, "mounted"]);
            Assert.Equal(0, (await DestroyAsync(shell, "")).Code);
        }
    }

    // Shares of their own, a root that has its share from above, and what inherits from either.
    [Theory]
    [InlineData("sp1 sharenfs=rw\nsp1/nas", "sp1/nas", "inherited")]
    [InlineData("sp1\nsp1/nas sharenfs=ro", "sp1/nas", "ro")]
    [InlineData("sp1\nsp1/nas sharenfs=off", "sp1/nas", null)]
    public async Task NothingStaysShared(string above, string root, string? noted)
    {
        string pool = above + "\nsp1/nas/a\nsp1/nas/a@s\nsp1/nas/b sharenfs=rw=vh1\nsp1/nas/c sharenfs=off";
        foreach (string[] shell in PlayedPool.Shells)
        {
            _pool.Fill(pool);
            string[] all = [root, "sp1/nas/a", "sp1/nas/b", "sp1/nas/c"];
            string?[] before = [.. all.Select(d => _pool[d, "sharenfs"])];
            (int code, _) = await _pool.RunAsync(shell, SourceSide.FenceScript, root);
            Assert.True(code == 0, string.Join(' ', shell) + ": " + _pool.Errors);
            Assert.Equal("off", _pool[root, "sharenfs"]);
            Assert.Equal("off", _pool["sp1/nas/b", "sharenfs"]);
            Assert.Equal("fenced", _pool[root, "zfsesx:role"]);
            Assert.Equal((noted, "rw=vh1"), (_pool[root, "zfsesx:sharenfs"], _pool["sp1/nas/b", "zfsesx:sharenfs"]));
            Assert.Null(_pool["sp1/nas/a", "zfsesx:sharenfs"]);

            (code, _) = await _pool.RunAsync(shell, SourceSide.UnfenceScript, root, "", "uss2", "true");
            Assert.True(code == 0, string.Join(' ', shell) + ": " + _pool.Errors);
            Assert.Equal(before, all.Select(d => _pool[d, "sharenfs"]));
            Assert.Null(_pool[root, "zfsesx:role"]);
        }

        _pool.Fill(pool);
        _pool.Refuse("set sharenfs=off sp1/nas/b|permission denied");
        Assert.Equal(1, (await _pool.RunAsync(["sh"], SourceSide.FenceScript, root)).Code);
        Assert.Null(_pool[root, "zfsesx:role"]);
    }

    // What was left by another pool is not taken for the replica, and without a configuration only one root is.
    [Theory]
    [InlineData("root=sp2/replica/uss1", "sp2/replica/uss1")]
    [InlineData("", "old/replica/uss1")]
    public async Task TheReplicaIsWhereItsConfigurationSays(string conf, string root)
    {
        string script = Resource.Text("replica-set.sh").Replace("/etc/zfsesx", _pool.Folder, StringComparison.Ordinal);
        foreach (string[] shell in PlayedPool.Shells)
        {
            _pool.Fill(
                "old/replica/uss1 zfsesx:source=uss1\nold/replica/uss1/nas\nold/replica/uss1/nas@zfsesx-9 createtxg=9"
                + "\nsp2/replica/uss1 zfsesx:source=uss1\nsp2/replica/uss1/nas"
                + "\nsp2/replica/uss1/nas@zfsesx-1 createtxg=1");
            File.WriteAllText(Path.Combine(_pool.Folder, "source-uss1.conf"), "source=uss1\n" + conf + "\n");
            (int code, string said) = await _pool.RunAsync(shell, script, "uss1");
            Assert.True(code == 0, string.Join(' ', shell) + ": " + _pool.Errors);
            ReplicaSet set = ReplicaSet.Parse("uss1", said.Split('\n'));
            Assert.Equal((root, "nas"), (set.Root, Assert.Single(set.Replicas).Relative));
            Assert.Equal(conf.Length > 0 ? "zfsesx-1" : "zfsesx-9", set.Replicas[0].Snapshot);
        }
    }

    [Fact]
    public async Task AFenceEndsTheSessionUnderWay()
    {
        string script = StandInActions.FenceScript.Replace("/etc/zfsesx", _pool.Folder, StringComparison.Ordinal);
        foreach (string[] shell in PlayedPool.Shells)
        {
            _pool.Fill("sp2");
            _pool.Program("agent.sh", $"[ ! -f {_pool.Folder}/fenced-uss1 ] || echo \"agent $*\" >>\"$SUN/log\"");
            string agent = Path.Combine(_pool.Folder, "agent.sh");
            Assert.Equal(0, (await _pool.RunAsync(shell, script, "uss1", agent)).Code);
            Assert.Equal(["agent stop from-uss1"], _pool.Changes);
            Assert.Equal(0, (await _pool.RunAsync(shell, script, "uss1", agent + ".none")).Code);
            File.Delete(Path.Combine(_pool.Folder, "fenced-uss1"));
        }
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("sp1/failback/uss2/nas:vol0@mine", "something of its own")]
    [InlineData("sp1/failback/uss2/nas:vol0/below", "something of its own")]
    public async Task OnlyWhatWasSentIsDropped(string other, string refused)
    {
        const string Left = "sp1/failback/uss2/nas:vol0";
        foreach (string[] shell in PlayedPool.Shells)
        {
            _pool.Fill("sp1/nas/vol0\nsp1/nas/vol0@zfsesx-1\n"
                + $"{Left} origin=sp1/nas/vol0@zfsesx-1\n{Left}@zfsesx-2\n{other}");
            (int code, string _) = await _pool.RunAsync(shell, WayBack.DropScript, Left, "zfsesx:x");
            Assert.Contains(refused, _pool.Errors, StringComparison.Ordinal);
            Assert.Equal(refused.Length > 0, code != 0);
            Assert.Equal(refused.Length > 0, _pool[Left + "@zfsesx-2", "type"] is not null);
            Assert.NotNull(_pool["sp1/nas/vol0@zfsesx-1", "type"]);
            Assert.Equal(0, (await _pool.RunAsync(shell, WayBack.DropScript, "sp1/failback/uss2/no", "zfsesx:x")).Code);
        }

        _pool.Fill($"sp1/nas/vol0 origin={Left}@zfsesx-1\n{Left}\n{Left}@zfsesx-1\n");
        Assert.Equal(1, (await _pool.RunAsync(["sh"], WayBack.DropScript, Left, "zfsesx:x")).Code);
        Assert.Contains("Complete-ZfsReplicaFailover finishes", _pool.Errors, StringComparison.Ordinal);
    }

    // An old ZFS does not know written@; the increment's size tells, and nothing of the look stays.
    [Theory]
    [InlineData(624, "0")]
    [InlineData(1560, "936")]
    [InlineData(0, null)]
    public async Task AnIncrementTellsWhatWasWritten(int size, string? written)
    {
        File.WriteAllBytes(Path.Combine(_pool.Folder, "stream"), new byte[size]);
        foreach (string[] shell in PlayedPool.Shells)
        {
            _pool.Fill(StandIn.Replace(Unwritten, "x=y", StringComparison.Ordinal));
            (int code, string said) = await _pool.RunAsync(
                shell, StandInActions.WrittenFunction + "written \"$1\"", Clone + "@zfsesx-2");
            Assert.Equal((written is null, written ?? ""), (code != 0, said.Trim()));
            Assert.Null(_pool[Clone + "@zfsesx-look", "type"]);
        }
    }

    private Task<(int Code, string Output)> DestroyAsync(string[] shell, string unchangedSince) =>
        _pool.RunAsync(shell, StandInActions.DestroyScript, Clone, unchangedSince);
}
