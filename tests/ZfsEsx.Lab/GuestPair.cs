using System.Text.Json.Nodes;
using ZfsEsx.Os;
using ZfsEsx.Replication;
using ZfsEsx.Shell;

namespace ZfsEsx.Lab;

/// <summary>
/// Two guests with OpenZFS, a pool each, for replication: the first sends to the second. vSphere knows nothing of them.
/// </summary>
internal sealed class GuestPair : IAsyncDisposable
{
    private readonly Lab lab;
    private readonly int gigabytes;
    private readonly RingMember?[] members = new RingMember?[2];

    private GuestPair(Lab lab, int gigabytes) => (this.lab, this.gigabytes) = (lab, gigabytes);

    /// <summary>Called uss1 and uss2 in what they replicate; their data sets are sp1/nas and sp2/nas.</summary>
    public IReadOnlyList<RingMember> Members => [members[0]!, members[1]!];

    /// <summary>Starts both on a running lab and makes their pools of so many gigabytes.</summary>
    public static async Task<GuestPair> UpAsync(Lab lab, CancellationToken ct, int gigabytes = 1)
    {
        GuestPair pair = new(lab, gigabytes);
        try
        {
            await Task.WhenAll(Enumerable.Range(1, 2).Select(async n =>
            {
                ZfsHost host = await pair.StartAsync(n, ct);
                const string Pool = "zpool create -m /mnt/$1 $1 /dev/disk/by-id/virtio-vmdk2001 && zfs create $1/nas";
                await MustAsync(host, Pool, ct, "sp" + n);
            }));
            return pair;
        }
        catch
        {
            await pair.DisposeAsync();
            throw;
        }
    }

    /// <summary>Pulls the plug of the second one and starts it again.</summary>
    public async Task<ZfsHost> RebootNeighbourAsync(CancellationToken ct)
    {
        members[1]!.Host.Dispose();
        lab.PowerCut(NameOf(2));
        ZfsHost host = await StartAsync(2, ct);
        await MustAsync(host, "zfs list sp2 >/dev/null", ct);
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        for (int n = 1; n <= 2; n++)
        {
            members[n - 1]?.Host.Dispose();
            await lab.EventAsync("power-off", Machine(n), CancellationToken.None);
        }
    }

    private async Task<ZfsHost> StartAsync(int n, CancellationToken ct)
    {
        CommandResult on = await lab.EventAsync("power-on", Machine(n), ct);
        if (!on.Succeeded)
        {
            throw new LabException($"{NameOf(n)} does not start: {on.Complaint}");
        }

        await lab.WaitReadyAsync(NameOf(n), ct);
        SshOptions options = new()
        {
            HostName = "127.0.0.1", Name = "uss" + n, Port = lab.SshPortOf(NameOf(n)), UserName = "root",
            ConfigFile = "/dev/null", IdentityFile = lab.SshKeyPath, KnownHostsFile = lab.KnownHostsPath,
        };
        ZfsHost host = await ZfsHost.OpenAsync(await OpenSshShell.ConnectAsync(options, ct), ct);
        members[n - 1] = new RingMember(host, new RingNode("uss" + n, $"sp{n}/nas", AddressOf(n)));

        // Adapters may change places over a boot: the card is found by its address.
        const string Address =
            "for c in /sys/class/net/*; do grep -qi $1 $c/address "
            + "&& c=${c##*/} && ip link set $c up && ip addr replace $2/24 dev $c; done; true";
        await MustAsync(host, Address, ct, MacOf(n, 2), AddressOf(n));
        return host;
    }

    private static async Task MustAsync(ZfsHost host, string script, CancellationToken ct, params string[] arguments)
    {
        CommandResult result = await host.RunAsync(RemoteCommand.Script(script, arguments), ct);
        if (!result.Succeeded)
        {
            throw new LabException($"{host.Name}: {script}: {result.Complaint}");
        }
    }

    private static string NameOf(int n) => "replica" + n;

    private static string AddressOf(int n) => "10.99.0.5" + n;

    private static string MacOf(int n, int card) => $"00:50:56:aa:5{n}:0{card}";

    private JsonObject Machine(int n) => new()
    {
        ["vm"] = NameOf(n),
        ["uuid"] = "42aa0000-0000-0000-0000-00007265700" + n,
        ["host"] = "vh1",
        ["numCpu"] = 1,
        ["memoryMB"] = Lab.UsualMemoryMB,
        ["guestInfo"] = new JsonObject { ["hostname"] = "uss" + n },
        ["nics"] = new JsonArray(
            new JsonObject { ["mac"] = MacOf(n, 1), ["network"] = "VM Network" },
            new JsonObject { ["mac"] = MacOf(n, 2), ["network"] = "eSAN-VM" }),
        ["disks"] = new JsonArray(
            new JsonObject { ["key"] = 2000, ["file"] = "disk", ["capacityBytes"] = 256L << 20 },
            new JsonObject { ["key"] = 2001, ["file"] = "disk", ["capacityBytes"] = (long)gigabytes << 30 }),
        ["passthrough"] = new JsonArray(),
    };
}
