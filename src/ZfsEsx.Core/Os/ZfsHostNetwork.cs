namespace ZfsEsx.Os;

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
}

/// <summary>The address an interface of a storage VM shall have.</summary>
public sealed record HostNetworkRequest
{
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

    /// <summary>Default gateway reached over this interface; none when null.</summary>
    public string? Gateway { get; init; }
}
