using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>What a plan that brings shares back does.</summary>
internal interface IReviveActions
{
    Task AwaitAsync(ShareDatastore share, TimeSpan timeout, IReporter reporter, CancellationToken ct);

    Task ReloadAsync(ShareVm vm, IReporter reporter, CancellationToken ct);

    Task PowerOnAsync(ShareVm vm, IReporter reporter, CancellationToken ct);
}

/// <summary>Compares shares and their VMs with what they are when all is well. Pure.</summary>
internal static class RevivePlanner
{
    public static IReadOnlyList<Change> Compare(
        ShareFacts facts, ReviveOptions options, IReviveActions actions, List<string> warnings)
    {
        if (facts.Shares.FirstOrDefault(s => !s.IsNfs) is ShareDatastore other)
        {
            throw new ZfsEsxException(
                "NotNfs", FailureKind.InvalidArgument, other.Name,
                "The datastore " + other.Name + " is not an NFS datastore.",
                "Get-ZfsNfsDatastore lists those that are.");
        }

        List<Change> changes = [];
        foreach (ShareDatastore share in facts.Shares)
        {
            warnings.AddRange(share.Mounts.Where(m => !m.Connected).Select(m =>
                "The host " + m.HostName + " is not connected; whether it reaches " + share.Name + " is not known."));
            string[] away = [.. share.Mounts.Where(m => m.Connected && !m.Accessible).Select(m => m.HostName)];
            if (away.Length > 0)
            {
                changes.Add(new Change(
                    share.Name, "Refresh until " + string.Join(", ", away) + (away.Length > 1 ? " reach" : " reaches")
                        + " it, for at most " + options.Timeout.TotalSeconds + " s",
                    (reporter, ct) => actions.AwaitAsync(share, options.Timeout, reporter, ct)));
            }
        }

        ShareVm[] lost = [.. facts.VMs.Where(v => v.Inaccessible)];
        changes.AddRange(lost.Select(vm => new Change(
            Target(facts, vm), "Read it again from " + vm.Path, (reporter, ct) => actions.ReloadAsync(vm, reporter, ct),
            stage: 1)));
        if (options.PowerOn)
        {
            PowerOn(facts, actions, changes);
        }

        return changes;
    }

    // A VM is a thing on its share.
    private static string Target(ShareFacts facts, ShareVm vm) =>
        (facts.Shares.FirstOrDefault(s => s.Name == VmFacts.DatastoreOf(vm.Path)) ?? facts.Shares[0]).Name + ": "
            + vm.Name;

    // One stage for each place in the order; hosts count for themselves, but a share's VMs are few.
    private static void PowerOn(ShareFacts facts, IReviveActions actions, List<Change> changes)
    {
        var ordered = facts.VMs
            .Where(v => !v.IsTemplate && v.PowerState != "poweredOn")
            .Select(v => (Vm: v, Order: facts.AutoStart.TryGetValue(v.Host, out HostAutoStart? host)
                ? host.OrderOf(v.Ref) : null))
            .Where(v => v.Order is not null)
            .GroupBy(v => v.Order!.Value < 1 ? int.MaxValue : v.Order.Value)
            .OrderBy(g => g.Key);
        int stage = 2;
        foreach (var place in ordered)
        {
            changes.AddRange(place.Select(v => new Change(
                Target(facts, v.Vm), "Power on", (reporter, ct) => actions.PowerOnAsync(v.Vm, reporter, ct),
                stage: stage)));
            stage++;
        }
    }
}
