using ZfsEsx.Failover;

namespace ZfsEsx.Core.Tests.Failover;

/// <summary>The scripts of a failover in every shell, over a played pool.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class FailoverScriptTests : IDisposable
{
    private const string Clone = "sp2/failover/uss1/vol0";

    private const string StandIn =
        $"""
        sp2/replica/uss1/vol0
        sp2/replica/uss1/vol0@zfsesx-1
        {Clone} origin=sp2/replica/uss1/vol0@zfsesx-1 zfsesx:failover=store zfsesx:role=primary mounted=yes sharenfs=on written@zfsesx-failover-start=0 written@zfsesx-2=0
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

    [Theory]
    [InlineData("", "")]
    [InlineData("sp1/failback/uss2/nas:vol0@mine", "something of its own")]
    [InlineData("sp1/failback/uss2/nas:vol0/below", "something of its own")]
    public async Task OnlyWhatWasSentIsDropped(string other, string refused)
    {
        const string Left = "sp1/failback/uss2/nas:vol0";
        foreach (string[] shell in PlayedPool.Shells)
        {
            string pool = $"sp1/nas/vol0\nsp1/nas/vol0@zfsesx-1\n{Left} origin=sp1/nas/vol0@zfsesx-1\n{Left}@zfsesx-2\n";
            _pool.Fill(pool + other);
            (int code, string _) = await _pool.RunAsync(shell, WayBack.DropScript, Left, "zfsesx:x");
            Assert.Contains(refused, _pool.Errors, StringComparison.Ordinal);
            Assert.Equal((refused.Length > 0, refused.Length > 0), (code != 0, _pool[Left + "@zfsesx-2", "type"] is not null));
            Assert.NotNull(_pool["sp1/nas/vol0@zfsesx-1", "type"]);
            Assert.Equal(0, (await _pool.RunAsync(shell, WayBack.DropScript, "sp1/failback/uss2/no", "zfsesx:x")).Code);
        }

        _pool.Fill($"sp1/nas/vol0 origin={Left}@zfsesx-1\n{Left}\n{Left}@zfsesx-1\n");
        Assert.Equal(1, (await _pool.RunAsync(["sh"], WayBack.DropScript, Left, "zfsesx:x")).Code);
        Assert.Contains("Complete-ZfsReplicaFailover finishes", _pool.Errors, StringComparison.Ordinal);
    }

    private Task<(int Code, string Output)> DestroyAsync(string[] shell, string unchangedSince) =>
        _pool.RunAsync(shell, StandInActions.DestroyScript, Clone, unchangedSince);
}
