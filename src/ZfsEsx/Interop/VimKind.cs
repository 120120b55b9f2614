namespace ZfsEsx.Interop;

/// <summary>
/// A sort of vSphere object: its managed type and the properties in which our output carries its id and name.
/// </summary>
internal sealed record VimKind(string Type, string IdProperty, string NameProperty, string Words)
{
    internal static readonly VimKind Host = new("HostSystem", "VMHostId", "VMHost", "an ESXi host");
    internal static readonly VimKind Machine = new("VirtualMachine", "VMId", "VM", "a virtual machine");
    internal static readonly VimKind Datastore = new("Datastore", "DatastoreId", "Datastore", "a datastore");

    private static readonly HashSet<string> s_types = new(StringComparer.Ordinal)
    {
        "HostSystem", "VirtualMachine", "Datastore", "Folder", "Datacenter", "ClusterComputeResource",
        "ComputeResource", "ResourcePool", "Network", "DistributedVirtualPortgroup", "VirtualApp", "StoragePod",
    };

    internal static VimKind Of(string type) => type switch
    {
        "HostSystem" => Host,
        "VirtualMachine" => Machine,
        "Datastore" => Datastore,
        _ => throw new ArgumentException("No kind has the managed type " + type + ".", nameof(type)),
    };

    /// <summary>
    /// Splits PowerCLI's id form, <c>HostSystem-host-10</c>, at its first hyphen: values have hyphens, types have none
    /// (<c>Datastore-10.0.0.11:/tank/x</c> on a bare host). A host called <c>esx-01</c> is a name, not an id.
    /// </summary>
    internal static bool TrySplitId(string text, out string type, out string value)
    {
        int hyphen = text.IndexOf('-');
        type = hyphen > 0 ? text.Substring(0, hyphen) : "";
        value = hyphen > 0 ? text.Substring(hyphen + 1) : "";
        return value.Length > 0 && s_types.Contains(type);
    }
}
