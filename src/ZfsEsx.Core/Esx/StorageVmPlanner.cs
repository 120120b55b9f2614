using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>What a plan for storage VMs does.</summary>
internal interface IStorageVmActions
{
    Task CloneAsync(VmFacts template, NewStorageVm wanted, StorageVmPlace place, IReporter reporter,
        CancellationToken ct);

    Task CreateAsync(NewStorageVm wanted, StorageVmPlace place, StorageVmSpec spec, IReporter reporter,
        CancellationToken ct);

    Task ConfigureCloneAsync(NewStorageVm wanted, int systemDisks, IReporter reporter, CancellationToken ct);

    Task ReconfigureAsync(VmFacts vm, StorageVmSpec spec, IReporter reporter, CancellationToken ct);
}

/// <summary>Compares the VMs of the inventory with the storage VMs wanted. Pure.</summary>
internal static class StorageVmPlanner
{
    /// <summary>Compares one VM.</summary>
    /// <param name="inventory">What is there.</param>
    /// <param name="asked">What is wanted.</param>
    /// <param name="claims">The space that VMs before this one take; it adds its own.</param>
    /// <param name="actions">What the changes do.</param>
    /// <param name="warnings">Takes warnings.</param>
    public static IReadOnlyList<Change> Compare(
        StorageVmInventory inventory, NewStorageVm asked, SpaceClaims claims, IStorageVmActions actions,
        List<string> warnings)
    {
        VmHost host = inventory.Hosts.First(h => h.Ref == asked.Host);
        MoRef[] same = inventory.Names.Where(n => Inventory.Same(n.Name, asked.Name)).Select(n => n.Ref).ToArray();
        if (same.Length > 1)
        {
            throw new ZfsEsxException(
                "ObjectAmbiguous", FailureKind.InvalidArgument, asked.Name,
                "There are " + same.Length + " VMs called " + asked.Name + ": " + string.Join(", ", same) + ".",
                "Rename all but one.");
        }

        StorageVmRefusals.CheckHost(host, asked);
        NewStorageVm wanted = Resolve(inventory, host, asked);
        VmFacts? template = inventory.Template(wanted);
        if (asked.Template is not null && template is null)
        {
            throw new ZfsEsxException(
                "ObjectNotFound", FailureKind.NotFound, asked.Template.Value.Id,
                "The template " + asked.Template + " is not there any more.",
                "Somebody has removed it: give another -Template.");
        }

        StorageVmRefusals.CheckTemplate(template);
        StorageVmRefusals.CheckFirmware(inventory, host, wanted, template);
        StorageVmRefusals.Advise(wanted, warnings);
        return same.Length == 0
            ? New(inventory, template, wanted, host, claims, actions, warnings)
            : Existing(inventory.VMs.First(v => v.Ref == same[0]), template, wanted, host, actions, warnings);
    }

    private static IReadOnlyList<Change> New(
        StorageVmInventory inventory, VmFacts? template, NewStorageVm wanted, VmHost host, SpaceClaims claims,
        IStorageVmActions actions, List<string> warnings)
    {
        StorageVmPlace place = new(
            host,
            StorageVmRefusals.ChooseDatastore(template, wanted, host),
            wanted.Folder ?? (template is not null && inventory.FolderOfTemplate[template.Ref] == host.VmFolder
                ? template.Parent : host.VmFolder));
        claims.Add(template, wanted, place, warnings);
        string where = " on " + host.Name + ", datastore " + place.Datastore.Name;
        if (template is null)
        {
            return [Create(inventory, wanted, place, where, actions)];
        }

        int disks = template.Disks.Count;
        StorageVmSpec spec = StorageVmSpec.Compare(template, wanted.Settings, disks, fresh: true);
        Change clone = new(
            wanted.Name, "Clone from " + template.Name + where,
            (reporter, ct) => actions.CloneAsync(template, wanted, place, reporter, ct));
        return spec.Words.Count == 0 ? [clone] :
        [
            clone,
            new Change(
                wanted.Name, "Configure: " + string.Join(", ", spec.Words),
                (reporter, ct) => actions.ConfigureCloneAsync(wanted, disks, reporter, ct)),
        ];
    }

    private static Change Create(
        StorageVmInventory inventory, NewStorageVm wanted, StorageVmPlace place, string where,
        IStorageVmActions actions)
    {
        VmFacts nothing = new() { Ref = default, Name = wanted.Name };
        GuestFact guest = inventory.Guests[place.Host.Ref].First(g => g.Id == wanted.GuestId);
        StorageVmSpec spec = StorageVmSpec.Compare(
            nothing, wanted.Settings with { DataDisks = [wanted.SystemDisk!, .. wanted.DataDisks] }, 0, fresh: true,
            guest.Controller.Length > 0 ? guest.Controller : StorageVmSpec.Paravirtual);
        string words = (wanted.Firmware == VmFirmware.Efi ? "EFI, " : "BIOS, ") + string.Join(", ", spec.Words)
            + (wanted.InstallationImage is string image ? ", insert " + image : string.Empty);
        return new Change(
            wanted.Name, "Create" + where + ": " + words,
            (reporter, ct) => actions.CreateAsync(wanted, place, spec, reporter, ct));
    }

    private static IReadOnlyList<Change> Existing(
        VmFacts vm, VmFacts? template, NewStorageVm wanted, VmHost host, IStorageVmActions actions,
        List<string> warnings)
    {
        if (vm.IsTemplate || vm.Ref == wanted.Template)
        {
            throw StorageVmRefusals.Bad(
                "NameIsTemplate", vm.Name, vm.Name + " is the name of a template.", "Choose another name for the VM.");
        }

        if (vm.Host != host.Ref)
        {
            throw new ZfsEsxException(
                "StorageVmElsewhere", FailureKind.InvalidState, vm.Name,
                "The VM " + vm.Name + " exists, but not on " + host.Name + ".",
                "Choose another name, or move it there first.");
        }

        if (wanted.Firmware is VmFirmware firmware && !Is(vm.Firmware, firmware))
        {
            throw new ZfsEsxException(
                "FirmwareDiffers", FailureKind.InvalidState, vm.Name,
                "The VM " + vm.Name + " exists and starts with " + vm.Firmware.ToUpperInvariant() + ", not "
                    + firmware.ToString().ToUpperInvariant() + ".",
                "An installed system does not start with other firmware. Leave -Firmware out, or make a new VM.");
        }

        bool fresh = template is not null && IsBareClone(vm, template, wanted);
        return Reconfigure(
            vm, StorageVmSpec.Compare(vm, wanted.Settings, template?.Disks.Count ?? 1, fresh), actions, warnings);
    }

    /// <summary>Compares an existing VM with what should be set in it.</summary>
    /// <exception cref="ZfsEsxException"><c>VmIsTemplate</c>, <c>VmPoweredOn</c>, <c>DiskTooLarge</c>,
    /// <c>PortGroupNotFound</c>, <c>DatastoreNotOnHost</c>, <c>DatastoreFull</c>.</exception>
    public static IReadOnlyList<Change> Set(
        VmFacts vm, VmHost host, StorageVmSettings asked, SpaceClaims claims, IStorageVmActions actions,
        List<string> warnings)
    {
        if (vm.IsTemplate)
        {
            throw StorageVmRefusals.Bad(
                "VmIsTemplate", vm.Name, vm.Name + " is a template.",
                "Name the VM that was made of it, or convert the template to a VM.");
        }

        StorageVmRefusals.CheckNetworks(host, asked);
        StorageVmSettings wanted = asked with
        {
            Distributed = host.Distributed,
            DataDisks = asked.DataDisks?.Select(d => StorageVmRefusals.Named(d, host, vm.Name)).ToArray(),
        };
        StorageVmSpec spec = StorageVmSpec.Compare(vm, wanted, asked.SystemDisks, fresh: false);
        claims.Add(vm, wanted, host, warnings);
        return Reconfigure(vm, spec, actions, warnings);
    }

    /// <summary>One reconfiguration, or none where nothing differs.</summary>
    /// <exception cref="ZfsEsxException"><c>VmPoweredOn</c>.</exception>
    public static IReadOnlyList<Change> Reconfigure(
        VmFacts vm, StorageVmSpec spec, IStorageVmActions actions, List<string> warnings)
    {
        warnings.AddRange(spec.Warnings);
        if (spec.Words.Count == 0)
        {
            return [];
        }

        if (spec.NeedsPowerOff && !vm.IsOff)
        {
            throw new ZfsEsxException(
                "VmPoweredOn", FailureKind.InvalidState, vm.Name,
                "The VM " + vm.Name + " is " + vm.PowerState + " and differs from what is wanted: "
                    + string.Join(", ", spec.Words) + ".",
                "Shut it down and repeat the command.");
        }

        return
        [
            new Change(
                vm.Name, "Reconfigure: " + string.Join(", ", spec.Words),
                (reporter, ct) => actions.ReconfigureAsync(vm, spec, reporter, ct)),
        ];
    }

    // Left by a run that was interrupted between cloning and configuring: it has nothing of its own yet.
    private static bool IsBareClone(VmFacts vm, VmFacts template, NewStorageVm wanted) =>
        vm.IsOff && vm.Disks.Count == template.Disks.Count && vm.Adapters.Count == template.Adapters.Count
        && wanted.GuestInfo.Count > 0 && !wanted.GuestInfo.Keys.Any(k => vm.ExtraConfig.ContainsKey("guestinfo." + k));

    private static bool Is(string firmware, VmFirmware wanted) =>
        string.Equals(firmware, wanted.ToString(), StringComparison.OrdinalIgnoreCase);

    // Datastores by name, and the system by the id that the host knows.
    private static NewStorageVm Resolve(StorageVmInventory inventory, VmHost host, NewStorageVm asked) => asked with
    {
        DataDisks = [.. asked.DataDisks.Select(d => StorageVmRefusals.Named(d, host, asked.Name))],
        SystemDisk = asked.SystemDisk is null ? null : StorageVmRefusals.Named(asked.SystemDisk, host, asked.Name),
        GuestId = asked.GuestId is null ? null : StorageVmRefusals.ChooseGuest(inventory, host, asked.GuestId),
        Distributed = host.Distributed,
    };
}

/// <summary>Where a VM is made.</summary>
internal sealed record StorageVmPlace(VmHost Host, VmDatastore Datastore, MoRef Folder);
