using System.Globalization;
using System.Text.Json.Nodes;
using ZfsEsx.Os;
using ZfsEsx.Replication;
using ZfsEsx.Shell;

namespace ZfsEsx.Lab.Bench;

/// <summary>
/// The replication agent beside syncoid, Debian's sanoid package, on the same two storage hosts, with zfs-fuse or
/// guests with OpenZFS: twenty file systems with small changes, nothing to do, one large stream beside plain
/// <c>zfs send | ssh | zfs receive</c>, and a network with 25 ms each way.
/// </summary>
internal sealed partial class ReplicationBench(bool openZfs) : IBench
{
    private const int FileSystems = 20;
    private const double LeastIdle = 14, LeastBulk = 0.98, MostDelay = 1.6;
    private readonly double leastChanged = openZfs ? 6 : 10;
    private readonly int largeMegabytes = openZfs ? 1024 : 256;

    private const string Agent = "/usr/local/lib/zfsesx/agent.sh cycle ";
    private const string Syncoid =
        "PATH=/opt/peer:$PATH syncoid --recursive --no-privilege-elevation --quiet --compress=none ";

    // What was written is on the disks before anything is measured: the older ZFS takes five seconds for that.
    private const string Write =
        "for i in $(seq $1); do echo $(date +%N) >/mnt/sp1/$2/d$i/small || exit; done; sync; sleep 6";
    private const string WriteLarge =
        "for f in bulk raw; do rm -f /mnt/sp1/$f/large; head -c $1 /dev/urandom >/mnt/sp1/$f/large || exit; done; sync";

    public string Name => openZfs ? "replication-openzfs" : "replication";

    public async Task<BenchResult> RunAsync(BenchOptions options, CancellationToken ct)
    {
        await Prerequisites.EnsurePeersAsync(Console.WriteLine, ct);
        return await (openZfs ? OnGuestsAsync(options, ct) : OnFuseAsync(options, ct));
    }

    private async Task<BenchResult> MeasureAsync(ZfsHost source, ZfsHost target, int rounds, CancellationToken ct)
    {
        const string Theirs = Syncoid + "sp1/peer root@peer:sp2/peer/x",
            TheirsIdle = Syncoid + "--no-sync-snap sp1/peer root@peer:sp2/peer/x";
        const string Ours = Agent + "uss2", OursIdle = Agent + "uss2 idle old";
        const string Login = "/usr/local/lib/zfsesx/agent.sh hangup uss2; " + OursIdle;
        const string Raw =
            "zfs snapshot sp1/raw@$0 && zfs send -i $(cat /tmp/raw) sp1/raw@$0 | ssh peer zfs receive -u sp2/raw/x";
        Dictionary<string, List<double>> times = [];
        JsonObject counts = [];
        Dictionary<string, string> counted = [];

        async Task TimeAsync(string what, string command, bool keep)
        {
            // Before the first round they warm up, and are counted.
            double ms = await RunAsync(source, command, ct);
            if (keep)
            {
                times.TryAdd(what, []);
                times[what].Add(ms);
                Console.WriteLine($"  {what}: {ms:0} ms");
            }
        }

        async Task CountAsync(string what, string command)
        {
            await MustAsync(target, "echo >/tmp/count; cp /opt/count/zfs /usr/local/sbin/zfs", ct);
            await MustAsync(source, "echo >/tmp/count; cp /opt/count/zfs /opt/count/ssh /usr/local/sbin/", ct);
            await RunAsync(source, command, ct);
            const string Read =
                "rm -f /usr/local/sbin/zfs /usr/local/sbin/ssh; "
                + "grep -c zfs /tmp/count; grep -c ssh /tmp/count; rm -f /tmp/count";
            string[] here = (await MustAsync(source, Read, ct)).Split('\n');
            string there = (await MustAsync(target, Read, ct)).Split('\n')[0];
            counts[what + "LocalZfs"] = int.Parse(here[0], CultureInfo.InvariantCulture);
            counts[what + "RemoteZfs"] = int.Parse(there, CultureInfo.InvariantCulture);
            counts[what + "Ssh"] = int.Parse(here[1], CultureInfo.InvariantCulture);
            counted[what] = $"{here[0]}+{there} zfs, {here[1]} ssh";
        }

        async Task WriteAsync()
        {
            await MustAsync(source, Write, ct, FileSystems.ToString(), "nas");
            await MustAsync(source, Write, ct, FileSystems.ToString(), "peer");
        }

        foreach (string first in (string[])[Ours, Theirs])
        {
            await RunAsync(source, first, ct);
        }

        await WriteAsync();
        await CountAsync("changed", Ours);
        await CountAsync("changedPeer", Theirs);
        await CountAsync("idle", OursIdle);
        await CountAsync("idlePeer", TheirsIdle);
        await MustAsync(
            source,
            "zfs snapshot sp1/raw@r0 && zfs send sp1/raw@r0 | ssh peer zfs receive -u sp2/raw/x && echo @r0 >/tmp/raw",
            ct);
        await RunAsync(source, Agent + "bulk", ct);
        for (int round = 1; round <= rounds; round++)
        {
            (string, string)[] changed = [("changed", Ours), ("changedPeer", Theirs)];
            (string, string)[] idle = [("idle", OursIdle), ("idlePeer", TheirsIdle)];
            (string, string)[] bulk = [("bulk", Agent + "bulk"), ("bulkRaw", Raw.Replace("$0", "r" + round))];
            await WriteAsync();
            await AlternateAsync(changed, round);
            await AlternateAsync(idle, round);
            await TimeAsync("login", Login, keep: true);
            await MustAsync(source, Write, ct, FileSystems.ToString(), "nas");
            await TimeAsync("near", Ours, keep: true);
            await FarAsync(source, target, far: true, ct);
            await TimeAsync("loginFar", Login, keep: true);
            await MustAsync(source, Write, ct, FileSystems.ToString(), "nas");
            await TimeAsync("far", Ours, keep: true);
            await FarAsync(source, target, far: false, ct);
            await RunAsync(source, OursIdle, ct); // to the former address again
            await MustAsync(source, WriteLarge, ct, (largeMegabytes << 20).ToString(CultureInfo.InvariantCulture));
            await AlternateAsync(bulk, round);
            await MustAsync(
                source,
                "echo @r$1 >/tmp/raw; zfs destroy sp1/raw@r$(($1 - 1)); rm -f /mnt/sp1/bulk/large",
                ct,
                round.ToString());
            await MustAsync(target, "zfs destroy sp2/raw/x@r$(($1 - 1))", ct, round.ToString());
            await RunAsync(source, Agent + "bulk", ct); // what is gone makes room
        }

        async Task AlternateAsync((string What, string Command)[] pair, int round)
        {
            foreach ((string what, string command) in round % 2 == 0 ? pair.Reverse() : pair)
            {
                await TimeAsync(what, command, keep: true);
            }
        }

        double Ratio(string slow, string fast) =>
            Math.Round(ManyHosts.Median(times[slow]) / ManyHosts.Median(times[fast]), 2);
        string Ms(string what) => $"{ManyHosts.Median(times[what]):0} ms";
        // Names are unique among all benches: openZfsChangedRatio.
        string Key(string name) => openZfs ? "openZfs" + char.ToUpperInvariant(name[0]) + name[1..] : name;
        JsonObject figures = new()
        {
            [Key("changedRatio")] = Ratio("changedPeer", "changed"),
            [Key("idleRatio")] = Ratio("idlePeer", "idle"),
            [Key("bulkRatio")] = Ratio("bulkRaw", "bulk"),
            [Key("delayRatio")] = Ratio("far", "near"),
            [Key("replicationCounts")] = counts,
            [Key("replicationMs")] = new JsonObject(
                times.Select(t => KeyValuePair.Create(t.Key, (JsonNode?)Math.Round(ManyHosts.Median(t.Value))))),
        };
        string Figure(string name) => figures[Key(name)]!.ToString();
        string[] misses =
        [
            .. Miss("changedRatio", leastChanged, most: false), .. Miss("idleRatio", LeastIdle, most: false),
            .. Miss("bulkRatio", LeastBulk, most: false), .. Miss("delayRatio", MostDelay, most: true),
        ];

        IEnumerable<string> Miss(string name, double limit, bool most) =>
            ((double)figures[Key(name)]! < limit) == most
                ? []
                : [$"{Key(name)} {Figure(name)} is not {(most ? "below" : "at least")} {limit}"];

        return new BenchResult(
            [
                ($"{FileSystems} file systems changed: agent, {counted["changed"]}", Ms("changed")),
                ($"  syncoid, {counted["changedPeer"]}", Ms("changedPeer")),
                ("  ratio", Figure("changedRatio")),
                ($"nothing to do: agent, {counted["idle"]}", Ms("idle")),
                ($"  syncoid, {counted["idlePeer"]}", Ms("idlePeer")),
                ("  ratio", Figure("idleRatio")),
                ("  agent, when it has to log in", Ms("login")),
                ($"one stream of {largeMegabytes} MB: agent", Ms("bulk")),
                ("  zfs send | ssh | zfs receive", Ms("bulkRaw")),
                ("  ratio", Figure("bulkRatio")),
                ("25 ms each way: agent, without", Ms("near")),
                ("  with", Ms("far")),
                ("  ratio", Figure("delayRatio")),
                ("  nothing to do, when it has to log in", Ms("loginFar")),
            ],
            figures,
            misses.Length == 0 ? null : string.Join("; ", misses));
    }

    /// <summary>Milliseconds of a command on a host, measured there.</summary>
    private static async Task<double> RunAsync(ZfsHost host, string command, CancellationToken ct)
    {
        string script =
            "cd /; s=$(date +%s%N); { " + command + "; } >/tmp/out 2>&1 || { cat /tmp/out >&2; exit 1; }; "
            + "echo $((($(date +%s%N) - s) / 1000))";
        return double.Parse(await MustAsync(host, script, ct), CultureInfo.InvariantCulture) / 1000;
    }

    private static async Task<string> MustAsync(
        ZfsHost host, string script, CancellationToken ct, params string[] arguments)
    {
        RemoteCommand command = new(["sh", "-c", script, "sh", .. arguments]) { Timeout = TimeSpan.FromMinutes(60) };
        CommandResult result = await host.RunAsync(command, ct);
        return result.Succeeded
            ? result.Output.TrimEnd('\n')
            : throw new LabException($"{host.Name}: {script}: {result.Complaint}");
    }
}
