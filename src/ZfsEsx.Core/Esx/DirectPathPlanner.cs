using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>
/// Compares the passthrough marks of hosts with what is wanted. Pure. For a device: not capable is refused; enabled and
/// active is done; enabled and not active waits for a boot and is not marked again; anything else is marked.
/// </summary>
internal static class DirectPathPlanner
{
    /// <summary>What is to be done on hosts; a refused host is left out, with its refusal.</summary>
    public static DirectPathComparison Compare(
        IReadOnlyList<HostPci> hosts, IReadOnlyList<DirectPathSelection> wanted, bool enable, DirectPathOptions options,
        IDirectPathActions actions)
    {
        DirectPathComparison all = new();
        List<string> failedReboots = [];
        int reboots = 0;
        foreach ((HostPci host, HostComparison found) in hosts.CompareEach(
            h => Compare(h, wanted, enable, options), all.Refusals))
        {
            all.Hosts.Add(host);
            all.Warnings.AddRange(found.Warnings);
            if (found.ToMark.Length > 0)
            {
                all.Changes.Add(new Change(
                    host.Name,
                    Describe(enable ? "Enable passthrough of " : "Disable passthrough of ", found.ToMark),
                    (reporter, ct) => actions.MarkAsync(host, found.ToMark, enable, reporter, ct),
                    enable && found.ToMark.Any(d => d.UsedBy.Any(IsOfHost)) ? ChangeRisk.Disruptive : ChangeRisk.Safe));
            }

            if (found.ToReboot.Length > 0)
            {
                // One host after the other: the rest of the ring keeps serving.
                all.Changes.Add(Reboot(host, ++reboots, found.ToReboot, (reporter, ct) =>
                    actions.RebootAsync(host, found.ToReboot, enable, options, reporter, ct)));
            }
        }

        return all;

        Change Reboot(
            HostPci host, int turn, VmDirectPathDevice[] devices, Func<IReporter, CancellationToken, Task> boot)
        {
            RunningVM[] moved = [.. host.RunningVMs.Where(v => v.Role is not null)];
            return new Change(
                host.Name,
                "Enter maintenance mode" + (moved.Length == 0 ? "" : ", which moves " + Names(moved) + " away,")
                    + " and reboot, so that the passthrough of " + string.Join(", ", devices.Select(d => d.Id))
                    + " takes effect",
                async (reporter, ct) =>
                {
                    DirectPathRefusals.CheckEarlierReboots(host, failedReboots);
                    failedReboots.Add(host.Name);
                    await boot(reporter, ct).ConfigureAwait(false);
                    failedReboots.Remove(host.Name);
                },
                moved.Length == 0 ? ChangeRisk.Disruptive : ChangeRisk.DataLoss,
                stage: turn);
        }
    }

    /// <summary>Whether a controller would be taken from a host that it could boot from.</summary>
    public static bool TakesController(HostPci host, IReadOnlyList<DirectPathSelection> wanted) =>
        host.Connected && wanted.Where(w => w.Host == host.Ref).SelectMany(w => WithSiblings(host, w)).Distinct()
            .Any(id => host.Devices.Any(d => d.Id == id && !d.Enabled && MayBoot(d)));

    /// <summary>The devices of a host that were asked for, with those that share their reset.</summary>
    /// <exception cref="ZfsEsxException"><c>DeviceNotFound</c>, <c>HostNotConnected</c>.</exception>
    public static VmDirectPathDevice[] Select(HostPci host, IReadOnlyList<DirectPathSelection> wanted)
    {
        DirectPathRefusals.CheckHost(host);
        HashSet<string> ids = [];
        foreach (DirectPathSelection selection in wanted.Where(w => w.Host == host.Ref))
        {
            string[] found = [.. WithSiblings(host, selection)];
            if (found.Length == 0)
            {
                throw DirectPathRefusals.NotFound(host, selection.Device);
            }

            ids.UnionWith(found);
        }

        return host.Devices.Where(d => ids.Contains(d.Id)).ToArray();
    }

    internal static string Words(VmDirectPathDevice device) => device.Device + " (" + device.Id + ")";

    internal static string Names(IEnumerable<RunningVM> vms) => string.Join(", ", vms.Select(v => v.ToString()));

    /// <summary>A use by the host itself. That a VM has the device is no hindrance to enabling it.</summary>
    internal static bool IsOfHost(string use) => !use.StartsWith(HostUse.VM, StringComparison.Ordinal);

    private static HostComparison Compare(
        HostPci host, IReadOnlyList<DirectPathSelection> wanted, bool enable, DirectPathOptions options)
    {
        VmDirectPathDevice[] devices = Select(host, wanted);
        foreach (VmDirectPathDevice device in devices)
        {
            DirectPathRefusals.Check(host, device, enable, options.Force);
        }

        // Marking again what waits for a boot changes nothing, and asks the host for nothing.
        VmDirectPathDevice[] toMark = [.. devices.Where(d => d.Enabled != enable)];
        VmDirectPathDevice[] waiting =
            [.. devices.Where(d => d.Enabled == enable ? d.Active != enable : !d.RebindWithoutReboot)];
        List<string> warnings = [.. toMark.Where(d => enable && !host.BootDeviceKnown && MayBoot(d)).Select(d =>
            host.Name + " does not say where it boots from. Make sure that it is not behind " + Words(d) + ".")];
        if (waiting.Length > 0 && !options.AllowReboot)
        {
            warnings.Add(
                "The change on " + host.Name + " takes effect at its next boot. With -Reboot it is booted now.");
            waiting = [];
        }

        if (waiting.Length > 0)
        {
            DirectPathRefusals.CheckReboot(host);
        }

        return new HostComparison(toMark, waiting, warnings);
    }

    private static IEnumerable<string> WithSiblings(HostPci host, DirectPathSelection wanted) => host.Devices
        .Where(d => DeviceMatch.Matches(d, wanted.Device)).SelectMany(d => d.DependentDevices.Prepend(d.Id));

    // Storage controllers, and USB, which hosts are booted from as well.
    private static bool MayBoot(VmDirectPathDevice device) =>
        device.ClassId.StartsWith("01", StringComparison.Ordinal) || device.ClassId is "0c03" or "0c04";

    private static string Describe(string verb, VmDirectPathDevice[] devices)
    {
        string text = verb + string.Join(", ", devices.Select(Words));
        return devices.Length > 1 && devices.Any(d => d.DependentDevices.Count > 0)
            ? text + "; devices that share a reset change together"
            : text;
    }

    private sealed record HostComparison(
        VmDirectPathDevice[] ToMark, VmDirectPathDevice[] ToReboot, IReadOnlyList<string> Warnings);
}

/// <summary>What came of comparing many hosts.</summary>
internal sealed class DirectPathComparison
{
    /// <summary>Those that are not refused.</summary>
    public List<HostPci> Hosts { get; } = [];

    public List<Change> Changes { get; } = [];

    public List<string> Warnings { get; } = [];

    public List<ZfsEsxException> Refusals { get; } = [];
}
