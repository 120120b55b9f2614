using ZfsEsx.Esx;
using ZfsEsx.Os;
using ZfsEsx.Zfs;
using HostNetwork = ZfsEsx.Os.HostNetwork;

namespace ZfsEsx.Build;

// What is done inside the storage VMs.
public sealed partial class RingBuilder
{
    private List<HostEntry> Names =>
    [
        .. _plan.Nodes.Select(n => new HostEntry(n.HostName, n.HostAddress)),
        .. _plan.Nodes.Select(n => new HostEntry(n.AddressName, n.Address)),
    ];

    private BuildStep SetNames() => new(
        "Let the storage VMs know the hosts and each other by name",
        "$names = @{ " + string.Join("; ", Names.Select(e => $"'{e.Name}' = '{e.Address}'")) + " }\n"
        + $"{AllStorageVms} | Set-ZfsHostName -Entry $names",
        ct => ForEachAsync(async (node, _) => await HostNames.PlanSetAsync(
            await HostAsync(node, ct).ConfigureAwait(false), node.StorageVm, Names, ct).ConfigureAwait(false)));

    private BuildStep SetAddresses() => new(
        "Give the storage VMs their addresses in the storage network",
        string.Join("\n", _plan.Nodes.Select(n =>
            $"Set-ZfsHostNetwork -ZfsHost ${n.StorageVm} "
            + $"-MacAddress ((Get-EncapsulatedStorageVm {n.StorageVm}).Adapters "
            + $"| Where-Object Network -eq {Quoted(_plan.Network.VmPortGroup)}).MacAddress "
            + $"-IPAddress {n.Address}/{_plan.Network.PrefixLength} -Mtu {_plan.Network.Mtu}")),
        async ct =>
        {
            IReadOnlyList<EncapsulatedStorageVm> vms = await StorageVmsAsync(ct).ConfigureAwait(false);
            return await ForEachAsync(async (node, i) => await HostNetwork.PlanSetAsync(
                await HostAsync(node, ct).ConfigureAwait(false),
                new HostNetworkRequest
                {
                    Address = node.Address + "/" + _plan.Network.PrefixLength,
                    Mac = StorageAdapter(vms[i]).MacAddress,
                    Mtu = _plan.Network.Mtu,
                    // All at once may be slow, and no address is at risk that anybody uses.
                    RollBackAfter = TimeSpan.FromMinutes(5),
                },
                ct).ConfigureAwait(false)).ConfigureAwait(false);
        });

    private BuildStep MakePools() => new(
        "Make the pools, each with its log on the passed-through device",
        string.Join("\n", _plan.Nodes.Select(n =>
            $"$disk = Get-ZfsDisk -ZfsHost ${n.StorageVm}; "
            + $"New-EncapsulatedZpool -ZfsHost ${n.StorageVm} -Name {n.Pool} "
            + $"-Disk ($disk | Where-Object Size -eq {n.DataDisk.Bytes >> 30}GB) "
            + $"-Log ($disk | Where-Object Serial -like {Quoted(DiskPattern(n))})")),
        ct => ForEachAsync(async (node, _) =>
        {
            ZfsHost host = await HostAsync(node, ct).ConfigureAwait(false);
            IReadOnlyList<ZfsDisk> disks = await HostDisks.GetAsync(host, ct).ConfigureAwait(false);
            ZfsDisk log = The(
                node, disks.Where(d => IsLog(node, d)), "the passed-through log device " + node.LogDevice);
            ZfsDisk data = The(
                node, disks.Where(d => !IsLog(node, d) && d.Size == node.DataDisk), $"a data disk of {node.DataDisk}");
            return await Zpools.PlanNewAsync(
                host,
                new ZpoolRequest
                {
                    Name = node.Pool,
                    Data = [new VdevSpec("disk", [data.Name])],
                    Log = [new VdevSpec("disk", [log.Name])],
                },
                ct).ConfigureAwait(false);
        }));

    private BuildStep ShareVolumes() => new(
        "Share a file system of each pool to all hosts, by name",
        string.Join("\n", _plan.Nodes.Select(n =>
            $"Set-ZfsNfsShare -ZfsHost ${n.StorageVm} -FileSystem {n.FileSystem} -MountPoint {Quoted(n.MountPoint)} "
            + $"-Client {string.Join(", ", _plan.Nodes.Select(c => c.HostName))}")),
        ct => ForEachAsync(async (node, _) => await NfsShares.PlanSetAsync(
            await HostAsync(node, ct).ConfigureAwait(false),
            new NfsShareRequest
            {
                FileSystem = node.FileSystem,
                MountPoint = node.MountPoint,
                Clients = [.. _plan.Nodes.Select(c => new NfsClient(c.HostName, c.HostAddress))],
            },
            ct).ConfigureAwait(false)));

    private StorageVmAdapter StorageAdapter(EncapsulatedStorageVm vm) =>
        vm.Adapters.FirstOrDefault(a => a.Network == _plan.Network.VmPortGroup)
        ?? throw new ZfsEsxException(
            "NoStorageAdapter", FailureKind.InvalidState, vm.Name,
            $"{vm.Name} has no network adapter on port group {_plan.Network.VmPortGroup}.",
            "Add one, or let New-EncapsulatedStorageVm make the VM.");

    // Device names have blanks where a disk's serial number has none.
    private static string DiskPattern(NodePlan node) => node.LogDevice.Replace(" ", "*");

    private static bool IsLog(NodePlan node, ZfsDisk disk) =>
        Wildcard.Matches(DiskPattern(node), disk.Serial) || Wildcard.Matches(DiskPattern(node), disk.Model);

    private static ZfsDisk The(NodePlan node, IEnumerable<ZfsDisk> disks, string what)
    {
        ZfsDisk[] found = [.. disks];
        return found.Length == 1
            ? found[0]
            : throw new ZfsEsxException(
                found.Length == 0 ? "DiskNotFound" : "DiskAmbiguous",
                found.Length == 0 ? FailureKind.NotFound : FailureKind.InvalidArgument,
                node.StorageVm,
                $"{node.StorageVm} should have {what}, and has {found.Length} such disks"
                + (found.Length == 0 ? "." : ": " + string.Join(", ", found.Select(d => d.Name)) + "."),
                $"Look with Get-ZfsDisk -ZfsHost ${node.StorageVm}; "
                + $"the VM's configuration is in Get-EncapsulatedStorageVm {node.StorageVm}.");
    }
}
