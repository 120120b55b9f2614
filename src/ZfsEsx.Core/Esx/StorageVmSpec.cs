using System.Globalization;
using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>What must change in a VM, as one ConfigSpec and in words. Pure.</summary>
internal sealed partial class StorageVmSpec
{
    /// <summary>What disks hang on unless the system wants something else.</summary>
    public const string Paravirtual = "ParaVirtualSCSIController";

    private readonly List<string> _words = [];
    private readonly List<string> _warnings = [];
    private readonly List<Arg> _devices = [];
    private readonly List<Arg> _options = [];
    private int _nextKey = -101;

    private StorageVmSpec(
        VmFacts current, StorageVmSettings wanted, int systemDisks, bool fresh, string controller)
    {
        GuestId = wanted.GuestId is string system && system != current.GuestId ? system : null;
        Processors = wanted.NumCpu is int cpus && cpus != current.NumCpu ? cpus : null;
        MemoryMB = wanted.Memory is ByteSize memory && (int)(memory.Bytes >> 20) is int megabytes
            && megabytes != current.MemoryMB ? megabytes : null;
        if (GuestId is not null)
        {
            _words.Add("set the system to " + GuestId);
        }

        if (Processors is not null)
        {
            _words.Add("set " + Processors + " processors");
        }

        if (MemoryMB is int set)
        {
            _words.Add("set " + (ByteSize)((long)set << 20) + " of memory");
        }

        Reservation(current);
        Disks(current, wanted.DataDisks, systemDisks, controller);
        Adapters(current, wanted, fresh);
        NeedsPowerOff = _words.Count > 0;
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

    private string? GuestId { get; }

    private int? Processors { get; }

    private int? MemoryMB { get; }

    private int? ReservationMB { get; set; }

    private bool Lock { get; set; }

    /// <summary>Compares.</summary>
    /// <param name="current">The VM; for one that is not made yet, its template.</param>
    /// <param name="wanted">What it should be.</param>
    /// <param name="systemDisks">How many of its disks are the system's.</param>
    /// <param name="fresh">True for a VM that has never run: adapters of another kind are then replaced.</param>
    /// <param name="controller">The type of a disk controller that has to be added.</param>
    public static StorageVmSpec Compare(
        VmFacts current, StorageVmSettings wanted, int systemDisks, bool fresh, string controller = Paravirtual) =>
        new(current, wanted, systemDisks, fresh, controller);

    /// <summary>The spec, fields in the order of VirtualMachineConfigSpec.</summary>
    public Arg ToArg() => Arg.O("spec", Fields([], []));

    /// <summary>The spec of a VM that is not there yet.</summary>
    public Arg ToCreateArg(string name, string datastore, VmFirmware firmware, string? image)
    {
        if (image is not null)
        {
            _devices.Add(DeviceSpec.NewDrive(_nextKey--, image));
        }

        return Arg.O("config", Fields(
            [Arg.E("name", VimName.Escape(name))],
            [Arg.O("files", Arg.E("vmPathName", "[" + datastore + "]"))],
            Arg.E("firmware", firmware == VmFirmware.Efi ? "efi" : "bios")));
    }

    private IEnumerable<Arg?> Fields(Arg[] name, Arg[] files, Arg? firmware = null) =>
    [
        .. name,
        GuestId is null ? null : Arg.E("guestId", GuestId),
        .. files,
        Processors is int cpus ? Arg.E("numCPUs", cpus) : null,
        MemoryMB is int memory ? Arg.E("memoryMB", memory) : null,
        .. _devices,
        ReservationMB is int reserved ? DeviceSpec.Reservation(reserved) : null,
        .. _options,
        firmware,
        Lock ? Arg.E("memoryReservationLockedToMax", true) : null,
    ];

    // A reservation goes along with the memory; devices of the host need one, and the VM does not start without it.
    private void Reservation(VmFacts current)
    {
        int memory = MemoryMB ?? current.MemoryMB;
        if (current.ReservationLocked && MemoryMB is not null)
        {
            ReservationMB = memory;
        }
        else if (current.Passthrough.Count > 0 && (!current.ReservationLocked || current.ReservationMB < memory))
        {
            ReservationMB = memory;
            Lock = true;
            _words.Add("reserve all of its memory");
        }
    }
}
