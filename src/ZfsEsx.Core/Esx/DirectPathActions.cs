using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <inheritdoc cref="IDirectPathActions"/>
internal sealed class DirectPathActions(VimClient client) : IDirectPathActions
{
    public Task MarkAsync(HostPci host, IReadOnlyList<string> ids, bool enable, CancellationToken ct) =>
        client.CallAsync(
        host.PassthruSystem, "UpdatePassthruConfig", host.Name,
        (enable ? "Enable" : "Disable") + " passthrough of " + string.Join(", ", ids), ct,
        ids.Select(id => Arg.T("config", "HostPciPassthruConfig", Arg.E("id", id), Arg.E("passthruEnabled", enable)))
            .ToArray());

    public async Task RebootAsync(
        HostPci host, IReadOnlyList<string> ids, bool enable, DirectPathOptions options, IReporter reporter,
        CancellationToken ct)
    {
        await HostReboot.RunAsync(client, host.Ref, host.Name, options, reporter, ct).ConfigureAwait(false);

        // Marks are kept by PCI address: a card added or a firmware update can renumber the bus.
        HostPci now = (await HostPciReader.ReadAsync(client, [host.Ref], ct).ConfigureAwait(false))[0];
        string[] lost = ids.Where(id => now.Devices.All(d => d.Id != id || d.Active != enable)).ToArray();
        if (lost.Length > 0)
        {
            throw new ZfsEsxException(
                "PassthroughNotActive", FailureKind.Failed, host.Name,
                "After its reboot " + host.Name + " still does not " + (enable ? "pass through " : "use ")
                    + string.Join(", ", lost) + ".",
                "The bus may have been renumbered: look at Get-VmDirectPath again. Otherwise see the host's "
                    + "vmkernel log.");
        }
    }
}
