using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>
/// Compares the passthrough marks of hosts with what is wanted. Pure. For a device: not capable is refused; enabled and
/// active is done; enabled and not active waits for a boot and is not marked again; anything else is marked.
/// </summary>
internal static class DirectPathPlanner
{
    public static (IReadOnlyList<Change> Changes, IReadOnlyList<string> Warnings) Compare(
        IReadOnlyList<HostPci> hosts,
        IReadOnlyList<DirectPathSelection> wanted,
        bool enable,
        DirectPathOptions options,
        IDirectPathActions actions)
    {
        List<Change> changes = [];
        List<string> warnings = [];
        int reboots = 0;
        foreach (HostPci host in hosts)
        {
            VmDirectPathDevice[] devices = Select(host, wanted);
            foreach (VmDirectPathDevice device in devices)
            {
                DirectPathRefusals.Check(host, device, enable, options.Force);
            }

            // Marking again what waits for a boot changes nothing, and asks the host for nothing.
            VmDirectPathDevice[] toMark = devices.Where(d => d.Enabled != enable).ToArray();
            string[] ids = devices.Select(d => d.Id).ToArray();
            if (toMark.Length > 0)
            {
                string[] marks = toMark.Select(d => d.Id).ToArray();
                changes.Add(new Change(
                    host.Name,
                    Describe(enable ? "Enable passthrough of " : "Disable passthrough of ", toMark),
                    (_, ct) => actions.MarkAsync(host, marks, enable, ct),
                    enable && toMark.Any(d => d.UsedBy.Count > 0) ? ChangeRisk.Disruptive : ChangeRisk.Safe));
                warnings.AddRange(toMark.Where(d => enable && !host.BootDeviceKnown
                    && IsStorage(d))
                    .Select(d => host.Name + " does not say where it boots from. Make sure that it is not behind "
                        + Words(d) + "."));
            }

            if (!devices.Any(d => d.Enabled == enable ? d.Active != enable : !d.RebindWithoutReboot))
            {
                continue;
            }

            if (!options.AllowReboot)
            {
                warnings.Add("The change on " + host.Name
                    + " takes effect at its next boot. With -Reboot it is booted now.");
                continue;
            }

            DirectPathRefusals.CheckReboot(host);
            changes.Add(new Change(
                host.Name,
                "Enter maintenance mode and reboot, so that the passthrough of " + string.Join(", ", ids)
                    + " takes effect",
                (reporter, ct) => actions.RebootAsync(host, ids, enable, options, reporter, ct),
                ChangeRisk.Disruptive,
                stage: ++reboots)); // one host after the other: the rest of the ring keeps serving
        }

        return (changes, warnings);
    }

    /// <summary>Whether a storage controller would be taken from a host.</summary>
    public static bool TakesController(HostPci host, IReadOnlyList<DirectPathSelection> wanted) =>
        Select(host, wanted).Any(d => !d.Enabled && IsStorage(d));

    /// <summary>The devices of a host that were asked for, with those that share their reset.</summary>
    /// <exception cref="ZfsEsxException"><c>DeviceNotFound</c>, <c>HostNotConnected</c>.</exception>
    public static VmDirectPathDevice[] Select(HostPci host, IReadOnlyList<DirectPathSelection> wanted)
    {
        HashSet<string> ids = [];
        foreach (DirectPathSelection selection in wanted.Where(w => w.Host == host.Ref))
        {
            DirectPathRefusals.CheckHost(host);
            VmDirectPathDevice[] found = host.Devices.Where(d => DeviceMatch.Matches(d, selection.Device)).ToArray();
            if (found.Length == 0)
            {
                throw DirectPathRefusals.NotFound(host, selection.Device);
            }

            ids.UnionWith(found.SelectMany(d => d.DependentDevices.Prepend(d.Id)));
        }

        return host.Devices.Where(d => ids.Contains(d.Id)).ToArray();
    }

    private static bool IsStorage(VmDirectPathDevice device) =>
        device.ClassId.StartsWith("01", StringComparison.Ordinal);

    internal static string Words(VmDirectPathDevice device) => device.Device + " (" + device.Id + ")";

    private static string Describe(string verb, VmDirectPathDevice[] devices)
    {
        string text = verb + string.Join(", ", devices.Select(Words));
        return devices.Length > 1 && devices.Any(d => d.DependentDevices.Count > 0)
            ? text + "; devices that share a reset change together"
            : text;
    }
}
