using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>What a plan for start orders does.</summary>
internal interface IAutoStartActions
{
    Task SetAsync(AutoStartHost host, IReadOnlyList<AutoStartEntry> entries, CancellationToken ct);
}

/// <summary>Compares a host's start order with one that has the storage VM first and alone. Pure.</summary>
internal static class AutoStartPlanner
{
    public static IReadOnlyList<Change> Compare(
        AutoStartInventory inventory, MoRef storageVm, IReadOnlyList<MoRef> all, AutoStartOptions options,
        IAutoStartActions actions, List<string> warnings)
    {
        AutoStartVm vm = inventory.VMs[storageVm];
        Refuse(inventory, vm, all);
        AutoStartHost host = inventory.Hosts[vm.Host];
        if (host.HaCluster is string cluster)
        {
            warnings.Add(host.Name + " is in the cluster " + cluster + " with vSphere HA, and hosts in such a cluster "
                + "ignore their start order. It is set all the same; after a host's start use Update-ZfsNfsDatastore.");
        }

        ShareDatastore[] shares =
        [
            .. inventory.Shares.Where(s => options.Datastores.Contains(s.Ref)
                || (s.IsNfs && vm.Addresses.Contains(s.RemoteHost))),
        ];
        if (vm.Addresses.Count == 0 && options.Datastores.Count == 0)
        {
            warnings.Add("The addresses of " + vm.Name + " are not known, because VMware Tools do not run in it, and "
                + "so the VMs on its share are not either. Name the share with -Datastore.");
        }

        HashSet<MoRef> users = [.. shares.SelectMany(s => s.VMs)];
        AutoStartVm[] dependent =
        [
            .. inventory.VMs.Values
                .Where(v => v.Host == host.Ref && v.Ref != vm.Ref && users.Contains(v.Ref) && v.IsOn && !v.IsTemplate)
                .OrderBy(v => v.Name, StringComparer.OrdinalIgnoreCase),
        ];
        IReadOnlyList<AutoStartEntry> wanted = Wanted(host.Start, vm, dependent, options);
        if (host.Start.Enabled && wanted.SequenceEqual(host.Start.Entries))
        {
            return [];
        }

        string[] after = [.. wanted.Where(e => e.Order > 1).Select(e => NameOf(inventory, e.Vm))];
        string words = "Let " + host.Name + " start it first after a boot, the next one "
            + options.StartDelay.TotalSeconds + " s later"
            + (wanted[0].WaitForHeartbeat == "yes" ? " or when its Tools run" : string.Empty)
            + (after.Length > 0 ? ": " + string.Join(", ", after) : string.Empty);
        return [new Change(vm.Name, words, (_, ct) => actions.SetAsync(host, wanted, ct))];
    }

    /// <summary>The whole order: the storage VM, those with a number as they were, then the VMs on its share.</summary>
    internal static IReadOnlyList<AutoStartEntry> Wanted(
        HostAutoStart now, AutoStartVm storageVm, IReadOnlyList<AutoStartVm> dependent, AutoStartOptions options)
    {
        AutoStartEntry? before = now.Entries.FirstOrDefault(e => e.Vm == storageVm.Ref);
        string heartbeat = !storageVm.IsOn ? before?.WaitForHeartbeat ?? "yes" : storageVm.ToolsRunning ? "yes" : "no";
        AutoStartEntry first = new(
            storageVm.Ref, 1, (int)options.StartDelay.TotalSeconds, heartbeat, "powerOn",
            (int)options.StopDelay.TotalSeconds, "guestShutdown");
        AutoStartEntry[] others = [.. now.Entries.Where(e => e.Vm != storageVm.Ref)];
        IEnumerable<AutoStartEntry> added = dependent.Where(d => !others.Any(e => e.Vm == d.Ref))
            .Select(d => new AutoStartEntry(d.Ref, 0, -1, "systemDefault", "powerOn", -1, "systemDefault"));
        return
        [
            first,
            .. others.Where(e => e.Order > 0).Concat(added).Select((e, i) => e with { Order = i + 2 }),
            .. others.Where(e => e.Order <= 0),
        ];
    }

    private static void Refuse(AutoStartInventory inventory, AutoStartVm vm, IReadOnlyList<MoRef> all)
    {
        if (vm.IsTemplate)
        {
            throw StorageVmRefusals.Bad(
                "VmIsTemplate", vm.Name, vm.Name + " is a template.",
                "Name the VM that was made of it, or convert the template to a VM.");
        }

        if (!inventory.Hosts.TryGetValue(vm.Host, out AutoStartHost? host) || host.Start.Manager == default)
        {
            throw new ZfsEsxException(
                "NoAutoStart", FailureKind.NotSupported, vm.Name,
                "The host of " + vm.Name + " does not tell its start order.",
                "The user needs the privilege Host.Config.AutoStart on it.");
        }

        string[] same =
        [
            .. all.Distinct().Select(v => inventory.VMs[v]).Where(v => v.Host == vm.Host).Select(v => v.Name),
        ];
        if (same.Length > 1)
        {
            throw new ZfsEsxException(
                "TwoStorageVms", FailureKind.InvalidArgument, vm.Name,
                string.Join(" and ", same) + " are on " + host.Name + ", and only one VM can be the first there.",
                "Name the one that serves the share.");
        }
    }

    private static string NameOf(AutoStartInventory inventory, MoRef vm) =>
        inventory.VMs.TryGetValue(vm, out AutoStartVm? known) ? known.Name : vm.Id;
}

/// <inheritdoc cref="IAutoStartActions"/>
internal sealed class AutoStartActions(VimClient client) : IAutoStartActions
{
    // The whole order goes: whether a server keeps what is left out is not to be relied on.
    public Task SetAsync(AutoStartHost host, IReadOnlyList<AutoStartEntry> entries, CancellationToken ct) =>
        client.CallAsync(
            host.Start.Manager, "ReconfigureAutostart", host.Name, "Set the start order", ct,
            ToArg(host.Start, entries));

    internal static Arg ToArg(HostAutoStart now, IReadOnlyList<AutoStartEntry> entries) => Arg.O(
        "spec",
        entries.Select(e => e.ToArg()).Prepend(Arg.O(
            "defaults",
            Arg.E("enabled", true),
            Field(now, "startDelay"), Field(now, "stopDelay"), Field(now, "waitForHeartbeat"),
            Field(now, "stopAction"))));

    private static Arg? Field(HostAutoStart now, string name) =>
        now.Defaults[name].Exists ? Arg.E(name, now.Defaults[name].Text) : null;
}
