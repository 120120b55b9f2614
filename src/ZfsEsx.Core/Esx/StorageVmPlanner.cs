using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>What a plan for storage VMs does.</summary>
internal interface IStorageVmActions
{
    Task CloneAsync(VmFacts template, NewStorageVm wanted, VmHost host, VmDatastore datastore, IReporter reporter,
        CancellationToken ct);

    Task ConfigureCloneAsync(NewStorageVm wanted, int templateDisks, IReporter reporter, CancellationToken ct);

    Task ReconfigureAsync(VmFacts vm, StorageVmSpec spec, IReporter reporter, CancellationToken ct);
}

/// <summary>Compares the VMs of the inventory with the storage VMs wanted. Pure.</summary>
internal static class StorageVmPlanner
{
    /// <summary>Refuses arguments that are wrong in themselves.</summary>
    /// <exception cref="ZfsEsxException"><c>InvalidName</c>, <c>InvalidMemory</c>, <c>InvalidDiskSize</c>,
    /// <c>DuplicateName</c>.</exception>
    public static void Check(IReadOnlyList<NewStorageVm> wanted)
    {
        foreach (NewStorageVm vm in wanted)
        {
            VimName.Check("VM", vm.Name);
            VimName.Check("port group", vm.ManagementNetwork);
            VimName.Check("port group", vm.StorageNetwork);
            if (vm.Memory.Bytes < 256L << 20 || vm.Memory.Bytes % (4L << 20) != 0)
            {
                throw Bad("InvalidMemory", vm.Name,
                    "The memory of " + vm.Name + " cannot be " + vm.Memory
                    + ": it is at least 256 MB, in steps of 4 MB.");
            }

            if (vm.NumCpu < 1)
            {
                throw Bad("InvalidProcessors", vm.Name, vm.Name + " needs at least one processor.");
            }

            if (vm.DataDisks.Any(d => d.Bytes < 64L << 20 || d.Bytes % 1024 != 0))
            {
                throw Bad("InvalidDiskSize", vm.Name,
                    "A data disk of " + vm.Name
                    + " must have at least 64 MB (ZFS takes no smaller ones), in whole kilobytes.");
            }
        }

        if (wanted.GroupBy(w => w.Name, StringComparer.OrdinalIgnoreCase)
            .FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw Bad("DuplicateName", twice.Key, "The VM name '" + twice.Key + "' is asked for twice.");
        }
    }

    public static (IReadOnlyList<Change> Changes, IReadOnlyList<string> Warnings) Compare(
        StorageVmInventory inventory, IReadOnlyList<NewStorageVm> wanted, IStorageVmActions actions)
    {
        List<Change> changes = [];
        List<string> warnings = [];
        foreach (NewStorageVm vm in wanted)
        {
            VmHost host = inventory.Hosts.First(h => h.Ref == vm.Host);
            VmFacts template = inventory.VMs.First(v => v.Ref == vm.Template);
            MoRef[] same = inventory.Names.Where(n => Inventory.Same(n.Name, vm.Name)).Select(n => n.Ref).ToArray();
            if (same.Length > 1)
            {
                throw new ZfsEsxException(
                    "ObjectAmbiguous", FailureKind.InvalidArgument, vm.Name,
                    "There are " + same.Length + " VMs called " + vm.Name + ": " + string.Join(", ", same) + ".",
                    "Rename all but one.");
            }

            CheckHost(host, vm);
            if (same.Length == 0)
            {
                PlanNew(template, vm, host, actions, changes);
            }
            else
            {
                PlanExisting(inventory.VMs.First(v => v.Ref == same[0]), vm, template.Disks.Count, host, actions,
                    changes, warnings);
            }
        }

        return (changes, warnings);
    }

    private static void PlanNew(
        VmFacts template, NewStorageVm wanted, VmHost host, IStorageVmActions actions, List<Change> changes)
    {
        VmDatastore datastore = ChooseDatastore(template, wanted, host);
        int disks = template.Disks.Count;
        changes.Add(new Change(
            wanted.Name, "Clone from " + template.Name + " to " + host.Name + ", datastore " + datastore.Name,
            (reporter, ct) => actions.CloneAsync(template, wanted, host, datastore, reporter, ct)));
        StorageVmSpec spec = StorageVmSpec.Compare(template, wanted, disks, fresh: true);
        if (spec.Words.Count > 0)
        {
            changes.Add(new Change(
                wanted.Name, "Configure: " + string.Join(", ", spec.Words),
                (reporter, ct) => actions.ConfigureCloneAsync(wanted, disks, reporter, ct)));
        }
    }

    private static void PlanExisting(
        VmFacts vm, NewStorageVm wanted, int templateDisks, VmHost host, IStorageVmActions actions,
        List<Change> changes, List<string> warnings)
    {
        if (vm.IsTemplate || vm.Ref == wanted.Template)
        {
            throw Bad("NameIsTemplate", vm.Name, vm.Name + " is the name of a template.");
        }

        if (vm.Host != host.Ref)
        {
            throw new ZfsEsxException(
                "StorageVmElsewhere", FailureKind.InvalidState, vm.Name,
                "The VM " + vm.Name + " exists, but not on " + host.Name + ".",
                "Choose another name, or move it there first.");
        }

        StorageVmSpec spec = StorageVmSpec.Compare(vm, wanted, templateDisks, fresh: false);
        warnings.AddRange(spec.Warnings);
        if (spec.Words.Count == 0)
        {
            return;
        }

        if (spec.NeedsPowerOff && !vm.IsOff)
        {
            throw new ZfsEsxException(
                "VmPoweredOn", FailureKind.InvalidState, vm.Name,
                "The VM " + vm.Name + " is " + vm.PowerState + " and differs from what is wanted: "
                    + string.Join(", ", spec.Words) + ".",
                "Shut it down and repeat the command.");
        }

        changes.Add(new Change(
            vm.Name, "Reconfigure: " + string.Join(", ", spec.Words),
            (reporter, ct) => actions.ReconfigureAsync(vm, spec, reporter, ct)));
    }

    private static void CheckHost(VmHost host, NewStorageVm wanted)
    {
        if (!host.Connected || host.InMaintenanceMode)
        {
            throw new ZfsEsxException(
                host.Connected ? "HostInMaintenanceMode" : "HostNotConnected", FailureKind.InvalidState, host.Name,
                "The host " + host.Name + (host.Connected ? " is in maintenance mode." : " is not connected."),
                "Bring it back and repeat the command.");
        }

        foreach (string network in new[] { wanted.ManagementNetwork, wanted.StorageNetwork }.Where(n =>
            !host.PortGroups.Contains(n)))
        {
            throw new ZfsEsxException(
                "PortGroupNotFound", FailureKind.NotFound, host.Name + " " + network,
                "The host " + host.Name + " has no port group '" + network + "' for VMs on a standard switch.",
                "It has " + string.Join(", ", host.PortGroups)
                    + ". New-EncapsulatedStorageNetwork makes the one for storage.");
        }
    }

    private static VmDatastore ChooseDatastore(VmFacts template, NewStorageVm wanted, VmHost host)
    {
        if (wanted.Datastore is MoRef asked)
        {
            return host.Datastores.FirstOrDefault(d => d.Ref == asked && d.Accessible) ?? throw new ZfsEsxException(
                "DatastoreNotOnHost", FailureKind.InvalidState, host.Name,
                "The host " + host.Name + " does not have the datastore " + asked + ", or cannot reach it.",
                "It has " + Names(host) + ".");
        }

        // A storage VM on NFS could wait for itself to start.
        VmDatastore[] possible = host.Datastores.Where(d => d.Accessible && !d.IsNfs).ToArray();
        return possible.Where(d => d.Hosts.Count <= 1).OrderByDescending(d => d.FreeSpace.Bytes).FirstOrDefault()
            ?? possible.OrderByDescending(d => IsTemplates(d, template)).ThenByDescending(d => d.FreeSpace.Bytes)
                .FirstOrDefault()
            ?? throw new ZfsEsxException(
                "NoDatastore", FailureKind.NotFound, host.Name,
                "The host " + host.Name + " has no local datastore for " + wanted.Name + ".",
                "A storage VM needs one that does not come from a storage VM.");
    }

    private static bool IsTemplates(VmDatastore datastore, VmFacts template) =>
        template.Disks.Any(d => d["backing"]["datastore"].Ref == datastore.Ref);

    private static string Names(VmHost host) => string.Join(", ", host.Datastores.Select(d => d.Name));

    private static ZfsEsxException Bad(string id, string target, string message) =>
        new(id, FailureKind.InvalidArgument, target, message);
}
