using System.Globalization;
using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>What must change in a VM, as one ConfigSpec and in words. Pure.</summary>
internal sealed class StorageVmSpec
{
    private readonly List<string> _words = [];
    private readonly List<string> _warnings = [];
    private readonly List<Arg> _devices = [];
    private readonly List<Arg> _options = [];
    private int _nextKey = -101;

    private StorageVmSpec(VmFacts current, NewStorageVm wanted, int templateDisks, bool fresh)
    {
        Processors = current.NumCpu == wanted.NumCpu ? null : wanted.NumCpu;
        MemoryMB = (int)(wanted.Memory.Bytes >> 20) is int megabytes && megabytes != current.MemoryMB ? megabytes
            : null;
        if (Processors is int cpus)
        {
            _words.Add("set " + cpus + " processors");
        }

        if (MemoryMB is int memory)
        {
            _words.Add("set " + (ByteSize)((long)memory << 20) + " of memory");
        }

        Disks(current, wanted, templateDisks);
        Adapters(current, wanted, fresh);
        NeedsPowerOff = _words.Count > 0;
        ReservationMB = current.ReservationLocked ? MemoryMB : null;
        foreach (KeyValuePair<string, string> info in wanted.GuestInfo)
        {
            string key = "guestinfo." + info.Key;
            if (!current.ExtraConfig.TryGetValue(key, out string? value) || value != info.Value)
            {
                _options.Add(DeviceSpec.Option(key, info.Value));
                _words.Add("set " + key);
            }
        }
    }

    /// <summary>What would be done; empty when all is as wanted.</summary>
    public IReadOnlyList<string> Words => _words;

    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>True when the VM must be off for it.</summary>
    public bool NeedsPowerOff { get; }

    private int? Processors { get; }

    private int? MemoryMB { get; }

    private int? ReservationMB { get; }

    /// <summary>Compares.</summary>
    /// <param name="current">The VM; for one that is not made yet, its template.</param>
    /// <param name="wanted">What it should be.</param>
    /// <param name="templateDisks">How many of its disks came with the template.</param>
    /// <param name="fresh">True for a VM that has never run: adapters of another kind are then replaced.</param>
    public static StorageVmSpec Compare(VmFacts current, NewStorageVm wanted, int templateDisks, bool fresh) =>
        new(current, wanted, templateDisks, fresh);

    /// <summary>The spec, fields in the order of VirtualMachineConfigSpec.</summary>
    public Arg ToArg() => Arg.O(
        "spec",
        new Arg?[]
        {
            Processors is int cpus ? Arg.E("numCPUs", cpus) : null,
            MemoryMB is int memory ? Arg.E("memoryMB", memory) : null,
        }
        .Concat(_devices)
        .Append(ReservationMB is int reserved ? DeviceSpec.Reservation(reserved) : null)
        .Concat(_options));

    private void Disks(VmFacts current, NewStorageVm wanted, int templateDisks)
    {
        VimValue[] data = current.Disks.Skip(templateDisks).ToArray();
        FreeUnits units = new(current);
        for (int i = 0; i < wanted.DataDisks.Count; i++)
        {
            ByteSize size = wanted.DataDisks[i];
            if (i >= data.Length)
            {
                if (units.NewController is Arg controller)
                {
                    _devices.Add(controller);
                }

                (int key, int unit) = units.Next();
                _devices.Add(DeviceSpec.NewDisk(_nextKey--, key, unit, size));
                _words.Add("add a thin disk of " + size);
            }
            else if (VmFacts.Capacity(data[i]) > size)
            {
                throw new ZfsEsxException(
                    "DiskTooLarge", FailureKind.InvalidState, current.Name,
                    "Data disk " + (i + 1) + " of " + current.Name + " has " + VmFacts.Capacity(data[i])
                        + ", more than the " + size + " wanted.",
                    "Disks cannot be made smaller. Give its size, or remove the VM.");
            }
            else if (VmFacts.Capacity(data[i]) < size)
            {
                _devices.Add(DeviceSpec.GrownDisk(data[i], size));
                _words.Add("grow " + data[i]["deviceInfo"]["label"].Text + " to " + size);
            }
        }

        if (data.Length > wanted.DataDisks.Count)
        {
            _warnings.Add(current.Name + " has " + (data.Length - wanted.DataDisks.Count)
                .ToString(CultureInfo.InvariantCulture)
                + " more data disks than asked for; they are left.");
        }
    }

    private void Adapters(VmFacts current, NewStorageVm wanted, bool fresh)
    {
        IReadOnlyList<VimValue> have = current.Adapters;
        string[] networks = [wanted.ManagementNetwork, wanted.StorageNetwork];
        for (int i = 0; i < networks.Length; i++)
        {
            if (i >= have.Count)
            {
                _devices.Add(DeviceSpec.NewAdapter(_nextKey--, networks[i]));
                _words.Add("add an adapter on " + networks[i]);
                continue;
            }

            string label = have[i]["deviceInfo"]["label"].Text;
            bool otherKind = !have[i].Is("VirtualVmxnet3");
            if (otherKind && fresh)
            {
                _devices.Add(DeviceSpec.Remove(have[i]));
                _devices.Add(DeviceSpec.NewAdapter(_nextKey--, networks[i]));
                _words.Add("replace " + label + " by a VMXNET3 on " + networks[i]);
                continue;
            }

            if (otherKind)
            {
                _warnings.Add(label + " of " + current.Name
                    + " is not a VMXNET3; it is left, because a new one has another address.");
            }

            if (!string.Equals(VmFacts.Network(have[i]), networks[i], StringComparison.Ordinal))
            {
                _devices.Add(DeviceSpec.MovedAdapter(have[i], networks[i]));
                _words.Add("move " + label + " to " + networks[i]);
            }
        }
    }
}
