using ZfsEsx.Core.Tests.Os;
using ZfsEsx.Os;
using ZfsEsx.Zfs;

namespace ZfsEsx.Core.Tests.Zfs;

/// <summary>Waits for what a pool does end when the pool does not work any more.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class ZpoolWaitTests : IDisposable
{
    private readonly SunSystem _sun = new();

    public void Dispose() => _sun.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_pool_that_is_suspended_is_not_waited_for(bool saysThatItRuns)
    {
        _sun.Program("id", "case $1 in -un) echo root;; *) echo 0;; esac");
        _sun.Program("zfs", "exit 1");
        _sun.Program("zpool", """
            state=$(cat "$SUN/state") scan=$(cat "$SUN/scan")
            case $1 in
              list) printf 'sp1\t1000\t10\t990\t1\t1.00\t%s\t0\n' "$state";;
              status) printf '  pool: sp1\n state: %s\n%sconfig:\n\n\tNAME  STATE  READ WRITE CKSUM\n' "$state" "$scan
            ";;
            esac
            """);
        const string Running = "  scan: scrub in progress since Sun Nov 22 16:50:29 2026";
        Set("ONLINE", Running);
        using ZfsHost host = await ZfsHost.OpenAsync(new SunShell(_sun), CancellationToken.None);
        Plan<ZpoolScrub> plan = await ZpoolScrubs.PlanStartAsync(host, "sp1", wait: true, CancellationToken.None);
        Task<IReadOnlyList<ChangeFailure>> waits =
            ChangeRunner.ApplyAsync(plan.Changes, 1, SilentReporter.Instance, CancellationToken.None);
        Set("SUSPENDED", saysThatItRuns ? Running : "");
        ChangeFailure failure = Assert.Single(await waits.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal("PoolNotUsable", Assert.IsType<ZfsEsxException>(failure.Cause).Id);
        Assert.Contains("SUSPENDED", failure.Cause.Message, StringComparison.Ordinal);
    }

    private void Set(string state, string scan)
    {
        File.WriteAllText(_sun.PathOf("scan"), scan);
        File.WriteAllText(_sun.PathOf("state"), state);
    }
}
