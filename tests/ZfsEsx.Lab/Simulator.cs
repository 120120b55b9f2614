using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace ZfsEsx.Lab;

/// <summary>What a simulator without guests shall be.</summary>
public sealed record SimulatorOptions
{
    /// <summary>How many hosts: vh1…vhN.</summary>
    public int Hosts { get; init; } = 3;

    /// <summary>Hosts can change passthrough without a reboot.</summary>
    public bool Rebind { get; init; }

    /// <summary>One stand-alone host instead of a vCenter Server.</summary>
    public bool StandaloneHost { get; init; }

    /// <summary>How long a host's reboot takes.</summary>
    public TimeSpan RebootTime { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>More of its own switches.</summary>
    public IReadOnlyList<string> Switches { get; init; } = [];
}

/// <summary>
/// A simulator of one's own, without guests: NFS servers are directories below <see cref="NasRoot"/>.
/// </summary>
public sealed class Simulator : IAsyncDisposable
{
    private readonly Process process;
    private readonly string directory;
    private readonly IReadOnlyDictionary<string, string> settings;
    private readonly HttpClient http;

    private Simulator(Process process, string directory, IReadOnlyDictionary<string, string> settings)
    {
        this.process = process;
        this.directory = directory;
        this.settings = settings;
        // Its own requests tell nothing about TLS: the tests of the vim25 client do.
        http = new HttpClient(
            new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true });
    }

    /// <summary>The service.</summary>
    public Uri Uri => new(settings["GOVC_URL"]);

    /// <summary>The administrator.</summary>
    public string User => settings["GOVC_USERNAME"];

    /// <summary>The administrator's password.</summary>
    public string Password => settings["GOVC_PASSWORD"];

    /// <summary>SHA-256 thumbprint of its certificate.</summary>
    public string Thumbprint => settings["VCSIM_THUMBPRINT_SHA256"];

    /// <summary>SHA-1 thumbprint of its certificate.</summary>
    public string Sha1Thumbprint => settings["VCSIM_THUMBPRINT"];

    /// <summary>Directory that stands for all NFS servers: an export is <c>NasRoot/server/path</c>.</summary>
    public string NasRoot => Path.Combine(directory, "nas");

    /// <summary>Builds the simulator where needed, and starts one.</summary>
    public static async Task<Simulator> StartAsync(SimulatorOptions options, CancellationToken ct)
    {
        await Prerequisites.EnsureAsync(fuse: false, Console.WriteLine, ct);
        string program = await Esxsim.BuildAsync(Console.WriteLine, ct);
        string directory = Directory.CreateTempSubdirectory("zfsesx-sim-").FullName;
        string environment = Path.Combine(directory, "env");
        Directory.CreateDirectory(Path.Combine(directory, "nas"));
        string[] words =
        [
            "-l", "127.0.0.1:0", "-env-file", environment, "-nas-root", Path.Combine(directory, "nas"),
            "-host", options.Hosts.ToString(CultureInfo.InvariantCulture),
            "-reboot-time", options.RebootTime.TotalMilliseconds.ToString(CultureInfo.InvariantCulture) + "ms",
            "-task-time", "20ms",
            .. options.StandaloneHost ? (string[])["-model", "esx"] : ["-lab"],
            .. options.Rebind ? (string[])["-rebind"] : [],
            .. options.Switches,
        ];
        var start = new ProcessStartInfo(program, words)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            Environment = { ["TMPDIR"] = directory },
        };
        var process = new Process { StartInfo = start };
        var log = new List<string>();
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await WaitAsync(process, environment, ct);
            Dictionary<string, string> settings = File.ReadLines(environment)
                .Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2)
                .ToDictionary(pair => pair[0], pair => pair[1]);
            return new Simulator(process, directory, settings);
        }
        catch
        {
            await EndAsync(process, directory);
            Keep(null);
            throw;
        }

        void Keep(string? line)
        {
            lock (log)
            {
                log.Add(line ?? "ended");
                if (line is null && log.Count > 1 && !File.Exists(environment))
                {
                    Console.WriteLine("Simulator: " + string.Join('\n', log));
                }
            }
        }
    }

    /// <summary>Counters since the start or the last reset.</summary>
    public async Task<SimulatorStats> StatsAsync()
    {
        JsonObject answer = await AskAsync("stats");
        return new SimulatorStats(Number(answer["total"]), Number(answer["changing"]), Calls(answer["calls"]),
            Calls(answer["changingCalls"]));
    }

    /// <summary>Sets counters to zero and forgets faults that are still to come.</summary>
    public Task ResetAsync() => AskAsync("reset");

    /// <summary>Ends all sessions, as an idle timeout does.</summary>
    public Task ExpireSessionsAsync() => AskAsync("expire");

    /// <summary>Answers 503 for a while, as when services restart; zero ends it.</summary>
    public Task AwayAsync(TimeSpan time) =>
        AskAsync("away?ms=" + time.TotalMilliseconds.ToString(CultureInfo.InvariantCulture));

    /// <summary>Shows another certificate from now on.</summary>
    public Task RenewCertificateAsync() => AskAsync("certificate");

    /// <summary>Lets the next call of a method fail.</summary>
    public Task FaultAsync(string method, string fault, string text, int count = 1) => AskAsync(
        "fault?method=" + Uri.EscapeDataString(method) + "&fault=" + Uri.EscapeDataString(fault)
        + "&text=" + Uri.EscapeDataString(text) + "&count=" + count.ToString(CultureInfo.InvariantCulture));

    /// <summary>Lets the next task of a kind, as <c>relocate</c>, fail half-way.</summary>
    public Task TaskFaultAsync(string task, string fault, string text, string self = "") => AskAsync(
        "taskfault?task=" + Uri.EscapeDataString(task) + "&fault=" + Uri.EscapeDataString(fault)
        + "&text=" + Uri.EscapeDataString(text) + "&this=" + Uri.EscapeDataString(self));

    /// <summary>Lets the next task of a kind run until it is cancelled, or until the reset.</summary>
    public Task HoldTaskAsync(string task, string self = "") => AskAsync(
        "taskfault?task=" + Uri.EscapeDataString(task) + "&hold=1&this=" + Uri.EscapeDataString(self));

    /// <summary>Delays the next calls of a method.</summary>
    public Task DelayAsync(string method, TimeSpan delay, int count = 1) => AskAsync(
        "fault?method=" + Uri.EscapeDataString(method) + "&count=" + count.ToString(CultureInfo.InvariantCulture)
        + "&delay=" + delay.TotalMilliseconds.ToString(CultureInfo.InvariantCulture));

    /// <summary>Gives a PCI device another address at each host's next boot, as a new card can.</summary>
    public Task RenumberAsync(string from, string to) => AskAsync("renumber?from=" + from + "&to=" + to);

    /// <summary>Makes vSphere HA use a datastore for its heartbeat; none for an empty name.</summary>
    public Task HeartbeatAsync(string datastore) => AskAsync("heartbeat?name=" + Uri.EscapeDataString(datastore));

    /// <summary>Takes a host away, or brings it back: then it has booted, and nothing runs on it.</summary>
    public Task LoseAsync(string host, bool back = false) => AskAsync("lose?host=" + host + (back ? "&back=1" : ""));

    /// <summary>Makes an NFS server export a path.</summary>
    public void Export(string server, string path) =>
        Directory.CreateDirectory(Path.Combine(NasRoot, server, path.TrimStart('/')));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await EndAsync(process, directory);
    }

    private static async Task WaitAsync(Process process, string environment, CancellationToken ct)
    {
        for (int i = 0; i < 600; i++)
        {
            if (File.Exists(environment))
            {
                return;
            }

            if (process.HasExited)
            {
                throw new LabException($"The simulator ended with {process.ExitCode}.");
            }

            await Task.Delay(50, ct);
        }

        throw new LabException("The simulator was not ready within 30 s.");
    }

    private static async Task EndAsync(Process process, string directory)
    {
        if (!process.HasExited)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        process.Dispose();
        Directory.Delete(directory, recursive: true);
    }

    private async Task<JsonObject> AskAsync(string request)
    {
        string text = await http.GetStringAsync(new Uri(Uri, "/esxsim/" + request));
        return text.TrimStart().StartsWith('{') ? JsonNode.Parse(text)!.AsObject() : [];
    }

    private static int Number(JsonNode? node) => node?.GetValue<int>() ?? 0;

    private static Dictionary<string, int> Calls(JsonNode? node) =>
        node?.AsObject().ToDictionary(p => p.Key, p => Number(p.Value)) ?? [];
}

/// <summary>What a simulator was asked.</summary>
/// <param name="Total">All calls.</param>
/// <param name="Changing">Calls that change something.</param>
/// <param name="Calls">All calls by method.</param>
/// <param name="ChangingCalls">Calls that change something, by method.</param>
public sealed record SimulatorStats(
    int Total, int Changing, IReadOnlyDictionary<string, int> Calls, IReadOnlyDictionary<string, int> ChangingCalls);
