using ZfsEsx.Build;

namespace ZfsEsx.Lab.Demo;

/// <summary>The ring that the lab is there for.</summary>
public static class LabPlan
{
    /// <summary>Memory of a storage VM in MB: what the saved machine that guests start from has.</summary>
    public const int MemoryMB = 768;

    /// <summary>Size of a storage VM's data disk.</summary>
    public const long DataDiskBytes = 8L << 30;

    /// <summary>A plan for all nodes of a lab.</summary>
    public static RingPlan For(Lab lab) => new()
    {
        Template = "debian-zfs",
        ManagementNetwork = "VM Network",
        Network = new StorageNetworkPlan
        {
            Switch = "eSAN",
            Uplinks = ["vmnic1"],
            VmkernelPortGroup = "eSAN-Interface1",
            VmPortGroup = "eSAN-VM",
        },
        Nodes = [.. lab.Nodes.Select(Node)],
    };

    private static NodePlan Node(LabNode node) => new()
    {
        VMHost = node.HostName,
        HostAddress = node.HostStorageAddress,
        HostName = node.HostName + "-nas",
        LogDevice = "*DDRdrive*",
        StorageVm = node.VmName,
        Address = node.StorageAddress,
        AddressName = node.VmName + "-nas",
        MemoryMB = MemoryMB,
        NumCpu = 1,
        DataDisk = DataDiskBytes,
        Pool = "sp" + node.Number,
        Volume = "nas/vol0",
        MountPoint = $"/export/{node.VmName}-nas-vol0",
        Datastore = node.VmName + "-nas-vol0",
    };
}
