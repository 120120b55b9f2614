using System.Globalization;
using System.Text;

namespace ZfsEsx.Failover;

/// <summary>A VM of a datastore, as it was before its storage was lost or moved.</summary>
/// <param name="File">Its configuration on the datastore: <c>app1/app1.vmx</c>.</param>
/// <param name="Name">What it is called.</param>
/// <param name="IsOn">It ran.</param>
/// <param name="Host">The name of its host.</param>
/// <param name="Order">Its place in the start order of its host; 0: none.</param>
/// <param name="Folder">Its folder in the inventory, the value of the reference.</param>
internal sealed record VmNote(string File, string Name, bool IsOn, string Host, int Order, string Folder);

/// <summary>
/// The note of a datastore's VMs lies in the file system itself, so that it goes wherever the VMs' files go and is
/// there for whoever carries on. Pure.
/// </summary>
internal static class VmNotes
{
    public const string FileName = ".zfsesx-vms";

    public static byte[] Write(IEnumerable<VmNote> vms) => Encoding.UTF8.GetBytes(
        "# ZfsEsx: the VMs of this datastore\n" + string.Concat(vms.Select(v => string.Join(
            "\t", "VM", Escape(v.File), Escape(v.Name), v.IsOn ? "on" : "off", Escape(v.Host),
            v.Order.ToString(CultureInfo.InvariantCulture), Escape(v.Folder)) + "\n")));

    public static IReadOnlyList<VmNote> Read(IEnumerable<string> lines) =>
    [
        .. lines.Select(l => l.Split('\t')).Where(w => w.Length == 7 && w[0] == "VM").Select(w => new VmNote(
            Unescape(w[1]), Unescape(w[2]), w[3] == "on", Unescape(w[4]),
            int.TryParse(w[5], NumberStyles.None, CultureInfo.InvariantCulture, out int order) ? order : 0,
            Unescape(w[6]))),
    ];

    /// <summary>What the inventory tells of the VMs on a datastore; templates are VMs that are off.</summary>
    public static IReadOnlyList<VmNote> Of(FailoverInventory inventory, string datastore) =>
    [
        .. inventory.On(datastore)
            .Select(v => new VmNote(
                v.File, v.Name, v.IsOn, inventory.HostOf(v)?.Name ?? string.Empty,
                inventory.StartOrder.TryGetValue(v.Ref, out int order) ? order : 0, v.Folder.Value))
            .OrderBy(v => v.File, StringComparer.Ordinal),
    ];

    /// <summary>
    /// A note with what the inventory knows now. VMs that have come are added. Who ran when it was written is not
    /// forgotten: a run that broke off may have shut them down itself.
    /// </summary>
    public static IReadOnlyList<VmNote> Merge(IReadOnlyList<VmNote> noted, IReadOnlyList<VmNote> present) =>
    [
        .. noted.Select(n => present.Any(p => p.File == n.File && p.IsOn) ? n with { IsOn = true } : n),
        .. present.Where(p => noted.All(n => n.File != p.File)),
    ];

    /// <summary>The order in which they start: as their hosts would, then by name.</summary>
    public static IReadOnlyList<VmNote> InOrder(IEnumerable<VmNote> vms) =>
        [.. vms
            .OrderBy(v => v.Order < 1 ? int.MaxValue : v.Order)
            .ThenBy(v => v.Name, StringComparer.OrdinalIgnoreCase)];

    private static string Escape(string text) => Uri.EscapeDataString(text);

    private static string Unescape(string text) => Uri.UnescapeDataString(text);
}
