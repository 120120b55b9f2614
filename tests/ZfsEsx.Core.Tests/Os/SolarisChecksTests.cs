using ZfsEsx.Os;

namespace ZfsEsx.Core.Tests.Os;

/// <summary>
/// Checks of OpenSolaris and illumos: the scripts under ksh93 over programs that answer as theirs do. The answers were
/// written by hand after the manuals (svcs(1), svcprop(1), crontab(1), prtconf(1M), kstat(1M)); not yet proven on the
/// metal.
/// </summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class SolarisChecksTests : IDisposable
{
    // Only what such a system has: no apt-get, no systemctl, no /proc/meminfo.
    private readonly SunSystem _sun = new("awk", "head", "cat", "mktemp", "ssh", "ssh-keygen", "getent", "readlink");

    public void Dispose() => _sun.Dispose();

    [Theory]
    [InlineData("ksh93")]
    [InlineData("sh")]
    public async Task OpenSolaris(string shell)
    {
        System(
            "snv_134", "                       OpenSolaris Development snv_134 X86", nfs: "disabled", enabled: "false");
        _sun.Program("zfs", """
            case $1 in
              allow | list) echo "cannot open '$3': dataset does not exist" >&2;;
              *) echo "unrecognized command '$1'" >&2;;
            esac
            exit 2
            """);
        _sun.Program("zpool", """
            case "$*" in
              "upgrade -v") echo 'This system is currently running ZFS pool version 22.';;
              "list -H -o name") echo rpool;;
            esac
            """);
        _sun.Program("crontab", "echo \"crontab: you are not authorized to use cron.  Sorry.\" >&2; exit 1");
        Dictionary<string, ZfsHostCheck> checks = await ChecksAsync(shell);
        Assert.Equal("OpenSolaris Development snv_134 X86, 5.11", checks["System"].Found);
        Assert.Equal(("Passed", "pool version 22"), (checks["Zfs"].Status.ToString(), checks["Zfs"].Found));
        Assert.Equal("Warning Warning Warning Warning Passed", string.Join(
            ' ',
            new[] { "Resume", "Bookmarks", "ChannelPrograms", "RawSend", "Delegation" }.Select(c => checks[c].Status)));
        Assert.Equal("stopped, not after a boot", checks["NfsServer"].Found);
        Assert.Contains("svcadm enable -r network/nfs/server", checks["NfsServer"].Advice, StringComparison.Ordinal);
        Assert.Equal(ZfsHostCheckStatus.Failed, checks["Cron"].Status);
        Assert.Contains("solaris.jobs.user", checks["Cron"].Advice, StringComparison.Ordinal);
        Assert.Equal("4 GB, 1 GB free", checks["Memory"].Found);
        Assert.Equal("Warning", checks["Programs"].Status.ToString());
        Assert.Contains("pkg install sudo fio", checks["Programs"].Advice, StringComparison.Ordinal);
        Assert.Contains("UTC-05:00", checks["TimeZone"].Found, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OmniOS()
    {
        System("omnios-r151050-1", "  OmniOS v11 r151050", nfs: "online", enabled: "true");
        _sun.Program("zfs", "echo \"cannot open 'x': dataset does not exist\" >&2; exit 1");
        _sun.Program(
            "zpool", "[ \"$*\" = 'upgrade -v' ] && echo 'This system supports ZFS pool feature flags.'; exit 0");
        _sun.Program("crontab", "echo \"crontab: can't open your crontab file.\" >&2; exit 1");
        Dictionary<string, ZfsHostCheck> checks = await ChecksAsync("ksh93");
        Assert.Equal("OmniOS v11 r151050, 5.11", checks["System"].Found);
        Assert.Equal(
            ("running, also after a boot", "running, also after a boot, crontab allowed"),
            (checks["NfsServer"].Found, checks["Cron"].Found));
        Assert.All(
            checks.Values.Where(c => c.Check is not ("Programs" or "TimeZone")),
            c => Assert.Equal(ZfsHostCheckStatus.Passed, c.Status));
    }

    private async Task<Dictionary<string, ZfsHostCheck>> ChecksAsync(string shell)
    {
        string[] words = [.. HostChecks.Command(HostSystem.OpenSolaris).Words];
        Assert.Equal(["sh", "-c"], words[..2]);
        return HostChecksTests.Judge((await _sun.RunAsync(shell, words[2], words[4..])).Output);
    }

    private void System(string build, string release, string nfs, string enabled)
    {
        string text = _sun.PathOf("release.txt");
        File.WriteAllText(text, release + "\n             Assembled 01 March 2010\n");
        _sun.Program(
            "sed",
            $"case $* in */etc/release) exec /usr/bin/sed \"$1\" \"$2\" '{text}';; esac\nexec /usr/bin/sed \"$@\"");
        _sun.Program("uname", $"case $1 in -s) echo SunOS;; -r) echo 5.11;; -v) echo {build};; esac");
        _sun.Program("id", "case $1 in -u) echo 0;; *) echo root;; esac");
        _sun.Program("pkg", "exit 2");
        _sun.Program("svcadm", "exit 2");
        _sun.Program("svcs", $"case $4 in *nfs*) echo {nfs};; *) echo online;; esac");
        _sun.Program("svcprop", $"case $3 in *nfs*) echo {enabled};; *) echo true;; esac");
        _sun.Program(
            "prtconf", "echo 'System Configuration:  Sun Microsystems  i86pc'; echo 'Memory size: 4096 Megabytes'");
        _sun.Program(
            "kstat",
            "[ \"$*\" = '-p unix:0:system_pages:freemem' ] && printf 'unix:0:system_pages:freemem\\t262144\\n'");
        _sun.Program("pagesize", "echo 4096");
        _sun.Program(
            "date", "case $1 in -u) echo 2026-11-22T17:00:00;; +%Z) echo EST;; *) echo 2026-11-22T12:00:00;; esac");
    }
}
