using ZfsEsx.Os;

namespace ZfsEsx.Core.Tests.Os;

/// <summary>Root's crontab: what is there is never lost, and what is written is there afterwards.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class HostCrontabTests : IDisposable
{
    private const string Mine = "# mine\n1 1 * * * true\n";

    private readonly SunSystem _sun = new();

    public HostCrontabTests()
    {
        _sun.Crontab();
        _sun.Program("id", "case $1 in -un) echo root;; *) echo 0;; esac");
        _sun.Program("zfs", "exit 1");
        _sun.Program("zpool", "exit 1");
    }

    public void Dispose() => _sun.Dispose();

    [Fact]
    public async Task Edits_side_by_side_are_all_kept()
    {
        string[] pools = ["a", "b", "c", "d"];
        using ZfsHost host = await OpenAsync();
        await Task.WhenAll(pools.Select(p => HostCrontab.EditAsync(host, t => Set(t, p), default)));
        Assert.All(pools, p => Assert.NotNull(CrontabText.Find(Crontab, "scrub of " + p)));
        await Task.WhenAll(pools.Select(
            p => HostCrontab.EditAsync(host, t => CrontabText.Remove(t, "scrub of " + p), default)));
        Assert.False(File.Exists(_sun.PathOf("crontab.root")));
    }

    [Fact]
    public async Task What_is_there_stays()
    {
        Crontab = Mine;
        using ZfsHost host = await OpenAsync();
        await HostCrontab.EditAsync(host, t => Set(t, "sp1"), default);
        Assert.StartsWith(Mine, Crontab, StringComparison.Ordinal);
        await HostCrontab.EditAsync(host, t => CrontabText.Remove(t, "scrub of sp1"), default);
        Assert.Equal(Mine, Crontab);
    }

    [Theory]
    [InlineData("echo 'crontab: fork: Cannot allocate memory' >&2; exit 1", "Cannot allocate memory")]
    [InlineData("echo '# mine'; kill -9 $$", "# mine")]
    public async Task A_crontab_that_cannot_be_read_is_not_taken_for_none(string fails, string said)
    {
        Crontab = Mine;
        File.Move(_sun.PathOf("crontab"), _sun.PathOf("crontab.real"));
        _sun.Program("crontab", "if [ \"$1\" = -l ]; then " + fails + "; fi; exec \"$SUN/crontab.real\" \"$@\"");
        using ZfsHost host = await OpenAsync();
        ZfsEsxException failure = await Assert.ThrowsAsync<ZfsEsxException>(
            () => HostCrontab.EditAsync(host, t => Set(t, "sp1"), default));
        Assert.Equal("CrontabNotRead", failure.Id);
        Assert.Contains(said, failure.Message, StringComparison.Ordinal);
        Assert.Equal(Mine, Crontab);
    }

    [Theory]
    [InlineData("no crontab for root")]
    [InlineData("crontab: no crontab for root")]
    [InlineData("crontab: can't open your crontab file.")]
    [InlineData("crontab: can't open 'root': No such file or directory")]
    public async Task None_is_said_in_many_ways(string said)
    {
        File.Move(_sun.PathOf("crontab"), _sun.PathOf("crontab.real"));
        _sun.Program(
            "crontab",
            "if [ \"$1\" = -l ] && [ ! -e \"$SUN/crontab.root\" ]; then echo \"" + said
                + "\" >&2; exit 1; fi; exec \"$SUN/crontab.real\" \"$@\"");
        using ZfsHost host = await OpenAsync();
        await HostCrontab.EditAsync(host, t => Set(t, "sp1"), default);
        Assert.NotNull(CrontabText.Find(Crontab, "scrub of sp1"));
    }

    [Fact]
    public async Task What_the_system_did_not_keep_is_a_failure_in_its_own_words()
    {
        Crontab = Mine;
        using ZfsHost host = await OpenAsync();
        ZfsEsxException failure = await Assert.ThrowsAsync<ZfsEsxException>(
            () => HostCrontab.EditAsync(host, t => CrontabText.Set(t, "x", "*/5 * * * * true"), default));
        Assert.Equal("CrontabNotKept", failure.Id);
        Assert.Contains("errors detected in input", failure.Message, StringComparison.Ordinal);
        Assert.Equal(Mine, Crontab);
    }

    private string Crontab
    {
        get => File.ReadAllText(_sun.PathOf("crontab.root"));
        set => File.WriteAllText(_sun.PathOf("crontab.root"), value);
    }

    private Task<ZfsHost> OpenAsync() => ZfsHost.OpenAsync(new SunShell(_sun), CancellationToken.None);

    private static string Set(string text, string pool) =>
        CrontabText.Set(text, "scrub of " + pool, "0 2 1 * * /sbin/zpool scrub " + pool + " >/dev/null 2>&1");
}
