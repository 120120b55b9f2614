using ZfsEsx.Core.Tests.Zfs;
using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Core.Tests.Os;

/// <summary>From what a storage VM says to checks.</summary>
public sealed class HostChecksTests
{
    private static readonly string s_text = ZfsFixture.Text("openzfs-2.3.9/host-checks.txt");

    [Fact]
    public void A_storage_vm_that_was_really_asked()
    {
        Dictionary<string, ZfsHostCheck> checks = Judge(s_text);
        Assert.Equal(
            [
                "Connection", "System", "Rights", "Zfs", "Resume", "Bookmarks", "ChannelPrograms", "RawSend",
                "Delegation", "Time", "TimeZone", "NfsServer", "Cron", "Memory", "Programs",
            ],
            checks.Keys);
        Assert.Equal("Debian GNU/Linux 13 (trixie), 6.12.107+deb13-cloud-amd64", checks["System"].Found);
        Assert.Equal("zfs-2.3.9-0+deb13u1", checks["Zfs"].Found);
        Assert.All(
            checks.Values.Where(c => c.Check is not ("Memory" or "Programs")),
            c => Assert.Equal(ZfsHostCheckStatus.Passed, c.Status));
        Assert.All(checks.Values, c => Assert.Equal(c.Status == ZfsHostCheckStatus.Passed, c.Advice.Length == 0));
        Assert.Equal(ZfsHostCheckStatus.Warning, checks["Memory"].Status);
    }

    [Theory]
    [InlineData("nfs running", "nfs missing", "NfsServer", "Failed", "apt-get install nfs-kernel-server")]
    [InlineData("nfs running", "nfs stopped", "NfsServer", "Warning", "nfs-server")]
    [InlineData("+3", "-3", "NfsServer", "Failed", "vers3=y")]
    [InlineData("state online", "state", "Cron", "Warning", "cron")]
    [InlineData(
        "crontab 1 no crontab for root", "crontab 1 You (root) are not allowed to use this program (crontab)",
        "Cron", "Failed", "cron.allow")]
    [InlineData("crontab 1 no crontab for root\n", "", "Cron", "Failed", "apt-get install cron")]
    [InlineData("tool zpool\n", "", "Zfs", "Failed", "apt-get install linux-headers")]
    [InlineData("answers\n", "The ZFS modules cannot be auto-loaded.\n", "Zfs", "Failed", "modprobe zfs")]
    [InlineData("zfs-kmod-2.3.9", "zfs-kmod-2.3.1", "Zfs", "Warning", "Restart")]
    [InlineData("can resume\n", "", "Resume", "Warning", "0.7")]
    [InlineData("can program\n", "", "ChannelPrograms", "Warning", "0.8")]
    [InlineData(
        "\u001emissing\n", "\u001emissing\nlsblk\nssh-keygen\n",
        "Programs", "Failed", "apt-get install openssh-client util-linux")]
    public void What_is_not_so_is_said_with_the_command(
        string now, string then, string check, string status, string advice)
    {
        Assert.Contains(now, s_text, StringComparison.Ordinal);
        ZfsHostCheck found = Judge(s_text.Replace(now, then, StringComparison.Ordinal))[check];
        Assert.Equal(status, found.Status.ToString());
        Assert.Contains(advice, found.Advice, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MANAGER=apt-get\nID=ubuntu", "zfs", "apt-get install zfsutils-linux")]
    [InlineData("MANAGER=midclt", "nfs", "System, Services")]
    [InlineData("MANAGER=dnf\nINIT=systemd", "nfs", "systemctl enable --now nfs-server")]
    [InlineData("INIT=smf", "nfs", "svcadm enable -r network/nfs/server")]
    [InlineData("INIT=openrc", "nfs", "rc-update add nfs")]
    public void Each_system_has_its_own_commands(string release, string what, string advice)
    {
        string text = s_text
            .Replace("INIT=sysv\n", "", StringComparison.Ordinal)
            .Replace("\u001erelease\n", "\u001erelease\n" + release + "\n", StringComparison.Ordinal);
        text = what == "zfs" ? text.Replace("tool zpool\n", "", StringComparison.Ordinal)
            : text.Replace("nfs running", "nfs stopped", StringComparison.Ordinal);
        Assert.Contains(advice, Judge(text)[what == "zfs" ? "Zfs" : "NfsServer"].Advice, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Elevation.Root, "", "Passed", "is root")]
    [InlineData(Elevation.Doas, "", "Passed", "root by doas")]
    [InlineData(Elevation.None, "sudo asks for a password", "Failed", "none: sudo asks for a password")]
    public void Rights(Elevation elevation, string refusal, string status, string found)
    {
        ZfsHostCheck check = Judge(s_text, elevation, refusal)["Rights"];
        Assert.Equal((status, found), (check.Status.ToString(), check.Found));
    }

    // Ours before and after, theirs, the offset and its uncertainty in milliseconds.
    [Theory]
    [InlineData(0, "2026-11-22T12:00:01.500000000", 1000, 1000, 500, "Passed")]
    [InlineData(0, "2026-11-22T12:00:03.000000000", 200, 2900, 100, "Warning")]
    [InlineData(0, "2026-11-22T11:59:50.000000000", 200, -10100, 100, "Warning")]
    [InlineData(0, "2026-11-22T12:06:00.000000000", 200, 359900, 100, "Failed")]
    [InlineData(
        0, "2026-11-22T12:00:02.N", 200, 2400, 600, "Passed")] // whole seconds only: not known to be more than 2
    [InlineData(0, "2026-11-22T12:00:05.000000000", 8000, 1000, 4000, "Passed")] // a slow line proves nothing
    public void The_clock_is_measured_with_the_round_trip(
        int before, string said, int after, int offset, int uncertainty, string status)
    {
        DateTimeOffset noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
        HostClock clock = HostClock.Of(noon.AddMilliseconds(before), said + "\n", noon.AddMilliseconds(after))!;
        Assert.Equal(
            (offset, uncertainty),
            ((int)Math.Round(clock.Offset.TotalMilliseconds), (int)Math.Round(clock.Uncertainty.TotalMilliseconds)));
        Assert.Equal(status, Judge(s_text, clock: clock)["Time"].Status.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("Sun Nov 22 12:00:00 UTC 2026")]
    [InlineData("2026-11-22T12:00:00\nx")]
    public void A_clock_that_cannot_be_read_is_none(string said) =>
        Assert.Null(HostClock.Of(DateTimeOffset.UnixEpoch, said, DateTimeOffset.UnixEpoch));

    [Theory]
    [InlineData(0, "Passed", "")]
    [InlineData(120, "Warning", "what is 02:00 here is 00:00 there")]
    [InlineData(-570, "Warning", "what is 14:30 here is 00:00 there")]
    public void Time_zones_are_compared(int ours, string status, string advice)
    {
        ZfsHostCheck check = Judge(s_text, zone: TimeSpan.FromMinutes(ours))["TimeZone"];
        Assert.Equal(status, check.Status.ToString());
        Assert.Contains(advice, check.Advice, StringComparison.Ordinal);
    }

    internal static Dictionary<string, ZfsHostCheck> Judge(
        string text,
        Elevation elevation = Elevation.Root,
        string refusal = "",
        HostClock? clock = null,
        TimeSpan zone = default) =>
        HostJudge.Judge(new HostFacts(
            "uss1", "admin", elevation, refusal, new CommandResult(0, text, ""),
            clock ?? new HostClock(TimeSpan.Zero, TimeSpan.Zero), zone)).ToDictionary(c => c.Check);
}
