using ZfsEsx.Shell;

namespace ZfsEsx.Lab;

/// <summary>The Debian packages that the lab stands on.</summary>
internal static class Prerequisites
{
    private static readonly (string Probe, string Package)[] Guests =
    [
        ("qemu-system-x86_64", "qemu-system-x86"),
        ("mmdebstrap", "mmdebstrap"),
        ("mkfs.erofs", "erofs-utils"),
        ("cpio", "cpio"),
        ("newuidmap", "uidmap"),
        ("mke2fs", "e2fsprogs"),
        ("unshare", "util-linux"),
        ("ssh", "openssh-client"),
        ("ssh-keygen", "openssh-client"),
        // for the tests of the remote shell: a server on loopback, and the shells that storage VMs may have
        ("sshd", "openssh-server"),
        ("busybox", "busybox"),
        ("ksh93", "ksh93u+m"),
        ("mksh", "mksh"),
        ("yash", "yash"),
        ("original-awk", "original-awk"),
        ("tcsh", "tcsh"),
        ("ssh-agent", "openssh-client"),
        ("go", "golang-go"),
        ("/usr/share/gocode/src/github.com/vmware/govmomi", "golang-github-vmware-govmomi-dev"),
        ("/usr/share/gocode/src/github.com/google/uuid", "golang-github-google-uuid-dev"),
    ];

    private static readonly (string Probe, string Package)[] Fuse =
    [
        ("zfs-fuse", "zfs-fuse"),
        ("sshd", "openssh-server"),
        ("ssh", "openssh-client"),
        ("ssh-keygen", "openssh-client"),
        ("cron", "cron"),
        // for hosts that are logged in to as a plain user
        ("sudo", "sudo"),
        ("doas", "opendoas"),
        ("ip", "iproute2"),
        ("nsenter", "util-linux"),
        ("newuidmap", "uidmap"),
        // the shells that the agent is run by, and the awk that others descend from
        ("busybox", "busybox"),
        ("ksh93", "ksh93u+m"),
        ("mksh", "mksh"),
        ("yash", "yash"),
        ("original-awk", "original-awk"),
        ("fio", "fio"),
    ];

    // what replication is measured beside; the delaying proxy is a few lines of Python
    private static readonly (string Probe, string Package)[] Peers =
        [("syncoid", "sanoid"), ("python3", "python3-minimal")];

    // programs of other storage VMs than the lab's, which a host of the light lab can run
    private static readonly (string Probe, string Package)[] Networks =
        [("networkctl", "systemd"), ("dbus-daemon", "dbus"), ("netplan", "netplan.io"), ("pkill", "procps")];

    // Tests that start side by side may miss the same packages; dpkg lets only one install.
    private static readonly SemaphoreSlim Gate = new(1);

    /// <summary>
    /// Installs what is missing for a lab of guests, or for the light one; one caller after the other.
    /// </summary>
    public static Task EnsureAsync(bool fuse, Action<string> say, CancellationToken ct) =>
        EnsureAsync(fuse ? Fuse : Guests, say, ct);

    /// <summary>The same for what the bench of replication needs besides the light lab.</summary>
    public static Task EnsurePeersAsync(Action<string> say, CancellationToken ct) => EnsureAsync(Peers, say, ct);

    /// <summary>The same for tests of the ways in which systems keep their addresses.</summary>
    public static Task EnsureNetworksAsync(Action<string> say, CancellationToken ct) => EnsureAsync(Networks, say, ct);

    private static async Task EnsureAsync(
        (string Probe, string Package)[] all, Action<string> say, CancellationToken ct)
    {
        await Gate.WaitAsync(ct);
        try
        {
            await InstallAsync(all, say, ct);
        }
        finally
        {
            Gate.Release();
        }
    }

    private static async Task InstallAsync(
        (string Probe, string Package)[] all, Action<string> say, CancellationToken ct)
    {
        string[] missing = Missing(all);
        if (missing.Length == 0)
        {
            return;
        }

        say("Installing " + string.Join(' ', missing) + "…");
        string[] install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", .. missing];
        CommandResult result = await AsRootAsync(install, say, ct);
        if (!result.Succeeded)
        {
            // the package lists may be missing or old
            CommandResult update = await AsRootAsync(["apt-get", "update", "-q"], say, ct);
            result = update.Succeeded ? await AsRootAsync(install, say, ct) : update;
        }

        string[] still = Missing(all);
        if (still.Length > 0)
        {
            throw new LabException(
                $"The lab needs Debian packages that could not be installed: {result.Complaint}\n"
                + $"Install them as root:\n    apt-get update && {string.Join(' ', install[..^missing.Length])} "
                + string.Join(' ', still));
        }
    }

    private static string[] Missing((string Probe, string Package)[] all) =>
        [.. all.Where(p => !IsThere(p.Probe)).Select(p => p.Package).Distinct()];

    private static bool IsThere(string probe) =>
        probe.StartsWith('/') ? Directory.Exists(probe) : Tool.Find(probe) is not null;

    private static async Task<CommandResult> AsRootAsync(string[] command, Action<string> say, CancellationToken ct)
    {
        // a policy-rc.d for the time of the installation: no package shall start a daemon on this machine
        const string Script = """
            policy=/usr/sbin/policy-rc.d
            if [ ! -e $policy ]; then
              printf '#!/bin/sh\nexit 101\n' > $policy && chmod 755 $policy
              trap 'rm -f $policy' EXIT
            fi
            DEBIAN_FRONTEND=noninteractive "$@"
            """;
        string[] words = ["sh", "-c", Script, "sh", .. command];
        if (Environment.UserName != "root")
        {
            if (Tool.Find("sudo") is null)
            {
                return new CommandResult(1, "", "only root may install packages, and there is no sudo");
            }

            say("Root is needed to install packages, and only for that: sudo " + string.Join(' ', command));
            // a person is asked for the password; a job without a terminal gets an answer at once
            string[] sudo = Console.IsInputRedirected ? ["sudo", "-n"] : ["sudo"];
            words = [.. sudo, .. words];
        }

        return await Tool.RunAsync(words, TimeSpan.FromMinutes(10), ct);
    }
}
