using System.Text.Json.Nodes;
using ZfsEsx.Os;
using ZfsEsx.Shell;
using ZfsEsx.Zfs;

namespace ZfsEsx.Lab;

/// <summary>
/// One storage VM of a lab without the simulator's part: a data disk, a log device, the storage address and a pool with
/// both; and a host of the lab as its NFS client.
/// </summary>
/// <param name="lab">The lab.</param>
/// <param name="name">The VM.</param>
/// <param name="number">Different for VMs of one lab.</param>
public sealed class LabStorageVm(Lab lab, string name, int number = 1)
{
    private readonly string _mac = $"00:50:56:aa:0f:{0x10 + number:x2}";

    /// <summary>Its address in the storage network.</summary>
    public string Address => "10.99.0." + (200 + number);

    /// <summary>Switches it on and waits until it is ready.</summary>
    public async Task StartAsync(CancellationToken ct)
    {
        JsonObject vm = new()
        {
            ["vm"] = name,
            ["uuid"] = $"42aa0000-0000-0000-0000-0000f16000{number:x2}",
            ["host"] = "vh1",
            ["numCpu"] = 1,
            ["memoryMB"] = Lab.UsualMemoryMB,
            ["guestInfo"] = new JsonObject { ["hostname"] = name },
            ["nics"] = new JsonArray(
                new JsonObject { ["mac"] = $"00:50:56:aa:0e:{0x10 + number:x2}",
                    ["network"] = GuestConfig.ManagementNetwork },
                new JsonObject { ["mac"] = _mac, ["network"] = GuestConfig.StorageNetwork }),
            ["disks"] = new JsonArray(
                new JsonObject { ["key"] = 2000, ["file"] = "system", ["capacityBytes"] = 1L << 30 },
                new JsonObject { ["key"] = 2001, ["file"] = "data", ["capacityBytes"] = 2L << 30 }),
            ["passthrough"] = new JsonArray(new JsonObject { ["name"] = "DDRdrive X1" }),
        };
        CommandResult started = await lab.EventAsync("power-on", vm, ct);
        if (!started.Succeeded)
        {
            throw new LabException($"{name} does not start: {started.Complaint}");
        }

        await lab.WaitReadyAsync(name, ct);
    }

    /// <summary>Switches it off.</summary>
    public void PowerOff() => lab.PowerCut(name);

    /// <summary>A new connection to it.</summary>
    public async Task<ZfsHost> ConnectAsync(CancellationToken ct) =>
        await ZfsHost.OpenAsync(await OpenAsync(name, name, ct), ct);

    /// <summary>A host's NFS client, with an address in the storage network, as if it were a storage VM.</summary>
    public async Task<ZfsHost> ConnectClientAsync(CancellationToken ct)
    {
        const string SetUp = """
            ip addr show dev vmk0 | grep -qF " $1/24 " || ip addr add "$1/24" brd + dev vmk0
            ip link set vmk0 mtu 9000 up
            """;
        LabNode node = lab.Nodes[0];
        Inside shell = new(await OpenAsync(HostsGuest.Name, node.HostName, ct), node.HostName);
        ZfsHost client = await ZfsHost.OpenAsync(shell, ct);
        CommandResult set = await client.RunAsync(RemoteCommand.Script(SetUp, node.HostStorageAddress), ct);
        return set.Succeeded ? client : throw new LabException($"{node.HostName} gets no address: {set.Complaint}");
    }

    /// <summary>Gives it its storage address and a pool sp1 with a log.</summary>
    public async Task PrepareAsync(ZfsHost host, CancellationToken ct)
    {
        const string SetUp = """
            card=$(basename "$(dirname "$(grep -lix "$1" /sys/class/net/*/address)")")
            ip link set "$card" mtu 9000 up && ip addr add "$2/24" brd + dev "$card"
            """;
        CommandResult set = await host.RunAsync(RemoteCommand.Script(SetUp, _mac, Address), ct);
        if (!set.Succeeded)
        {
            throw new LabException($"{name} gets no address: {set.Complaint}");
        }

        IReadOnlyList<ZfsDisk> disks = await HostDisks.GetAsync(host, ct);
        ZpoolRequest pool = new()
        {
            Name = "sp1",
            Data = [new("disk", [disks.Single(d => d.Serial == "vmdk2001").Name])],
            Log = [new("disk", [disks.Single(d => d.Serial == "DDRdriveX1").Name])],
        };
        await (await Zpools.PlanNewAsync(host, pool, ct)).RunAsync(SilentReporter.Instance, ct);
    }

    private Task<OpenSshShell> OpenAsync(string guest, string as_, CancellationToken ct) => OpenSshShell.ConnectAsync(
        new SshOptions
        {
            HostName = "127.0.0.1", Name = as_, Port = lab.SshPortOf(guest), UserName = "root",
                ConfigFile = "/dev/null",
            IdentityFile = lab.SshKeyPath, KnownHostsFile = lab.KnownHostsPath,
        },
        ct);

    // Commands in a host's network namespace, with the mounts of the guest that all hosts share.
    private sealed class Inside(IRemoteShell shell, string hostName) : IRemoteShell
    {
        public string Name => shell.Name;

        public string? Address => shell.Address;

        public Task<CommandResult> RunAsync(RemoteCommand command, CancellationToken ct) => shell.RunAsync(
            new RemoteCommand(["nsenter", "--net=/run/netns/" + hostName, "--", .. command.Words])
            {
                Input = command.Input, Timeout = command.Timeout, Secret = command.Secret, OnLine = command.OnLine,
            },
            ct);

        public Task BecomeRootAsync(RootAccess access, CancellationToken ct) => shell.BecomeRootAsync(access, ct);

        public Task ReconnectAsync(string? address, CancellationToken ct) => shell.ReconnectAsync(address, ct);

        public Task UploadAsync(string path, byte[] content, string mode, CancellationToken ct) =>
            shell.UploadAsync(path, content, mode, ct);

        public void Dispose() => shell.Dispose();
    }
}
