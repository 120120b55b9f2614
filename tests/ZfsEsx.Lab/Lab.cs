using System.Text.Json.Nodes;
using ZfsEsx.Shell;

namespace ZfsEsx.Lab;

/// <summary>A running lab: the vSphere simulator, the guest that plays the hosts' NFS clients, and the storage VMs.</summary>
public sealed partial class Lab
{
    /// <summary>Its name.</summary>
    public string Name => throw new NotImplementedException();

    /// <summary>Address of the simulator's vim25 service, <c>https://127.0.0.1:PORT/sdk</c>.</summary>
    public Uri Vim => throw new NotImplementedException();

    /// <summary>User of the simulator.</summary>
    public string VimUser => throw new NotImplementedException();

    /// <summary>Password of the simulator.</summary>
    public string VimPassword => throw new NotImplementedException();

    /// <summary>SHA-1 thumbprint of the simulator's certificate, <c>AA:BB:…</c>.</summary>
    public string VimThumbprint => throw new NotImplementedException();

    /// <summary>The nodes, by number.</summary>
    public IReadOnlyList<LabNode> Nodes => throw new NotImplementedException();

    /// <summary>Private key that every storage VM admits as root.</summary>
    public string SshKeyPath => throw new NotImplementedException();

    /// <summary>Root's password in every storage VM.</summary>
    public string RootPassword => throw new NotImplementedException();

    /// <summary>A known_hosts file with the keys of all nodes.</summary>
    public string KnownHostsPath => throw new NotImplementedException();

    /// <summary>Brings a lab up; one that runs already is left as it is.</summary>
    public static Task<Lab> UpAsync(LabOptions options, Action<string> say, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>The lab of that name if it is running.</summary>
    public static Lab? Find(string name) => throw new NotImplementedException();

    /// <summary>Ends everything that belongs to the lab of that name, also after a half-failed start.</summary>
    public static Task DownAsync(string name, Action<string> say, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>Ends this lab.</summary>
    public Task DownAsync() => throw new NotImplementedException();

    /// <summary>The simulator's call counters: total, calls by method, bytesIn, bytesOut.</summary>
    public Task<JsonObject> SimStatsAsync(CancellationToken ct = default) => throw new NotImplementedException();

    /// <summary>Sets the simulator's counters to zero and forgets injected faults.</summary>
    public Task SimResetAsync(CancellationToken ct = default) => throw new NotImplementedException();

    /// <summary>The next <paramref name="count"/> calls of a method fail.</summary>
    public Task SimFaultAsync(string method, string fault, string text, int count = 1, CancellationToken ct = default) =>
        throw new NotImplementedException();

    /// <summary>Runs a command in a storage VM as root; a minute at most.</summary>
    public Task<CommandResult> GuestAsync(string vmName, params string[] words) => throw new NotImplementedException();

    /// <summary>Runs a command in a storage VM as root.</summary>
    public Task<CommandResult> GuestAsync(string vmName, RemoteCommand command, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>
    /// Runs a command where a host's NFS client lives: in its network namespace, with its mounts below
    /// <c>/vmfs/volumes/HOST/DATASTORE</c>; a minute at most.
    /// </summary>
    public Task<CommandResult> HostsAsync(string hostName, params string[] words) => throw new NotImplementedException();

    /// <summary>The same with input, time limit and cancellation.</summary>
    public Task<CommandResult> HostsAsync(string hostName, RemoteCommand command, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>Waits until a powered-on storage VM has its disks, ZFS, NFS and sshd ready; two minutes at most.</summary>
    public Task WaitReadyAsync(string vmName, CancellationToken ct) => throw new NotImplementedException();

    /// <summary>True while the storage VM's guest runs.</summary>
    public bool IsRunning(string vmName) => throw new NotImplementedException();

    /// <summary>Pulls the plug of a storage VM: nothing is written back, nobody is told, the simulator neither.</summary>
    public void PowerCut(string vmName) => throw new NotImplementedException();
}
