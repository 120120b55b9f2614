using System.Text;
using ZfsEsx.Build;
using ZfsEsx.Esx;
using ZfsEsx.Failover;
using ZfsEsx.Shell;
using ZfsEsx.Vim;

namespace ZfsEsx.Lab.Demo;

/// <summary>A VM on the first node's share, so that there is something to fail over.</summary>
internal static class DemoVm
{
    private const string Name = "app1";

    private const string Vmx =
        """
        .encoding = "UTF-8"
        displayName = "app1"
        memSize = "64"
        uuid.bios = "56 4d 5a 66 73 45 73 78-00 00 00 00 00 00 00 01"
        ethernet0.present = "TRUE"
        ethernet0.networkName = "VM Network"

        """;

    // A cycle of cron's may be under way.
    private const string Cycle =
        "for t in 1 2 3 4 5 6 7 8 9; do /usr/local/lib/zfsesx/agent.sh cycle \"$1\"; c=$?; "
        + "[ $c = 75 ] || exit $c; sleep 5; done";

    /// <summary>Registers it, powers it on and replicates it, unless there is one.</summary>
    public static async Task EnsureAsync(
        Lab lab, VimClient client, RingBuilder ring, DemoConsole console, CancellationToken ct)
    {
        NodePlan node = ring.Cloned;
        FailoverInventory inventory = await FailoverInventory.ReadAsync(
            client, await Inventory.ResolveAsync(client, "HostSystem", [node.VMHost], ct), ct);
        if (inventory.VMs.Any(v => v.Name == Name))
        {
            return;
        }

        RemoteCommand write = RemoteCommand.Script(
            "cd \"$1\" && mkdir -p \"$2\" && cat >\"$2/$2.vmx\" && sync \"$2/$2.vmx\"",
            $"/vmfs/volumes/{node.VMHost}/{node.Datastore}", Name);
        Must(await lab.HostsAsync(
            node.VMHost, new RemoteCommand(write.Words) { Input = Encoding.UTF8.GetBytes(Vmx) }, ct));
        KnownHost place = inventory.Chosen[0];
        VmActions actions = new(client);
        MoRef vm = await actions.RegisterAsync(
            $"[{node.Datastore}] {Name}/{Name}.vmx",
            Name,
            new VmPlace(place.VmFolder, place.Pool, place.Ref, node.VMHost),
            console,
            ct);
        await actions.PowerOnAsync(vm, Name, moved: true, console, ct);
        RemoteCommand cycle = RemoteCommand.Script(Cycle, ring.Neighbour(node).StorageVm);
        Must(await lab.GuestAsync(
            node.StorageVm, new RemoteCommand(cycle.Words) { Timeout = TimeSpan.FromMinutes(4) }, ct));
        console.Timed($"  The VM {Name} runs from {node.Datastore}, and {ring.Neighbour(node).StorageVm} has its replica");

        static void Must(CommandResult result)
        {
            if (!result.Succeeded)
            {
                throw new LabException($"The VM {Name} cannot be made: {result.Complaint}");
            }
        }
    }
}
