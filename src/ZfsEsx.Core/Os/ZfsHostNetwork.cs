namespace ZfsEsx.Os;

/// <summary>A network that is reached over a gateway.</summary>
/// <param name="Destination">Network as address/prefix: <c>10.98.0.0/16</c>.</param>
/// <param name="Gateway">The address that leads there.</param>
public sealed record NetworkRoute(string Destination, string Gateway)
{
    /// <inheritdoc/>
    public override string ToString() => Destination + " via " + Gateway;
}

/// <summary>A network interface of a storage VM.</summary>
/// <param name="ZfsHost">The storage VM.</param>
/// <param name="Interface">Its name there: <c>eth1</c>.</param>
/// <param name="Mac">Its MAC address, lower case with colons; empty for interfaces without one.</param>
/// <param name="Addresses">IPv4 addresses with prefix length: <c>10.99.0.11/24</c>.</param>
/// <param name="Mtu">Largest packet in bytes.</param>
/// <param name="Up">True when it is switched on and has a link.</param>
/// <param name="Management">True when this connection runs over it.</param>
public sealed record ZfsHostNetwork(
    string ZfsHost, string Interface, string Mac, IReadOnlyList<string> Addresses, int Mtu, bool Up, bool Management)
{
    /// <summary>The first address without prefix, or null.</summary>
    public string? Address => Addresses.Count == 0 ? null : Addresses[0].Split('/')[0];

    /// <summary>The default gateway, when it is reached over this interface; else null.</summary>
    public string? Gateway { get; init; }

    /// <summary>Other networks that are reached over this interface by a gateway.</summary>
    public IReadOnlyList<NetworkRoute> Routes { get; init; } = [];

    /// <summary>
    /// What keeps its addresses: <c>ifupdown</c>, <c>systemd-networkd</c>, <c>netplan</c>, <c>NetworkManager</c>,
    /// <c>TrueNAS</c>, <c>ipadm</c>, <c>physical:default</c>, <c>nwam</c>; empty when that cannot be told.
    /// </summary>
    public string KeptBy { get; init; } = "";

    /// <summary>The largest MTU that its driver takes, or null when that cannot be told.</summary>
    public int? MaxMtu { get; init; }
}

/// <summary>The address an interface of a storage VM shall have.</summary>
public sealed record HostNetworkRequest
{
    /// <summary>The <see cref="Gateway"/> that means: no default gateway over this interface.</summary>
    public const string None = "none";

    /// <summary>IPv4 address with prefix length: <c>10.99.0.11/24</c>.</summary>
    public required string Address { get; init; }

    /// <summary>The interface's name on the storage VM. Either this or <see cref="Mac"/>.</summary>
    public string? Interface { get; init; }

    /// <summary>
    /// The interface's MAC address, as the virtual machine's adapter says. Either this or <see cref="Interface"/>.
    /// </summary>
    public string? Mac { get; init; }

    /// <summary>Largest packet in bytes; left as it is when null.</summary>
    public int? Mtu { get; init; }

    /// <summary>
    /// Default gateway reached over this interface; left as it is when null, where the new network still reaches it.
    /// </summary>
    public string? Gateway { get; init; }

    /// <summary>
    /// All networks that are reached over this interface by a gateway; left as they are when null, where the new
    /// network still reaches their gateways.
    /// </summary>
    public IReadOnlyList<NetworkRoute>? Routes { get; init; }

    /// <summary>How long the storage VM waits for a fresh connection before it puts the former state back.</summary>
    public TimeSpan RollBackAfter { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Takes an interface over that is set up in files which ZfsEsx did not write.</summary>
    public bool TakeOver { get; init; }
}
