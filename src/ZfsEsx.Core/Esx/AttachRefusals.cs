using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>What a plan for a VM's devices refuses, before anything is changed.</summary>
internal static class AttachRefusals
{
    /// <exception cref="ZfsEsxException"><c>InvalidMmioSize</c>.</exception>
    public static void Check(AttachOptions options)
    {
        if (options.Mmio64GB is int size && (size < 1 || (size & (size - 1)) != 0))
        {
            throw new ZfsEsxException(
                "InvalidMmioSize", FailureKind.InvalidArgument, "Mmio64GB",
                "A 64-bit MMIO window of " + size + " GB is not possible: it is a power of two.",
                "Give 16, 32, 64, 128 and so on: twice the memory that the passed-through devices have, or more.");
        }
    }

    /// <exception cref="ZfsEsxException"><c>MmioNeedsEfi</c>, <c>DynamicNotSupported</c>.</exception>
    public static void CheckAbilities(AttachFacts facts, AttachOptions options)
    {
        string vm = facts.VM.Name;
        if (options.Mmio64GB is not null && facts.Firmware == "bios")
        {
            throw new ZfsEsxException(
                "MmioNeedsEfi", FailureKind.NotSupported, vm,
                "The VM " + vm + " starts with BIOS; a 64-bit MMIO window needs EFI.",
                "Leave -Mmio64GB out: host bus adapters, NVMe and DDRdrive do not need it. "
                    + "For a GPU, make a VM with EFI.");
        }

        int hardware = AttachLimits.Hardware(facts.Hardware);
        bool old = Version.TryParse(facts.HostVersion, out Version? version) && version < new Version(7, 0);
        if (options.Dynamic && (old || hardware is > 0 and < 17))
        {
            throw new ZfsEsxException(
                "DynamicNotSupported", FailureKind.NotSupported, vm,
                "Dynamic passthrough needs ESXi 7.0 and virtual hardware 17; " + facts.HostName + " has "
                    + facts.HostVersion + ", and " + vm + " has " + facts.Hardware + ".",
                "Leave -Dynamic out, or upgrade the VM's compatibility in the vSphere client.");
        }
    }

    /// <exception cref="ZfsEsxException"><c>TooManyDevices</c>.</exception>
    public static void CheckLimit(AttachFacts facts, int have, int more)
    {
        int limit = AttachLimits.Of(facts.HostVersion, facts.Hardware);
        if (more > 0 && have + more > limit)
        {
            throw new ZfsEsxException(
                "TooManyDevices", FailureKind.LimitReached, facts.VM.Name,
                "The VM " + facts.VM.Name + " would have " + (have + more) + " passed-through devices; ESXi "
                    + facts.HostVersion + " with " + facts.Hardware + " allows " + limit + ".",
                "Pass a controller through instead of its single devices, or use a newer ESXi and virtual hardware.");
        }
    }

    public static void CheckOff(VmFacts vm, IReadOnlyList<string> words)
    {
        if (!vm.IsOff)
        {
            throw new ZfsEsxException(
                "VmPoweredOn", FailureKind.InvalidState, vm.Name,
                "The VM " + vm.Name + " is " + vm.PowerState + "; devices cannot be changed while it runs ("
                    + string.Join(", ", words) + ").",
                "Shut it down and repeat the command.");
        }
    }

    /// <summary>The VM's device is no longer what is at its address.</summary>
    public static ZfsEsxException Renumbered(AttachFacts facts, AttachedDevice device, string found) => new(
        "DeviceRenumbered", FailureKind.InvalidState, facts.VM.Name, found,
        "Take the old entry out: Remove-VmDirectPath -VM " + facts.VM.Name + " -Id " + device.Id
            + ". Then give it the device by its present address.");

    /// <summary>The device as the host offers it to VMs.</summary>
    public static VimValue Find(AttachFacts facts, string id)
    {
        string device = id + " of " + facts.HostName;
        if (facts.Owners.TryGetValue(id, out string? owner))
        {
            throw new ZfsEsxException(
                "DeviceInUse", FailureKind.InUse, device, "The device " + device + " belongs to the VM " + owner + ".",
                "Take it from there first: Remove-VmDirectPath.");
        }

        if (facts.Targets.FirstOrDefault(t => t["pciDevice"]["id"].Text == id) is VimValue target)
        {
            return target;
        }

        VimValue mark = facts.Marks.FirstOrDefault(m => m["id"].Text == id) ?? VimValue.None;
        throw !mark.Exists
            ? new ZfsEsxException(
                "DeviceNotFound", FailureKind.NotFound, device,
                "The host " + facts.HostName + " has no PCI device '" + id + "'.", "See Get-VmDirectPath.")
            : mark["passthruEnabled"].Bool
                ? new ZfsEsxException(
                    "DeviceRebootPending", FailureKind.InvalidState, device,
                    "The device " + device + " is enabled for passthrough, but not active before the host's next boot.",
                    "Reboot the host: Enable-VmDirectPath -Reboot does it.")
                : new ZfsEsxException(
                    "DeviceNotEnabled", FailureKind.InvalidState, device,
                    "The device " + device + " is not enabled for passthrough.",
                    "Enable it first: Enable-VmDirectPath.");
    }
}
