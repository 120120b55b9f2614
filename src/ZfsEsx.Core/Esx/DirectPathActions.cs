using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <inheritdoc cref="IDirectPathActions"/>
internal sealed class DirectPathActions(VimClient client) : IDirectPathActions
{
    public async Task MarkAsync(
        HostPci host, IReadOnlyList<VmDirectPathDevice> devices, bool enable, IReporter reporter, CancellationToken ct)
    {
        await client.CallAsync(
            host.PassthruSystem, "UpdatePassthruConfig", host.Name,
            (enable ? "Enable" : "Disable") + " passthrough of " + Ids(devices), ct,
            [.. devices.Select(d => Arg.T(
                "config", "HostPciPassthruConfig", Arg.E("id", d.Id), Arg.E("passthruEnabled", enable)))])
            .ConfigureAwait(false);
        VimObject now = (await client.RetrieveAsync([host.Ref], "HostSystem", ["config.pciPassthruInfo"], ct)
            .ConfigureAwait(false))[0];
        ILookup<string, VimValue> marks = now["config.pciPassthruInfo"].Items.ToLookup(m => m["id"].Text);
        VmDirectPathDevice[] lost = [.. devices.Where(d => marks[d.Id].All(m => m["passthruEnabled"].Bool != enable))];
        if (lost.Length > 0)
        {
            throw new ZfsEsxException(
                "PassthroughNotSaved", FailureKind.Failed, host.Name,
                host.Name + " took the call, but has not changed the passthrough of " + Ids(lost) + ".",
                "The host's vmkernel log (/var/log/vmkernel.log) has the reason.");
        }

        VmDirectPathDevice[] waiting = [.. devices.Where(d =>
            d.RebindWithoutReboot && marks[d.Id].All(m => m["passthruActive"].Bool != enable))];
        if (waiting.Length > 0)
        {
            reporter.Warning(host.Name + " could not rebind " + Ids(waiting) + " while it runs; something may be using "
                + "it. The change takes effect at its next boot: run the command again with -Reboot.");
        }
    }

    public async Task RebootAsync(
        HostPci host, IReadOnlyList<VmDirectPathDevice> devices, bool enable, DirectPathOptions options,
        IReporter reporter, CancellationToken ct)
    {
        HostPci now = await ReadAsync(host, ct).ConfigureAwait(false);
        if (Missing(now, devices, enable).Length == 0)
        {
            reporter.Verbose(host.Name + ": the change is in effect already; no reboot is needed.");
            return;
        }

        await HostReboot.RunAsync(client, host.Ref, host.Name, options, reporter, ct).ConfigureAwait(false);

        // Marks are kept by PCI address: a card added or a firmware update can renumber the bus.
        now = await ReadAsync(host, ct).ConfigureAwait(false);
        VmDirectPathDevice[] lost = Missing(now, devices, enable);
        if (lost.Length > 0)
        {
            throw NotActive(host, now, lost, enable);
        }
    }

    private static ZfsEsxException NotActive(HostPci before, HostPci now, VmDirectPathDevice[] lost, bool enable)
    {
        // The same kind of device at an address that had none of its kind before the boot.
        string[] moved = [.. lost.SelectMany(l => now.Devices.Where(d => SameKind(d, l)
            && !before.Devices.Any(b => b.Id == d.Id && SameKind(b, l)))).Select(DirectPathPlanner.Words).Distinct()];
        string found = "After its reboot " + now.Name + " still does not " + (enable ? "pass through " : "use ")
            + Ids(lost) + ".";
        return moved.Length > 0
            ? new ZfsEsxException(
                "DeviceRenumbered", FailureKind.InvalidState, now.Name,
                found + " The PCI bus has been renumbered: now there is " + string.Join(", ", moved) + ".",
                (enable ? "Enable" : "Disable") + " it at its new address. A VM that has it by the old one needs it "
                    + "anew: Remove-VmDirectPath, then Add-VmDirectPath.")
            : new ZfsEsxException(
                "PassthroughNotActive", FailureKind.Failed, now.Name, found,
                "See whether the card is still there: Get-VmDirectPath " + now.Name
                    + " -All. Otherwise the host's vmkernel log (/var/log/vmkernel.log) has the reason.");
    }

    private static VmDirectPathDevice[] Missing(HostPci now, IReadOnlyList<VmDirectPathDevice> devices, bool enable) =>
        [.. devices.Where(w => !now.Devices.Any(d => d.Id == w.Id && SameKind(d, w) && d.Active == enable))];

    private static bool SameKind(VmDirectPathDevice left, VmDirectPathDevice right) =>
        left.VendorId == right.VendorId && left.DeviceId == right.DeviceId;

    private static string Ids(IEnumerable<VmDirectPathDevice> devices) => string.Join(", ", devices.Select(d => d.Id));

    private async Task<HostPci> ReadAsync(HostPci host, CancellationToken ct) =>
        (await HostPciReader.ReadAsync(client, [host.Ref], false, ct).ConfigureAwait(false))[0];
}
