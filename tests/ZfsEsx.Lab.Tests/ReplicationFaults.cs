using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Lab.Tests;

/// <summary>
/// Breaks cycles in every way we know of, on whatever ZFS the two hosts have. After each fault the next cycle must
/// deliver everything: equal GUIDs, equal SHA-256, and not one full stream.
/// </summary>
/// <param name="source">Sends dataset.</param>
/// <param name="neighbour">Receives it below root.</param>
/// <param name="seed">Where and when is random, and the same with the same seed.</param>
/// <param name="reboot">Makes the neighbour lose all it has in memory, and start again.</param>
internal sealed partial class ReplicationFaults(
    ZfsHost source, ZfsHost neighbour, string dataset, string root, int seed, Func<Task<ZfsHost>> reboot)
{
    private static readonly string[] s_names = ["a", "a/in", "b"];
    private readonly Random random = new(seed), coin = new(seed);
    private readonly List<string> log = [];
    private string[] sends = [];

    // What a cycle sends, about: a file each, and a little. Small ones go side by side, a large one through the
    // session.
    private const int Size = 150_000, Large = 3_000_000;

    /// <summary>How often a broken transfer went on where it was.</summary>
    public int Resumed { get; private set; }

    /// <summary>How often an increment began at a bookmark.</summary>
    public int FromBookmarks { get; private set; }

    /// <summary>
    /// Kinds of faults that a cycle could not deliver everything under: those that have really struck.
    /// </summary>
    public ISet<string> Struck { get; } = new HashSet<string>();

    /// <summary>What has been tried, for the test's message.</summary>
    public string Log => string.Join('\n', log);

    public async Task PrepareAsync()
    {
        await ReplicationShims.InstallAsync(source, "uss2");
        await ReplicationShims.InstallAsync(neighbour, "from-uss1");
        foreach (string name in s_names)
        {
            await OnSource("zfs create $1/$2", dataset, name);
        }

        await WriteAsync();
        await HealthyAsync("first", full: true);
        await WriteAsync();
        await HealthyAsync("second");
    }

    /// <summary>What a cycle costs: one session, and at most so many calls of zfs a side.</summary>
    public async Task CountAsync()
    {
        await CountAsync("", changed: s_names.Length + 1, atMost: 5);
        await CountAsync(" nothing old", changed: 0, atMost: 2);
    }

    /// <summary>A plain cycle with nothing to do, where ZFS tells what was written.</summary>
    public async Task CountIdleAsync()
    {
        await OnSource(Cycle);
        await CountAsync("", changed: 0, atMost: 2, write: false);
    }

    private async Task CountAsync(string arguments, int changed, int atMost, bool write = true)
    {
        if (write)
        {
            await WriteAsync();
        }

        await ReplicationShims.CallsAsync(source);
        await ReplicationShims.CallsAsync(neighbour);
        await ReplicationShims.SessionsAsync(source);
        await OnSource(Cycle + arguments);
        Assert.Equal(1, await ReplicationShims.SessionsAsync(source));
        foreach (ZfsHost host in (ZfsHost[])[source, neighbour])
        {
            string[] calls = await ReplicationShims.CallsAsync(host);
            Assert.True(calls.Length <= changed + atMost, $"{host.Name}{arguments}:\n{string.Join('\n', calls)}");
        }

        if (changed > 0)
        {
            // One instant for all: ZFS has them in one transaction group.
            const string Groups =
                """
                awk -F '\t' '{ print $1 "@" $3 }' /var/lib/zfsesx/uss2.base | grep -E "^$1/(a|a/in|b)@" |
                  xargs zfs get -Hp -o value createtxg
                """;
            string[] groups = (await OnSource(Groups, dataset)).Split('\n');
            Assert.Equal((s_names.Length, 1), (groups.Length, groups.Distinct().Count()));
        }
    }

    private const string Cycle = "/usr/local/lib/zfsesx/agent.sh cycle uss2";

    private string Below => dataset[(dataset.IndexOf('/') + 1)..];

    private async Task FaultAsync(
        string what, Func<Task> fault, Func<Task>? repair = null, bool write = true, string[]? names = null,
        bool large = false, string? kind = null, int sessions = 64)
    {
        bool standing = coin.Next(2) == 0;
        log.Add(what + (standing ? ", connection stands" : ""));
        await OnSource(
            "f=/etc/zfsesx/edge-uss2.conf; sed -i /^persist/d $f; [ -z \"$1\" ] || echo persist=600 >>$f",
            standing ? "yes" : "");
        if (write)
        {
            await WriteAsync(large);
        }

        await fault();
        await ReplicationShims.SessionsAsync(source);
        string code = await OnSource(Cycle + " >/dev/null 2>&1; echo $?");
        int used = await ReplicationShims.SessionsAsync(source);
        Assert.True(used <= sessions, $"{what}: {used} sessions\n{Log}");
        if (code != "0")
        {
            Struck.Add(kind ?? what);
        }

        if (repair is not null)
        {
            await repair();
        }

        await OnSource("rm -f /tmp/cut");
        await HealthyAsync(what, names: names);
    }

    /// <summary>A cycle that delivers all of it, by increments only.</summary>
    private async Task HealthyAsync(string what, bool full = false, string[]? names = null)
    {
        // Another one may still be at work. One that hangs is shown, with what it hangs in.
        CommandResult cycle = await source.RunAsync(
            Patient(
                "for i in 1 2 3 4 5 6; do timeout 240 " + Cycle
                + "; c=$?; [ $c = 75 ] || exit $c; sleep 1; done; exit 75"),
            CancellationToken.None);
        string status = await OnSource("tail -n 1 /var/lib/zfsesx/uss2.status");
        if (!cycle.Succeeded)
        {
            const string Processes =
                "ps ax -o pid,ppid,stat,args | grep -v 'ps ax' | tail -n 25; tail -n 5 /tmp/zfs.log; "
                + "zfs list -r -t all -o name,origin $1";
            Assert.Fail(
                $"after {what}: {cycle.ExitCode} {cycle.Complaint}\n{status}\n"
                + $"{await OnSource(Processes, dataset)}\n{await On(neighbour, Processes, root)}\n{Log}");
        }

        sends = [.. (await ReplicationShims.CallsAsync(source))
            .Where(c => c.StartsWith("send ", StringComparison.Ordinal))];
        Resumed += sends.Count(s => s.Contains(" -t "));
        FromBookmarks += sends.Count(s => s.Contains('#'));
        Assert.True(
            full || sends.All(s => s.Contains(" -I ") || s.Contains(" -i ") || s.Contains(" -t ")),
            $"after {what}: a full stream\n{string.Join('\n', sends)}\n{Log}");
        foreach (string name in names ?? s_names)
        {
            string[] here = (await OnSource(
                """
                s=$(awk -F '\t' -v ds=$1 '$1 == ds { print $3 }' /var/lib/zfsesx/uss2.base)
                zfs get -Hp -o value guid $1@$s && echo $s && sha256sum <$(zfs get -H -o value mountpoint $1)/data
                """,
                dataset + "/" + name)).Split('\n');
            string there = await On(
                neighbour,
                """
                check=${1%%/*}/check
                zfs get -Hp -o value guid $1@$2 && zfs clone -o readonly=on -o mountpoint=/mnt/check $1@$2 $check || exit
                zfs mount $check 2>/dev/null
                sha256sum </mnt/check/data
                for i in $(seq 150); do zfs destroy $check 2>/dev/null && exit; sleep 0.2; done
                zfs destroy $check
                """,
                root + "/" + Below + "/" + name,
                here[1]);
            Assert.True(
                here[0] + "\n" + here[2] == there,
                $"after {what}: {name} differs: {string.Join(' ', here)} / {there}\n{Log}");
        }
    }

    private Task<string> WriteAsync(bool large = false) => OnSource(
        """
        top=$(zfs get -H -o value mountpoint $1)
        for f in a a/in; do head -c $2 /dev/urandom >$top/$f/data || exit; done
        head -c $3 /dev/urandom >$top/b/data; sync
        """,
        dataset, Size.ToString(), (large ? Large : Size).ToString());

    private Task<string> OnSource(string script, params string[] arguments) => On(source, script, arguments);

    // Guests on a busy machine are slow.
    private static RemoteCommand Patient(string script, params string[] arguments) =>
        new(["sh", "-c", script, "sh", .. arguments]) { Timeout = TimeSpan.FromMinutes(15) };

    private static async Task<string> On(ZfsHost host, string script, params string[] arguments)
    {
        CommandResult result = await host.RunAsync(Patient(script, arguments), CancellationToken.None);
        Assert.True(result.Succeeded || result.Error.Length == 0, host.Name + ": " + script + ": " + result.Complaint);
        return result.Output.TrimEnd('\n');
    }
}
