using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>What keeps a storage VM from being made, said before anything is changed. Pure.</summary>
internal static class StorageVmRefusals
{
    /// <summary>
    /// The article: 4 GB without deduplication, with it about 8 GB for each terabyte of used storage.
    /// </summary>
    private const long PlainMemory = 4L << 30;

    private const long MemoryPerTerabyte = 8L << 30;

    /// <summary>Refuses arguments that are wrong in themselves.</summary>
    /// <exception cref="ZfsEsxException"><c>InvalidName</c>, <c>InvalidMemory</c>, <c>InvalidProcessors</c>,
    /// <c>InvalidDiskSize</c>, <c>InvalidImage</c>, <c>DuplicateName</c>, <c>NoSource</c>.</exception>
    public static void Check(IReadOnlyList<NewStorageVm> wanted)
    {
        foreach (NewStorageVm vm in wanted)
        {
            VimName.Check("VM", vm.Name);
            CheckSource(vm);
            Check(vm.Name, vm.Settings);
        }

        if (wanted.GroupBy(w => w.Name, StringComparer.OrdinalIgnoreCase)
            .FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw Bad("DuplicateName", twice.Key, "The VM name '" + twice.Key + "' is asked for twice.",
                "Give each VM a name of its own.");
        }
    }

    /// <inheritdoc cref="Check(IReadOnlyList{NewStorageVm})"/>
    public static void Check(string name, StorageVmSettings wanted)
    {
        foreach (string network in new[] { wanted.ManagementNetwork, wanted.StorageNetwork }.OfType<string>())
        {
            VimName.Check("port group", network);
        }

        if (wanted.Memory is ByteSize memory && (memory.Bytes < 256L << 20 || memory.Bytes % (4L << 20) != 0))
        {
            throw Bad("InvalidMemory", name,
                "The memory of " + name + " cannot be " + memory + ".",
                "It is at least 256 MB, in steps of 4 MB: -Memory 8GB.");
        }

        if (wanted.NumCpu < 1)
        {
            throw Bad("InvalidProcessors", name, name + " needs at least one processor.", "Give -NumCpu 2.");
        }

        if (wanted.DataDisks?.Any(d => d.Size.Bytes < 64L << 20 || d.Size.Bytes % 1024 != 0) == true)
        {
            throw Bad("InvalidDiskSize", name,
                "A data disk of " + name + " is too small for ZFS, or has no whole number of kilobytes.",
                "Give at least 64 MB: -DataDisk 256GB.");
        }
    }

    public static void CheckHost(VmHost host, NewStorageVm wanted)
    {
        if (!host.Connected || host.InMaintenanceMode)
        {
            throw new ZfsEsxException(
                host.Connected ? "HostInMaintenanceMode" : "HostNotConnected", FailureKind.InvalidState, host.Name,
                "The host " + host.Name + (host.Connected ? " is in maintenance mode." : " is not connected."),
                "Bring it back and repeat the command.");
        }

        CheckNetworks(host, wanted.Settings);
    }

    public static void CheckNetworks(VmHost host, StorageVmSettings wanted)
    {
        foreach (string network in new[] { wanted.ManagementNetwork, wanted.StorageNetwork }.OfType<string>()
            .Where(n => !host.PortGroups.Contains(n) && !host.Distributed.ContainsKey(n)))
        {
            throw new ZfsEsxException(
                "PortGroupNotFound", FailureKind.NotFound, host.Name + " " + network,
                "The host " + host.Name + " has no port group '" + network + "' for VMs.",
                "It has " + string.Join(", ", host.PortGroups.Concat(host.Distributed.Keys))
                    + ". New-EncapsulatedStorageNetwork makes the one for storage.");
        }
    }

    /// <summary>A disk with the name of its datastore.</summary>
    public static NewDisk Named(NewDisk disk, VmHost host, string vm) => disk.Datastore is MoRef asked
        ? disk with { DatastoreName = (host.DatastoreOf(asked) ?? throw NotOnHost(host, asked, vm)).Name }
        : disk;

    public static VmDatastore ChooseDatastore(VmFacts? template, NewStorageVm wanted, VmHost host)
    {
        if (wanted.InstallationImage is string image
            && InstallationImage.Split(wanted.Name, image).Datastore is string named
            && !host.Datastores.Any(d => d.Accessible && d.Name == named))
        {
            throw ImageNotFound(wanted.Name, image, host);
        }

        if (wanted.Datastore is MoRef asked)
        {
            return host.DatastoreOf(asked) ?? throw NotOnHost(host, asked, wanted.Name);
        }

        // A storage VM on NFS could wait for itself to start.
        VmDatastore[] possible = host.Datastores.Where(d => d.Accessible && !d.IsNfs).ToArray();
        return possible.Where(d => d.Hosts.Count <= 1).OrderByDescending(d => d.FreeSpace.Bytes).FirstOrDefault()
            ?? possible.OrderByDescending(d => template is not null && IsTemplates(d, template))
                .ThenByDescending(d => d.FreeSpace.Bytes).FirstOrDefault()
            ?? throw new ZfsEsxException(
                "NoDatastore", FailureKind.NotFound, host.Name,
                "The host " + host.Name + " has no local datastore for " + wanted.Name + ".",
                "A storage VM needs one that does not come from a storage VM.");
    }

    /// <summary>The newest of the ids that a name stands for, as far as the host knows them.</summary>
    public static string ChooseGuest(StorageVmInventory inventory, VmHost host, string asked)
    {
        IReadOnlyList<GuestFact> known = inventory.Guests[host.Ref];
        return GuestSystem.Ids(asked).FirstOrDefault(id => known.Any(k => k.Id == id)) ?? throw new ZfsEsxException(
            "GuestNotKnown", FailureKind.NotSupported, host.Name + " " + asked,
            "The host " + host.Name + " does not know the guest system '" + asked + "'.",
            "Give one of " + string.Join(", ", GuestSystem.Names) + ", or an id that this release of ESXi has.");
    }

    /// <exception cref="ZfsEsxException"><c>TemplateRunning</c>.</exception>
    public static void CheckTemplate(VmFacts? template)
    {
        if (template is { IsOff: false })
        {
            throw new ZfsEsxException(
                "TemplateRunning", FailureKind.InvalidState, template.Name,
                "The VM " + template.Name + " to clone from is " + template.PowerState + ".",
                "Shut it down first: a clone of a running system is like one after a power cut.");
        }
    }

    /// <exception cref="ZfsEsxException"><c>FirmwareDiffers</c>, <c>FirmwareNotSupported</c>, <c>ImageNotFound</c>.
    /// </exception>
    public static void CheckFirmware(
        StorageVmInventory inventory, VmHost host, NewStorageVm wanted, VmFacts? template)
    {
        if (wanted.InstallationImage is string image && inventory.MissingImages.Contains(image))
        {
            throw ImageNotFound(wanted.Name, image, host);
        }

        if (wanted.Firmware is not VmFirmware firmware)
        {
            return;
        }

        string name = firmware.ToString();
        if (template is not null && template.Firmware.Length > 0
            && !string.Equals(template.Firmware, name, StringComparison.OrdinalIgnoreCase))
        {
            throw new ZfsEsxException(
                "FirmwareDiffers", FailureKind.InvalidArgument, wanted.Name,
                "The template " + template.Name + " is installed for " + template.Firmware.ToUpperInvariant() + ", not "
                    + name.ToUpperInvariant() + ".",
                "An installed system does not start with other firmware. Leave -Firmware out.");
        }

        if (inventory.Guests.TryGetValue(host.Ref, out IReadOnlyList<GuestFact>? known)
            && known.FirstOrDefault(k => k.Id == wanted.GuestId) is { Firmware.Count: > 0 } guest
            && !guest.Firmware.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            throw Bad("FirmwareNotSupported", wanted.Name,
                "On " + host.Name + " the system " + guest.Id + " starts with "
                    + string.Join(" or ", guest.Firmware).ToUpperInvariant()
                    + ", not " + name.ToUpperInvariant() + ".",
                "Leave -Firmware out: then it is what fits the system.");
        }
    }

    /// <summary>Advice about memory, where storage is to be deduplicated.</summary>
    public static void Advise(NewStorageVm wanted, List<string> warnings)
    {
        double terabytes = wanted.Deduplicated.Bytes / (double)(1L << 40);
        ByteSize need = Math.Max(PlainMemory, (long)(MemoryPerTerabyte * terabytes));
        if (wanted.Deduplicated.Bytes > 0 && wanted.Memory.Bytes < need.Bytes)
        {
            warnings.Add(
                "To deduplicate " + wanted.Deduplicated + ", " + wanted.Name + " should have about " + need
                + " of memory (8 GB for each terabyte used), not " + wanted.Memory
                + ": ZFS becomes very slow when its table does not fit.");
        }
    }

    public static ZfsEsxException Bad(string id, string target, string message, string advice) =>
        new(id, FailureKind.InvalidArgument, target, message, advice);

    private static void CheckSource(NewStorageVm vm)
    {
        if (vm.Template is null == vm.SystemDisk is null)
        {
            throw Bad("NoSource", vm.Name,
                vm.Name + " needs either a template or a system disk of its own"
                    + (vm.Template is null ? "." : ", not both."),
                "Give -Template, or -SystemDisk with -GuestId.");
        }

        if (vm.SystemDisk is not null && vm.GuestId is null)
        {
            throw Bad("NoGuest", vm.Name,
                "It is not said which system " + vm.Name + " will have.",
                "Give -GuestId: " + string.Join(", ", GuestSystem.Names) + ".");
        }

        if (vm.SystemDisk is not null && (vm.SystemDisk.Size.Bytes < 1L << 30 || vm.SystemDisk.Size.Bytes % 1024 != 0))
        {
            throw Bad("InvalidDiskSize", vm.Name,
                "The system disk of " + vm.Name + " is too small, or has no whole number of kilobytes.",
                "Give at least 1 GB: -SystemDisk 16GB.");
        }

        if (vm.InstallationImage is not null)
        {
            _ = InstallationImage.Split(vm.Name, vm.InstallationImage);
            if (vm.Template is not null)
            {
                throw Bad("NoSource", vm.Name,
                    "A clone has its system already: " + vm.Name + " takes no installation image.",
                    "Leave the image out, or give -SystemDisk in place of -Template.");
            }
        }
    }

    private static ZfsEsxException ImageNotFound(string vm, string image, VmHost host) => new(
        "ImageNotFound", FailureKind.NotFound, vm,
        "There is no " + image + " that " + host.Name + " can read.",
        "Upload it, or look at the spelling; the host has the datastores " + Names(host) + ".");

    private static ZfsEsxException NotOnHost(VmHost host, MoRef asked, string vm) => new(
        "DatastoreNotOnHost", FailureKind.InvalidState, host.Name,
        "The host " + host.Name + " does not have the datastore " + asked + " wanted for " + vm
            + ", or cannot reach it.",
        "It has " + Names(host) + ".");

    private static bool IsTemplates(VmDatastore datastore, VmFacts template) =>
        template.Disks.Any(d => d["backing"]["datastore"].Ref == datastore.Ref);

    private static string Names(VmHost host) => string.Join(", ", host.Datastores.Select(d => d.Name));
}
