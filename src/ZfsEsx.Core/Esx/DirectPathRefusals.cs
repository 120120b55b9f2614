namespace ZfsEsx.Esx;

/// <summary>What a passthrough plan refuses, before anything is changed.</summary>
internal static class DirectPathRefusals
{
    public static void CheckHost(HostPci host)
    {
        if (!host.Connected)
        {
            throw new ZfsEsxException(
                "HostNotConnected", FailureKind.Connection, host.Name, "The host " + host.Name + " is not connected.",
                "Connect it to vCenter again, and repeat the command.");
        }
    }

    public static ZfsEsxException NotFound(HostPci host, string wanted)
    {
        string[] capable = host.Devices.Where(d => d.Capable).Select(DirectPathPlanner.Words).ToArray();
        return new ZfsEsxException(
            "DeviceNotFound", FailureKind.NotFound, host.Name + " " + wanted,
            "The host " + host.Name + " has no PCI device '" + wanted + "'.",
            capable.Length == 0
                ? "None of its devices can be passed through; see whether VT-d or AMD IOMMU is on in its firmware "
                    + "setup."
                : "Devices that can be passed through: " + string.Join(", ", capable) + ".");
    }

    /// <exception cref="ZfsEsxException"><c>DeviceNotCapable</c>, <c>BootDevice</c>, <c>DeviceInUse</c>.</exception>
    public static void Check(HostPci host, VmDirectPathDevice device, bool enable, bool force)
    {
        if (device.Enabled == enable)
        {
            return;
        }

        string name = DirectPathPlanner.Words(device) + " of " + host.Name;
        if (!enable)
        {
            CheckFree(device, name);
            return;
        }

        if (!device.Capable)
        {
            throw new ZfsEsxException(
                "DeviceNotCapable", FailureKind.NotSupported, device.ToString(),
                "The device " + name + " cannot be passed through.",
                host.Devices.Any(d => d.Capable)
                    ? "The host says so itself; choose another device: see Get-VmDirectPath."
                    : "No device of this host can: switch VT-d or AMD IOMMU on in its firmware setup.");
        }

        if (device.UsedBy.Contains(HostUse.BootDevice))
        {
            throw new ZfsEsxException(
                "BootDevice", FailureKind.InUse, device.ToString(),
                "The device " + name + " carries the host's boot device.",
                "A host that gives it away cannot save the change, or cannot boot. Boot ESXi from another "
                    + "controller or from USB first.");
        }

        string[] uses = [.. device.UsedBy.Where(DirectPathPlanner.IsOfHost)];
        if (uses.Length > 0 && !force)
        {
            throw new ZfsEsxException(
                "DeviceInUse", FailureKind.InUse, device.ToString(),
                "The device " + name + " is in use: " + string.Join("; ", uses) + ".",
                InUseAdvice(uses));
        }
    }

    // What the host has no more is what Force is about: a controller's disks, or a network card.
    private static string InUseAdvice(string[] uses)
    {
        string[] stores = [.. uses.Where(u => !u.StartsWith(HostUse.Uplink, StringComparison.Ordinal))];
        string advice = "";
        if (stores.Length > 0)
        {
            advice = "Move the VMs off " + string.Join(", ", stores) + " and unmount it first. With -Force the "
                + "controller is passed through although it is in use: the host loses all disks behind it, and with "
                + "them this datastore and the VMs on it; nothing on the disks is erased.";
        }

        return stores.Length == uses.Length ? advice : (advice.Length > 0 ? advice + " " : "")
            + "Give the switch another uplink first. With -Force the card is passed through although it is in use: the "
            + "host loses it, and what has no other uplink is cut off, its management too where that runs over it.";
    }

    /// <exception cref="ZfsEsxException">
    /// <c>HostNotEvacuated</c>: VMs run on it, and nothing moves them. <c>SessionEndsWithReboot</c>.
    /// </exception>
    public static void CheckReboot(HostPci host)
    {
        if (!host.OutlivesReboot)
        {
            throw new ZfsEsxException(
                "SessionEndsWithReboot", FailureKind.InvalidState, host.Name,
                host.Name + " must be rebooted, and the borrowed session to it ends with that: nobody could see "
                    + "whether it comes back.",
                "Connect with Connect-ZfsEsxServer " + host.Name + " -Credential, which can log in again, and repeat "
                    + "the command. Or leave -Reboot out, boot the host yourself, and look with Get-VmDirectPath.");
        }

        RunningVM[] staying = [.. host.RunningVMs.Where(v => v.IsPinned || !host.Evacuates)];
        if (staying.Length == 0)
        {
            return;
        }

        throw new ZfsEsxException(
            "HostNotEvacuated", FailureKind.InvalidState, host.Name,
            host.Name + " must be rebooted, but VMs run on it: " + DirectPathPlanner.Names(staying) + ".",
            host.Evacuates
                ? "These have devices of the host, or disks that only this host sees, and cannot be moved: shut them "
                    + "down."
                : "Move them to another host or shut them down, then repeat the command.");
    }

    /// <summary>Two hosts that are away are worse than one.</summary>
    /// <exception cref="ZfsEsxException"><c>EarlierRebootFailed</c>.</exception>
    public static void CheckEarlierReboots(HostPci host, IReadOnlyCollection<string> failed)
    {
        if (failed.Count > 0)
        {
            throw new ZfsEsxException(
                "EarlierRebootFailed", FailureKind.InvalidState, host.Name,
                host.Name + " is not rebooted, because the reboot of " + string.Join(", ", failed) + " went wrong.",
                "See to that host first, then repeat the command.");
        }
    }

    private static void CheckFree(VmDirectPathDevice device, string name)
    {
        string[] vms = device.UsedBy.Where(u => !DirectPathPlanner.IsOfHost(u)).ToArray();
        if (vms.Length > 0)
        {
            throw new ZfsEsxException(
                "DeviceInUse", FailureKind.InUse, device.ToString(),
                "The device " + name + " belongs to " + string.Join(", ", vms) + ".",
                "Take it from the VM first: Remove-VmDirectPath.");
        }
    }
}
