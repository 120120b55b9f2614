using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using ZfsEsx.Shell;

namespace ZfsEsx.Lab;

/// <summary>What the simulator asks the lab to do when a VM or a datastore changes.</summary>
internal sealed class Hook
{
    private static readonly Dictionary<string, string> NfsVersions = new() { ["NFS"] = "3", ["NFS41"] = "4.1" };

    private readonly LabPaths paths;
    private readonly LabFile lab;
    private readonly JsonObject request;
    private readonly CancellationToken ct;

    private Hook(LabPaths paths, JsonObject request, CancellationToken ct)
    {
        this.paths = paths;
        this.request = request;
        this.ct = ct;
        lab = LabFile.Read(paths) ?? throw new LabException($"There is no lab {paths.Name}.");
    }

    /// <summary>Does what <paramref name="verb"/> says; exit code 0, or a reason on standard error.</summary>
    public static async Task<int> RunAsync(string state, string verb)
    {
        var watch = Stopwatch.StartNew();
        var paths = new LabPaths(Path.GetFileName(state.TrimEnd('/')));
        string input = await Console.In.ReadToEndAsync();
        string outcome = "done";
        // the simulator waits two minutes
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(110));
        try
        {
            JsonObject request = JsonNode.Parse(input)?.AsObject() ?? [];
            await new Hook(paths, request, limit.Token).DoAsync(verb);
            return 0;
        }
        catch (Exception e)
        {
            outcome = e.Message;
            Console.Error.WriteLine(outcome.Trim().Split('\n')[^1]);
            return 1;
        }
        finally
        {
            string line = FormattableString.Invariant(
                $"{DateTime.UtcNow:HH:mm:ss.f} {verb} {watch.ElapsedMilliseconds} ms {input.Trim()} -> {outcome}\n");
            // An event that comes after "down" must not bring the lab's folder back.
            if (File.Exists(paths.LabFile))
            {
                await File.AppendAllTextAsync(Path.Combine(paths.State, "hook.log"), line);
            }
        }
    }

    private Task DoAsync(string verb) =>
        verb switch
        {
            "power-on" => PowerOnAsync(),
            "power-off" => Done(() => Vm().Kill()),
            "shutdown" => ShutdownAsync(),
            "nas-mount" => NasAsync("mount"),
            "nas-unmount" => NasAsync("unmount"),
            "nas-check" => NasAsync("check"),
            "nas-read" => ReadAsync(),
            _ => throw new LabException($"The lab does not know the event {verb}."),
        };

    private async Task PowerOnAsync()
    {
        if (request["disks"] is JsonArray { Count: 0 })
        {
            return; // a VM that is there to be registered, moved and switched on, without a system
        }

        Guest vm = Vm();
        if (Directory.Exists(vm.Files.Directory) is false)
        {
            LabPaths.CreatePrivate(vm.Files.Directory);
        }

        await vm.StartAsync(VmConfiguration.Read(request, vm.Files, lab.Options), lab, ct);
    }

    private async Task ShutdownAsync()
    {
        Guest vm = Vm();
        if (vm.ProcessId is null || GuestRecord.Read(vm.Files) is not { } record)
        {
            return;
        }

        var poweroff = new RemoteCommand("poweroff") { Timeout = TimeSpan.FromSeconds(20) };
        await LabSsh.RunAsync(paths, record.SshPort, poweroff, ct);
        for (int i = 0; i < 600 && vm.ProcessId is not null; i++)
        {
            await Task.Delay(100, ct);
        }

        vm.Kill();
    }

    private async Task NasAsync(string verb)
    {
        string type = Text("type", "NFS");
        string version = NfsVersions.GetValueOrDefault(type)
            ?? throw new LabException($"{type} is no type of NFS datastore.");
        int port = GuestRecord.Read(new Guest(paths, HostsGuest.Name).Files)?.SshPort
            ?? throw new LabException("The hosts' guest does not run.");
        string[] words =
        [
            HostsGuest.NasProgram, verb, Text("host"), Text("address", ""), Text("netmask", ""),
            ((int?)request["mtu"] ?? 1500).ToString(CultureInfo.InvariantCulture),
            Text("remoteHost"), Text("remotePath"), version, Text("name"),
        ];
        CommandResult result;
        int tries = 0;
        do
        {
            result = await LabSsh.RunAsync(
                paths, port, new RemoteCommand(words) { Timeout = TimeSpan.FromSeconds(90) }, ct);
        }
        while (verb == "mount" && Late(result) && ++tries < 3);

        if (!result.Succeeded)
        {
            string[] said = result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            throw new LabException(said.Length > 0 ? said[^1] : result.Complaint);
        }

        // size of the volume, as JSON
        Console.Write(result.Output);
    }

    // Mounts are soft, so that nothing hangs for ever: on a busy machine a storage VM may be slower than that.
    private static bool Late(CommandResult mount) =>
        !mount.Succeeded && mount.Error.Contains("Input/output error", StringComparison.Ordinal);

    /// <summary>A file as the host reads it from the share that it has mounted.</summary>
    private async Task ReadAsync()
    {
        int port = GuestRecord.Read(new Guest(paths, HostsGuest.Name).Files)?.SshPort
            ?? throw new LabException("The hosts' guest does not run.");
        string file = $"/vmfs/volumes/{Text("host")}/{Text("name")}/{Text("file")}";
        CommandResult result = await LabSsh.RunAsync(
            paths, port, new RemoteCommand("cat", file) { Timeout = TimeSpan.FromSeconds(30) }, ct);
        Console.Write(result.Succeeded
            ? new JsonObject { ["text"] = result.Output }.ToJsonString() : throw new LabException(result.Complaint));
    }

    private Guest Vm() => new(paths, Text("vm"));

    private string Text(string key, string? fallback = null) =>
        (string?)request[key] ?? fallback ?? throw new LabException($"The event has no {key}.");

    private static Task Done(Action action)
    {
        action();
        return Task.CompletedTask;
    }
}
