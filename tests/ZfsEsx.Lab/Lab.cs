using System.Diagnostics;
using System.Text.Json.Nodes;
using ZfsEsx.Shell;

namespace ZfsEsx.Lab;

/// <summary>A running lab: the vSphere simulator, the guest with the hosts' NFS clients, and the storage VMs.</summary>
public sealed partial class Lab
{
    private readonly LabPaths paths;
    private readonly Esxsim esxsim;
    private readonly IReadOnlyDictionary<string, string> settings;

    private Lab(LabPaths paths, LabFile file)
    {
        this.paths = paths;
        esxsim = new Esxsim(paths);
        settings = esxsim.Settings;
        RootPassword = file.RootPassword;
        Nodes = [.. Enumerable.Range(1, file.Options.Nodes).Select(Node)];
    }

    /// <summary>Its name.</summary>
    public string Name => paths.Name;

    /// <summary>Address of the simulator's vim25 service, <c>https://127.0.0.1:PORT/sdk</c>.</summary>
    public Uri Vim => new(settings["GOVC_URL"]);

    /// <summary>User of the simulator.</summary>
    public string VimUser => settings["GOVC_USERNAME"];

    /// <summary>Password of the simulator.</summary>
    public string VimPassword => settings["GOVC_PASSWORD"];

    /// <summary>SHA-1 thumbprint of the simulator's certificate, <c>AA:BB:…</c>.</summary>
    public string VimThumbprint => settings["VCSIM_THUMBPRINT"];

    /// <summary>The nodes, by number.</summary>
    public IReadOnlyList<LabNode> Nodes { get; }

    /// <summary>Private key that every storage VM admits as root.</summary>
    public string SshKeyPath => paths.SshKey;

    /// <summary>Root's password in every storage VM.</summary>
    public string RootPassword { get; }

    /// <summary>A known_hosts file with the keys of all guests.</summary>
    public string KnownHostsPath => paths.KnownHosts;

    /// <summary>The simulator's call counters: total, calls by method, bytesIn, bytesOut.</summary>
    public Task<JsonObject> SimStatsAsync(CancellationToken ct = default) => esxsim.AskAsync("stats", ct);

    /// <summary>Sets the simulator's counters to zero and forgets injected faults.</summary>
    public Task SimResetAsync(CancellationToken ct = default) => esxsim.AskAsync("reset", ct);

    /// <summary>The next <paramref name="count"/> calls of a method fail.</summary>
    public Task SimFaultAsync(string method, string fault, string text, int count = 1, CancellationToken ct = default)
        =>
        esxsim.AskAsync(
            $"fault?method={Uri.EscapeDataString(method)}&fault={Uri.EscapeDataString(fault)}"
            + $"&text={Uri.EscapeDataString(text)}&count={count}",
            ct);

    /// <summary>Any other request of the simulator's test aids: <c>lose?host=vh1</c>.</summary>
    public Task<JsonObject> SimAskAsync(string request, CancellationToken ct = default) => esxsim.AskAsync(request, ct);

    /// <summary>Port on 127.0.0.1 that leads to a guest's sshd.</summary>
    public int SshPortOf(string vmName) =>
        (GuestRecord.Read(new Guest(paths, vmName).Files)
            ?? throw new LabException($"The lab has no guest {vmName}.")).SshPort;

    /// <summary>Runs a command in a storage VM as root; a minute at most.</summary>
    public Task<CommandResult> GuestAsync(string vmName, params string[] words) =>
        GuestAsync(vmName, new RemoteCommand(words), CancellationToken.None);

    /// <summary>Runs a command in a storage VM as root.</summary>
    public Task<CommandResult> GuestAsync(string vmName, RemoteCommand command, CancellationToken ct)
    {
        GuestRecord record = GuestRecord.Read(new Guest(paths, vmName).Files)
            ?? throw new LabException($"The lab has no guest {vmName}.");
        return LabSsh.RunAsync(paths, record.SshPort, command, ct);
    }

    /// <summary>
    /// Runs a command where a host's NFS client lives: in its network namespace, with its mounts below
    /// <c>/vmfs/volumes/HOST/DATASTORE</c>; a minute at most.
    /// </summary>
    public Task<CommandResult> HostsAsync(string hostName, params string[] words) =>
        HostsAsync(hostName, new RemoteCommand(words), CancellationToken.None);

    /// <summary>The same with input, time limit and cancellation.</summary>
    public Task<CommandResult> HostsAsync(string hostName, RemoteCommand command, CancellationToken ct)
    {
        string[] words = ["nsenter", "--net=/run/netns/" + hostName, "--", .. command.Words];
        var inside = new RemoteCommand(words) { Input = command.Input, Timeout = command.Timeout };
        return GuestAsync(HostsGuest.Name, inside, ct);
    }

    /// <summary>Waits until a powered-on guest has its disks, ZFS, NFS and sshd ready; eight minutes at most.</summary>
    public async Task WaitReadyAsync(string vmName, CancellationToken ct)
    {
        var guest = new Guest(paths, vmName);
        var probe = new RemoteCommand("test", "-e", "/run/lab-ready") { Timeout = TimeSpan.FromSeconds(15) };
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < TimeSpan.FromMinutes(8))
        {
            if (guest.ProcessId is null)
            {
                throw new LabException($"The guest {vmName} does not run.");
            }

            if (guest.SaysReady && (await GuestAsync(vmName, probe, ct)).Succeeded)
            {
                return;
            }

            await Task.Delay(100, ct);
        }

        throw new LabException($"The guest {vmName} was not ready within eight minutes; see {guest.Files.Console}.");
    }

    /// <summary>True while the storage VM's guest runs.</summary>
    public bool IsRunning(string vmName) => new Guest(paths, vmName).ProcessId is not null;

    /// <summary>Pulls the plug of a storage VM: nothing is written back, and not even the simulator is told.</summary>
    public void PowerCut(string vmName) => new Guest(paths, vmName).Kill();

    /// <summary>Tells the lab of an event as the simulator would: the same program, the same JSON.</summary>
    public Task<CommandResult> EventAsync(string verb, JsonObject what, CancellationToken ct) =>
        Tool.RunAsync(
            [HookOf(paths), verb],
            TimeSpan.FromMinutes(3),
            ct,
            System.Text.Encoding.UTF8.GetBytes(what.ToJsonString()));

    private LabNode Node(int number)
    {
        string vm = VmNameOf(number);
        GuestFiles files = new Guest(paths, vm).Files;
        GuestRecord record = GuestRecord.Read(files) ?? throw new LabException($"The lab has no guest {vm}.");
        return new LabNode(
            number,
            "vh" + number,
            vm,
            "10.99.0." + (10 + number),
            "10.99.0." + (100 + number),
            record.SshPort,
            SshKeys.Fingerprint(files.HostKey),
            SshKeys.KnownHostsLine(record.SshPort, files.HostKey));
    }

    private static string VmNameOf(int number) => "uss" + number;
}
