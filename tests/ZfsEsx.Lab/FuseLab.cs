using System.Diagnostics;
using System.Text;
using ZfsEsx.Shell;

namespace ZfsEsx.Lab;

/// <summary>Storage hosts with zfs-fuse, the older ZFS, in namespaces of this machine. No NFS, no simulator.</summary>
public sealed class FuseLab
{
    private readonly LabPaths paths;

    private FuseLab(LabPaths paths)
    {
        this.paths = paths;
        IEnumerable<string> names = Directory.GetDirectories(paths.Fuse).Select(d => Path.GetFileName(d)!);
        Hosts = [.. names.Order(StringComparer.Ordinal)];
    }

    /// <summary>Its name.</summary>
    public string Name => paths.Name;

    /// <summary>The hosts' names: uss1…ussN; each is reached by <c>ssh -F SshConfigPath NAME</c>.</summary>
    public IReadOnlyList<string> Hosts { get; }

    /// <summary>An ssh client configuration that leads to each host by its name.</summary>
    public string SshConfigPath => SshConfigOf(paths);

    /// <summary>The address of a host in the network that the hosts share.</summary>
    public string AddressOf(string host) => AddressOf(Hosts.Index().First(h => h.Item == host).Index);

    /// <summary>The host's key, <c>SHA256:…</c>, as ssh prints it.</summary>
    public string HostKeyFingerprintOf(string host) => SshKeys.Fingerprint(Path.Combine(paths.Fuse, host, "host"));

    /// <summary>Two files of a host that can serve as disks.</summary>
    public static (string Data, string Log) Disks => ("/mnt/disks/data", "/mnt/disks/log");

    /// <summary>Brings the hosts up; a lab that runs already is left as it is.</summary>
    public static async Task<FuseLab> UpAsync(LabOptions options, Action<string> say, CancellationToken ct)
    {
        if (options.Nodes is < 1 or > 9)
        {
            throw new LabException("A light lab has 1 to 9 hosts.");
        }

        var paths = new LabPaths(options.Name);
        LabPaths.CreatePrivate(LabPaths.StateRoot);
        using IDisposable alone = await LabLock.TakeAsync(paths.Fuse + ".lock", TimeSpan.FromMinutes(15), ct);
        if (SwitchOf(paths) is not null)
        {
            say($"The light lab {paths.Name} runs already.");
            return new FuseLab(paths);
        }

        End(paths);
        await Prerequisites.EnsureAsync(fuse: true, say, ct);
        CheckFuse();
        var watch = Stopwatch.StartNew();
        try
        {
            string[] hosts = [.. Enumerable.Range(1, options.Nodes).Select(n => "uss" + n)];
            await PrepareAsync(paths, hosts, ct);
            await StartAsync(paths, hosts, ct);
            string after = $"after {watch.Elapsed.TotalSeconds:0.0} s";
            say($"The light lab {paths.Name} is up with {hosts.Length} hosts {after}.");
            return new FuseLab(paths);
        }
        catch
        {
            End(paths);
            throw;
        }
    }

    /// <summary>Ends the hosts of that lab and removes what they wrote.</summary>
    public static async Task DownAsync(string name, Action<string> say, CancellationToken ct)
    {
        var paths = new LabPaths(name);
        LabPaths.CreatePrivate(LabPaths.StateRoot);
        using IDisposable alone = await LabLock.TakeAsync(paths.Fuse + ".lock", TimeSpan.FromMinutes(15), ct);
        if (Directory.Exists(paths.Fuse))
        {
            End(paths);
            say($"The light lab {name} is down.");
        }
    }

    /// <summary>Ends this lab.</summary>
    public Task DownAsync() => DownAsync(Name, _ => { }, CancellationToken.None);

    /// <summary>Runs a command on a host as root; a minute at most.</summary>
    public Task<CommandResult> RunAsync(string host, params string[] words) =>
        Tool.RunAsync(
            ["ssh", "-F", SshConfigPath, host, "--", string.Join(' ', words.Select(ShellQuote.Quote))],
            TimeSpan.FromMinutes(1),
            CancellationToken.None);

    private static string AddressOf(int index) => "10.98.0." + (11 + index);

    private static string SshConfigOf(LabPaths paths) => Path.Combine(paths.Fuse, "ssh_config");

    private static string PidFileOf(LabPaths paths) => Path.Combine(paths.Fuse, "switch.pid");

    private static int? SwitchOf(LabPaths paths) => LiveProcess.FromFile(PidFileOf(paths), paths.Fuse);

    private static void CheckFuse()
    {
        try
        {
            using FileStream device = File.Open("/dev/fuse", FileMode.Open, FileAccess.ReadWrite);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LabException("/dev/fuse cannot be opened: " + e.Message + " As root: chmod 666 /dev/fuse", e);
        }
    }

    private static async Task PrepareAsync(LabPaths paths, string[] hosts, CancellationToken ct)
    {
        LabPaths.CreatePrivate(paths.Fuse);
        string key = Path.Combine(paths.Fuse, "id");
        await SshKeys.CreateAsync(key, "zfsesx-lab", ct);
        var config = new StringBuilder();
        var known = new StringBuilder();
        string enter = Path.Combine(paths.Fuse, "enter");
        foreach ((int index, string host) in hosts.Index())
        {
            string directory = Path.Combine(paths.Fuse, host);
            LabPaths.CreatePrivate(Path.Combine(directory, "disks"));
            await SshKeys.CreateAsync(Path.Combine(directory, "host"), host, ct);
            File.Copy(key + ".pub", Path.Combine(directory, "authorized_keys"));
            using (FileStream data = File.Create(Path.Combine(directory, "disks", "data")))
            using (FileStream log = File.Create(Path.Combine(directory, "disks", "log")))
            {
                data.SetLength(1L << 30);
                log.SetLength(128L << 20);
            }

            known.Append(host).Append(' ').Append(await File.ReadAllTextAsync(Path.Combine(directory, "host.pub"), ct));
            config.Append(
                $"""
                Host {host}
                    HostName {AddressOf(index)}
                    HostKeyAlias {host}
                    User root
                    IdentityFile "{key}"
                    IdentitiesOnly yes
                    BatchMode yes
                    ConnectTimeout 10
                    UserKnownHostsFile "{paths.Fuse}/known_hosts"
                    GlobalKnownHostsFile /dev/null
                    StrictHostKeyChecking yes
                    ProxyCommand "{enter}" %h %p


                """);
        }

        LabPaths.WritePrivate(Path.Combine(paths.Fuse, "known_hosts"), known.ToString());
        LabPaths.WritePrivate(SshConfigOf(paths), config.ToString());
        LabPaths.WritePrivate(enter, EnterScript(paths));
        File.SetUnixFileMode(enter, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    // Leads a connection of ssh into the hosts' network. The reader is in front: with it the connection ends.
    private static string EnterScript(LabPaths paths) =>
        "#!/bin/sh\n"
        + "switch=$(cat " + ShellQuote.Quote(PidFileOf(paths)) + ") || exit\n"
        + "exec nsenter -t \"$switch\" " + (IsRoot ? "" : "-U --preserve-credentials ") + "-n bash -c '\n"
        + "  exec 3<> \"/dev/tcp/$1/$2\" || exit\n"
        + "  cat <&0 >&3 &\n"
        + "  exec cat <&3' bash \"$1\" \"$2\"\n";

    private static async Task StartAsync(LabPaths paths, string[] hosts, CancellationToken ct)
    {
        string script = Path.Combine(LabPaths.Sources, "tests", "ZfsEsx.Lab", "fuse", "switch.sh");
        string[] asUser = IsRoot ? [] : ["-U", "--map-root-user", "--map-auto"];
        string log = Path.Combine(paths.Fuse, "log");
        string[] command =
        [
            "setsid", "-f", "sh", "-c", "log=$1; shift; exec \"$@\" > \"$log\" 2>&1 < /dev/null", "sh", log,
            "unshare", .. asUser, "--mount", "--net", "--pid", "--fork", "bash", script, paths.Fuse, .. hosts,
        ];
        await Tool.MustAsync(command, TimeSpan.FromSeconds(60), ct);
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < TimeSpan.FromSeconds(120))
        {
            if (SwitchOf(paths) is not null && hosts.All(h => File.Exists(Path.Combine(paths.Fuse, h, "ready"))))
            {
                return;
            }

            await Task.Delay(20, ct);
        }

        string[] logs = [log, .. hosts.Select(h => Path.Combine(paths.Fuse, h, "log"))];
        string said = string.Concat(logs.Where(File.Exists).Select(File.ReadAllText)).Trim();
        throw new LabException("The light lab's hosts were not ready within 120 s: " + said);
    }

    private static bool IsRoot => Environment.UserName == "root";

    private static void End(LabPaths paths)
    {
        if (SwitchOf(paths) is { } id)
        {
            LiveProcess.Kill(id, paths.Fuse);
            // the kernel ends the hosts' processes with their first one, but not in the same moment
            LiveProcess.WaitUntilGone(paths.Fuse);
        }

        if (Directory.Exists(paths.Fuse))
        {
            Directory.Delete(paths.Fuse, recursive: true);
        }
    }
}
