using System.Globalization;
using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>Names in the inventory.</summary>
public static class Inventory
{
    private static readonly string[] s_hostPaths =
    [
        "name", "runtime.connectionState", "runtime.inMaintenanceMode", "runtime.bootTime", "summary.rebootRequired",
        "summary.config.product.fullName",
    ];

    /// <summary>All hosts, by name.</summary>
    public static async Task<IReadOnlyList<HostSystemInfo>> GetHostsAsync(VimClient client, CancellationToken ct) =>
        Sorted(await client.FindAsync("HostSystem", s_hostPaths, ct).ConfigureAwait(false));

    /// <summary>Known hosts, by name, read in one call.</summary>
    public static async Task<IReadOnlyList<HostSystemInfo>> GetHostsAsync(
        VimClient client, IReadOnlyList<MoRef> hosts, CancellationToken ct) =>
        Sorted(await client.RetrieveAsync(hosts, "HostSystem", s_hostPaths, ct).ConfigureAwait(false));

    /// <summary>The objects of these names, in their order; one look at the inventory for all of them.</summary>
    /// <param name="client">The connection.</param>
    /// <param name="type"><c>HostSystem</c>, <c>VirtualMachine</c>, <c>Datastore</c> or <c>Network</c>.</param>
    /// <param name="names">Names as people see them, or PowerCLI ids.</param>
    /// <param name="ct">Ends the reading.</param>
    /// <exception cref="ZfsEsxException"><c>ObjectNotFound</c>, <c>ObjectAmbiguous</c>.</exception>
    public static async Task<IReadOnlyList<MoRef>> ResolveAsync(
        VimClient client, string type, IReadOnlyList<string> names, CancellationToken ct)
    {
        bool IsId(string name) => MoRef.TryParse(name, out MoRef id) && id.Type == type;
        IReadOnlyList<(MoRef, string)> known = names.All(IsId)
            ? []
            : await GetNamesAsync(client, type, ct).ConfigureAwait(false);
        return names.Select(n => IsId(n) ? MoRef.Parse(n) : Pick(type, n, known, client.Name)).ToArray();
    }

    /// <summary>All objects of a type with their names, as vSphere stores them.</summary>
    internal static async Task<IReadOnlyList<(MoRef Ref, string Name)>> GetNamesAsync(
        VimClient client, string type, CancellationToken ct) =>
        (await client.FindAsync(type, ["name"], ct).ConfigureAwait(false))
            .Select(o => (o.Ref, o["name"].Text)).ToArray();

    /// <summary>The names of all objects of a type, as people see them.</summary>
    internal static async Task<IReadOnlyList<string>> GetPlainNamesAsync(
        VimClient client, string type, CancellationToken ct) =>
        (await GetNamesAsync(client, type, ct).ConfigureAwait(false)).Select(n => VimName.Unescape(n.Name)).ToArray();

    /// <summary>The names of all NFS datastores, as people see them.</summary>
    internal static async Task<IReadOnlyList<string>> GetNfsDatastoreNamesAsync(
        VimClient client, CancellationToken ct) =>
        [
            .. (await client.FindAsync("Datastore", ["name", "summary.type"], ct).ConfigureAwait(false))
                .Where(o => o["summary.type"].Text.StartsWith("NFS", StringComparison.Ordinal))
                .Select(o => VimName.Unescape(o["name"].Text)),
        ];

    /// <summary>The one object of a name. Letters' case does not matter to vSphere.</summary>
    internal static MoRef Pick(string type, string name, IReadOnlyList<(MoRef Ref, string Name)> known, string server)
    {
        string what = InWords(type);
        (MoRef Ref, string Name)[] found = known.Where(k => Same(k.Name, name)).ToArray();
        return found.Length switch
        {
            1 => found[0].Ref,
            0 => throw new ZfsEsxException(
                "ObjectNotFound", FailureKind.NotFound, name,
                "There is no " + what + " '" + name + "' on " + server + ".", Near(name, known)),
            _ => throw new ZfsEsxException(
                "ObjectAmbiguous", FailureKind.InvalidArgument, name,
                "There are " + found.Length + " objects of type " + what + " called '" + name + "' on " + server + ": "
                + string.Join(", ", found.Select(f => f.Ref.Id)) + ".",
                "Give the id of the one you mean, or pass the object itself."),
        };
    }

    /// <summary>Whether an inventory name, escaped or not, is what the user wrote.</summary>
    internal static bool Same(string observed, string wanted) =>
        string.Equals(observed, wanted, StringComparison.OrdinalIgnoreCase)
        || string.Equals(VimName.Unescape(observed), wanted, StringComparison.OrdinalIgnoreCase);

    private static string InWords(string type) => type switch
    {
        "HostSystem" => "host",
        "VirtualMachine" => "VM",
        "Datastore" => "datastore",
        "Network" => "network",
        _ => type,
    };

    private static string Near(string name, IReadOnlyList<(MoRef Ref, string Name)> known)
    {
        IReadOnlyList<string> near = NearNames.Nearest(name, known.Select(k => VimName.Unescape(k.Name)));
        return near.Count == 0 ? "There is none at all that this user may see."
            : "Near it: " + string.Join(", ", near) + ".";
    }

    private static HostSystemInfo[] Sorted(IEnumerable<VimObject> hosts) =>
        hosts.Select(Read).OrderBy(h => h.Name, StringComparer.OrdinalIgnoreCase).ToArray();

    private static HostSystemInfo Read(VimObject host) => new(
        host.Name,
        host.Ref.Id,
        host["runtime.connectionState"].Text,
        host["runtime.inMaintenanceMode"].Bool,
        host["summary.rebootRequired"].Bool,
        DateTimeOffset.TryParse(
            host["runtime.bootTime"].Text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal,
            out DateTimeOffset boot) ? boot : null,
        host["summary.config.product.fullName"].Text);
}
