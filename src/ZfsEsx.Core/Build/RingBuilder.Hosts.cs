using ZfsEsx.Esx;
using ZfsEsx.Vim;

namespace ZfsEsx.Build;

// What is done on the ESXi hosts.
public sealed partial class RingBuilder
{
    /// <summary>Title of the step after which hosts can write through the shares.</summary>
    public const string MountDatastoresTitle = "Mount each share on all hosts";

    private BuildStep EnableDevices() => new(
        "Pass the log device of each host through",
        string.Join("\n", _plan.Nodes.GroupBy(n => n.LogDevice).Select(g =>
            $"Get-VMHost {string.Join(", ", g.Select(n => n.VMHost))} | Get-VmDirectPath | "
            + $"Where-Object Device -like {Quoted(g.Key)} | Enable-VmDirectPath -Reboot")),
        async ct =>
        {
            IReadOnlyList<MoRef> hosts = await VMHostsAsync(ct).ConfigureAwait(false);
            return (await DirectPath.PlanEnableAsync(
                _client,
                [.. _plan.Nodes.Select((n, i) => new DirectPathSelection(hosts[i], n.LogDevice))],
                new DirectPathOptions { AllowReboot = true },
                ct).ConfigureAwait(false)).AsObject();
        });

    private BuildStep MakeStorageNetwork() => new(
        "Give each host a network for storage alone",
        $"Get-VMHost {AllHosts} | New-EncapsulatedStorageNetwork -Switch {Quoted(_plan.Network.Switch)} "
        + (_plan.Network.Uplinks.Count == 0 ? "" : $"-Uplink {string.Join(", ", _plan.Network.Uplinks)} ")
        + $"-IPAddress {string.Join(", ", _plan.Nodes.Select(n => n.HostAddress))} "
        + $"-SubnetMask {Mask(_plan.Network.PrefixLength)} -Mtu {_plan.Network.Mtu}",
        async ct =>
        {
            IReadOnlyList<MoRef> hosts = await VMHostsAsync(ct).ConfigureAwait(false);
            return (await StorageNetwork.PlanNewAsync(
                _client,
                [.. _plan.Nodes.Select((n, i) => new StorageNetworkAddress(hosts[i], n.HostAddress))],
                new NewStorageNetwork
                {
                    Switch = _plan.Network.Switch,
                    Uplinks = _plan.Network.Uplinks,
                    Mtu = _plan.Network.Mtu,
                    VmkernelPortGroup = _plan.Network.VmkernelPortGroup,
                    VmPortGroup = _plan.Network.VmPortGroup,
                    VlanId = _plan.Network.VlanId,
                    SubnetMask = Mask(_plan.Network.PrefixLength),
                },
                ct).ConfigureAwait(false)).AsObject();
        });

    private BuildStep MakeStorageVms() => new(
        "Make a storage VM on each host",
        string.Join("\n", _plan.Nodes.Select(n =>
            $"New-EncapsulatedStorageVm -Name {n.StorageVm} -VMHost {n.VMHost} -Template {Quoted(_plan.Template)} "
            + $"-Memory {n.MemoryMB}MB -NumCpu {n.NumCpu} -DataDisk {n.DataDisk.Bytes >> 30}GB "
            + $"-ManagementNetwork {Quoted(_plan.ManagementNetwork)} "
            + $"-StorageNetwork {Quoted(_plan.Network.VmPortGroup)}")),
        async ct =>
        {
            IReadOnlyList<MoRef> hosts = await VMHostsAsync(ct).ConfigureAwait(false);
            MoRef template = (await Inventory.ResolveAsync(_client, "VirtualMachine", [_plan.Template], ct)
                .ConfigureAwait(false))[0];
            return (await StorageVm.PlanNewAsync(
                _client,
                [.. _plan.Nodes.Select((n, i) => new NewStorageVm
                {
                    Name = n.StorageVm,
                    Host = hosts[i],
                    Template = template,
                    Memory = (long)n.MemoryMB << 20,
                    NumCpu = n.NumCpu,
                    DataDisks = [n.DataDisk],
                    ManagementNetwork = _plan.ManagementNetwork,
                    StorageNetwork = _plan.Network.VmPortGroup,
                    GuestInfo = new Dictionary<string, string> { ["hostname"] = n.StorageVm },
                })],
                ct).ConfigureAwait(false)).AsObject();
        });

    private BuildStep AttachDevices() => new(
        "Give each storage VM its device, with all of its memory reserved",
        string.Join("\n", _plan.Nodes.Select(n =>
            $"Get-VMHost {n.VMHost} | Get-VmDirectPath | Where-Object Device -like {Quoted(n.LogDevice)} | "
            + $"Add-VmDirectPath -VM {n.StorageVm} -DisableMsi")),
        async ct =>
        {
            IReadOnlyList<MoRef> hosts = await VMHostsAsync(ct).ConfigureAwait(false);
            IReadOnlyList<MoRef> vms = await StorageVmRefsAsync(ct).ConfigureAwait(false);
            IReadOnlyList<VmDirectPathDevice> devices =
                await DirectPath.GetAsync(_client, hosts, ct).ConfigureAwait(false);
            return await ForEachAsync((node, i) => StorageVm.PlanAttachAsync(
                _client,
                vms[i],
                [.. devices
                    .Where(d => d.VMHost == node.VMHost && Wildcard.Matches(node.LogDevice, d.Device))
                    .Select(d => d.Id)],
                new AttachOptions { DisableMsi = true },
                ct)).ConfigureAwait(false);
        });

    private BuildStep PowerOn() => new(
        "Power the storage VMs on",
        $"Set-EncapsulatedStorageVm -VM {string.Join(", ", _plan.Nodes.Select(n => n.StorageVm))} -PowerState On",
        async ct => (await StorageVm.PlanPowerOnAsync(_client, await StorageVmRefsAsync(ct).ConfigureAwait(false), ct)
            .ConfigureAwait(false)).AsObject());

    private BuildStep MountDatastores() => new(
        MountDatastoresTitle,
        string.Join("\n", _plan.Nodes.Select(n => MountLine(n.Datastore, n.Address, n.MountPoint))),
        ct => ForEachAsync((node, i) => PlanMountAsync(i, node.Datastore, node.Address, node.MountPoint, ct)));

    private BuildStep MountClone() => new(
        "Mount the clone on all hosts",
        MountLine(CloneDatastore, Neighbour(Cloned).Address, CloneMountPoint),
        async ct => (await PlanMountAsync(1, CloneDatastore, Neighbour(Cloned).Address, CloneMountPoint, ct)
            .ConfigureAwait(false)).AsObject());

    /// <summary>
    /// A mount on all hosts, the one with the share's own storage VM first: so several shares start side by side.
    /// </summary>
    private async Task<Plan<IReadOnlyList<ZfsNfsDatastore>>> PlanMountAsync(
        int first, string name, string address, string path, CancellationToken ct)
    {
        IReadOnlyList<MoRef> hosts = await VMHostsAsync(ct).ConfigureAwait(false);
        return await NfsDatastore.PlanMountAsync(
            _client,
            [.. hosts.Skip(first), .. hosts.Take(first)],
            new NfsMount { Name = name, RemoteHost = address, RemotePath = path },
            ct).ConfigureAwait(false);
    }

    private string MountLine(string name, string address, string path) =>
        $"Get-VMHost {AllHosts} | Mount-ZfsNfsDatastore -Name {Quoted(name)} "
        + $"-RemoteHost {address} -RemotePath {Quoted(path)}";

    private static string Mask(int prefixLength)
    {
        uint mask = prefixLength == 0 ? 0 : uint.MaxValue << (32 - prefixLength);
        return $"{mask >> 24}.{(mask >> 16) & 255}.{(mask >> 8) & 255}.{mask & 255}";
    }
}
