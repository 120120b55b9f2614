using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>The addresses that hosts mount from.</summary>
public static class VmkernelAddresses
{
    /// <summary>Name and vmkernel addresses with prefix of each host, in one call for all of them.</summary>
    public static async Task<IReadOnlyList<(string Host, IReadOnlyList<string> Addresses)>> GetAsync(
        VimClient client, IReadOnlyList<MoRef> hosts, CancellationToken ct)
    {
        PropertyQuery query = new PropertyQuery().Read("HostSystem", "name", "config.network.vnic").From(hosts);
        IReadOnlyList<VimObject> found = await client.RetrieveAsync(query, ct).ConfigureAwait(false);
        return
        [
            .. found.Select(h => (h.Name, (IReadOnlyList<string>)
                [.. VmkernelPort.Read(h["config.network.vnic"]).Select(Prefixed).OfType<string>()])),
        ];
    }

    private static string? Prefixed(VmkernelPort port) =>
        Subnet.TryParse(port.IPAddress, out _) && Subnet.TryParse(port.SubnetMask, out uint mask)
            ? port.IPAddress + "/" + Enumerable.Range(0, 32).Count(bit => ((mask >> bit) & 1) != 0) : null;
}
