using ZfsEsx.Failover;
using ZfsEsx.Shell;

namespace ZfsEsx.Lab.Tests;

/// <summary>What an old ZFS does not tell of a stand-in is found out otherwise.</summary>
public sealed class FailoverFuseTests() : FuseHostTest("fusefail")
{
    private const string Clone = "sp1/failover/vol0";

    [Fact]
    public async Task What_was_written_is_seen_whatever_snapshots_there_are()
    {
        await ShAsync("zpool create sp1 '" + FuseLab.Disks.Data + "' && zfs create sp1/r && zfs create sp1/failover");
        await ShAsync("echo app >/sp1/r/app && sync && zfs snapshot sp1/r@zfsesx-1");
        await ShAsync(
            $"zfs clone -o zfsesx:failover=s -o zfsesx:role=primary sp1/r@zfsesx-1 {Clone} && echo note >/{Clone}/note");
        await ShAsync($"zfs snapshot {Clone}@{StandInActions.StartSnapshot} && zfs snapshot {Clone}@zfsesx-2");
        Assert.Equal(0, await StandInActions.WrittenAsync(Host, Clone, default));

        // Blocks that both snapshots have are used by none of them alone.
        await ShAsync($"echo later >/{Clone}/app");
        Assert.NotEqual(0, await StandInActions.WrittenAsync(Host, Clone, default));
        ZfsEsxException refused = await Assert.ThrowsAsync<ZfsEsxException>(
            () => StandInActions.DestroyAsync(Host, Clone, "-", default));
        Assert.Contains("bytes were written to it after", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("zfsesx-look", await ShAsync("zfs list -H -r -t all"), StringComparison.Ordinal);

        await ShAsync($"zfs snapshot {Clone}@zfsesx-3");
        await StandInActions.DestroyAsync(Host, Clone, "-", default);
        Assert.DoesNotContain(Clone, await ShAsync("zfs list -H -r -t all"), StringComparison.Ordinal);
    }

    private async Task<string> ShAsync(string script)
    {
        CommandResult result = await Host.RunAsync(RemoteCommand.Script(script), default);
        Assert.True(result.Succeeded, script + ": " + result.Complaint);
        return result.Output;
    }
}
