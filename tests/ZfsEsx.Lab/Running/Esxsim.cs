using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ZfsEsx.Shell;

namespace ZfsEsx.Lab;

/// <summary>The vSphere simulator: built from the checkout's Go sources, on a port of the loopback interface.</summary>
internal sealed class Esxsim
{
    private readonly LabPaths paths;

    public Esxsim(LabPaths paths) => this.paths = paths;

    /// <summary>Written by the simulator when it is ready.</summary>
    public string EnvironmentFile => Path.Combine(paths.State, "esxsim.env");

    /// <summary>Its process, if it runs.</summary>
    public int? ProcessId =>
        int.TryParse(Settings.GetValueOrDefault("VCSIM_PID"), CultureInfo.InvariantCulture, out int id)
        && LiveProcess.IsAlive(id, EnvironmentFile)
            ? id
            : null;

    /// <summary>Address, user, password, thumbprint.</summary>
    public IReadOnlyDictionary<string, string> Settings =>
        !File.Exists(EnvironmentFile)
            ? new Dictionary<string, string>()
            : File.ReadLines(EnvironmentFile)
                .Select(line => line.Split('=', 2))
                .Where(pair => pair.Length == 2)
                .ToDictionary(pair => pair[0], pair => pair[1]);

    /// <summary>The program, built if the sources have changed.</summary>
    public static async Task<string> BuildAsync(Action<string> say, CancellationToken ct)
    {
        string sources = Path.Combine(LabPaths.Sources, "tests", "esxsim");
        string[] files = [.. Directory.GetFiles(sources, "*.go").Order(StringComparer.Ordinal)];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in files)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetFileName(file) + "\0"));
            hash.AppendData(SHA256.HashData(await File.ReadAllBytesAsync(file, ct)));
        }

        string cache = Path.Combine(LabPaths.Cache, "esxsim");
        string directory = Path.Combine(cache, Convert.ToHexStringLower(hash.GetHashAndReset())[..16]);
        string program = Path.Combine(directory, "esxsim");
        using IDisposable alone = await LabLock.TakeAsync(Path.Combine(cache, "lock"), TimeSpan.FromMinutes(10), ct);
        if (File.Exists(program))
        {
            return program;
        }

        say("Building the simulator…");
        Directory.CreateDirectory(directory);
        // Debian's packages are the only sources: no modules, no network
        var environment = new Dictionary<string, string?>
        {
            ["GO111MODULE"] = "off",
            ["GOPATH"] = "/usr/share/gocode",
            ["GOPROXY"] = "off",
            ["GOFLAGS"] = "",
            ["GOCACHE"] = Path.Combine(LabPaths.Cache, "go-build"),
        };
        CommandResult result = await Tool.RunAsync(
            ["go", "build", "-o", program + ".new", "."], TimeSpan.FromMinutes(10), ct, null, environment, sources);
        if (!result.Succeeded)
        {
            throw new LabException("The simulator could not be built: " + result.Error.Trim());
        }

        File.Move(program + ".new", program, overwrite: true);
        Retention.KeepNewest(cache, 4);
        return program;
    }

    /// <summary>Starts it and waits until it answers.</summary>
    public async Task StartAsync(string program, int nodes, string hook, CancellationToken ct)
    {
        File.Delete(EnvironmentFile);
        string log = Path.Combine(paths.State, "esxsim.log");
        // its own session, so that it outlives this process and no terminal's Ctrl+C reaches it
        string[] command =
        [
            "setsid", "-f", "sh", "-c", "log=$1; shift; exec \"$@\" > \"$log\" 2>&1 < /dev/null", "sh", log,
            program, "-l", "127.0.0.1:0", "-env-file", EnvironmentFile, "-hook", hook,
            .. Inventory(nodes),
        ];
        await Tool.MustAsync(command, TimeSpan.FromSeconds(20), ct);
        for (int i = 0; i < 300; i++)
        {
            if (ProcessId is not null)
            {
                return;
            }

            await Task.Delay(100, ct);
        }

        throw new LabException("The simulator was not ready within 30 s: " + await File.ReadAllTextAsync(log, ct));
    }

    /// <summary>Ends it.</summary>
    public void Stop()
    {
        if (ProcessId is { } id)
        {
            LiveProcess.Stop(id, EnvironmentFile);
        }
    }

    /// <summary>One of its own requests beside vim25: <c>stats</c>, <c>reset</c>, <c>fault?…</c>.</summary>
    public async Task<JsonObject> AskAsync(string request, CancellationToken ct)
    {
        IReadOnlyDictionary<string, string> settings = Settings;
        string thumbprint = settings["VCSIM_THUMBPRINT"].Replace(":", "", StringComparison.Ordinal);
        using var handler = new HttpClientHandler
        {
            // self-signed, and so it is known by its thumbprint
            ServerCertificateCustomValidationCallback = (_, certificate, _, _) =>
                certificate?.GetCertHashString().Equals(thumbprint, StringComparison.OrdinalIgnoreCase) == true,
        };
        using var http = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(20) };
        string text = await http.GetStringAsync(new Uri(new Uri(settings["GOVC_URL"]), "/esxsim/" + request), ct);
        return text.Trim().Length == 0 ? [] : JsonNode.Parse(text)!.AsObject();
    }

    // a check of a mount costs a login under emulation: the background checks leave some time between rounds
    private static string[] Inventory(int nodes) =>
        ["-lab", "-host", nodes.ToString(CultureInfo.InvariantCulture), "-nas-check", "15s"];
}
