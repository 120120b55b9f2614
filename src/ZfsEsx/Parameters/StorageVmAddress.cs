using System.Collections;
using System.Net;
using System.Net.Sockets;
using ZfsEsx.Interop;

namespace ZfsEsx.Parameters;

/// <summary>
/// Where a storage VM answers: a name or address, or a VM whose addresses VMware Tools tell: one of
/// Get-EncapsulatedStorageVm, PowerCLI's, or a copy of them.
/// </summary>
public sealed class StorageVmAddress
{
    private readonly IReadOnlyList<(string Network, string Address)> _addresses;
    private readonly string? _powerState;

    private StorageVmAddress(string name, IReadOnlyList<(string, string)> addresses, string? powerState)
    {
        Name = name;
        _addresses = addresses;
        _powerState = powerState;
    }

    /// <summary>The host name given, or the VM's name.</summary>
    internal string Name { get; }

    /// <summary>Whether it was made from a VM.</summary>
    internal bool IsVm { get; private init; }

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>What to try, in this order. Addresses that mean something on the VM's own wire only are none.</summary>
    /// <exception cref="ZfsEsxException"><c>NoGuestAddress</c>.</exception>
    internal IReadOnlyList<string> HostNames(string? network)
    {
        if (!IsVm)
        {
            return [Name];
        }

        Func<string, bool> wanted = Patterns.Any(network is null ? null : [network]);
        string[] found =
        [
            .. _addresses.Where(a => wanted(a.Network)).Select(a => a.Address).Where(IsReachable).Distinct()
                .OrderBy(a => a.Contains(':') ? 1 : 0),
        ];
        return found.Length > 0 ? found : throw new ZfsEsxException(
            "NoGuestAddress", FailureKind.NotFound, Name,
            _addresses.Count > 0
                ? "The VM " + Name + " has no address "
                    + (network is null ? "that can be reached: " : "on " + network + ": ")
                    + string.Join(
                        ", ", _addresses.Select(a => a.Address + (a.Network.Length > 0 ? " on " + a.Network : "")))
                    + "."
                : "The address of the VM " + Name + " is not known: "
                    + (_powerState?.EndsWith("ff", StringComparison.Ordinal) == true
                        ? "it is switched off." : "VMware Tools do not tell it."),
            "Give the address: Connect-ZfsHost 10.0.0.21 -Name " + Name + ".");
    }

    /// <summary>Reads it from whatever the user or the pipeline gives.</summary>
    internal static StorageVmAddress From(object? input)
    {
        object? source = Duck.Bare(input);
        if (source is StorageVmAddress or null)
        {
            return source as StorageVmAddress ?? new("", [], null);
        }

        if (source is string or IPAddress)
        {
            return new(source.ToString()!.Trim(), [], null);
        }

        // A row of a table says it by a column's name.
        foreach (string property in new[] { "HostName", "Address", "ComputerName" })
        {
            if (Duck.Text(source, property) is string text)
            {
                return new(text, [], null);
            }
        }

        string name = Duck.Text(source, "Name") ?? source.ToString() ?? "";
        object? guest = Duck.Get(source, "Guest");
        List<(string, string)> addresses = Addresses(Duck.Get(source, "Adapters"), "Network");
        if (addresses.Count == 0)
        {
            addresses = Addresses(Duck.Get(guest, "Nics"), "NetworkName");
        }

        if (addresses.Count == 0)
        {
            addresses = [.. Many(Duck.Get(guest, "IPAddress")).Select(a => ("", a.ToString()!))];
        }

        return new(name, addresses, Duck.Text(source, "PowerState")) { IsVm = true };
    }

    private static List<(string, string)> Addresses(object? adapters, string network) =>
    [
        .. Many(adapters).SelectMany(a => Many(Duck.Get(a, "IPAddress")).Select(
            ip => (Duck.Text(a, network) ?? "", ip.ToString()!))),
    ];

    private static IEnumerable<object> Many(object? value) => value switch
    {
        null => [],
        string text => text.Length > 0 ? [text] : [],
        IEnumerable many => many.Cast<object?>().Select(Duck.Bare).OfType<object>(),
        _ => [value],
    };

    private static bool IsReachable(string text) =>
        IPAddress.TryParse(text, out IPAddress? address)
        && !(address.IsIPv6LinkLocal || address.IsIPv6Multicast
            || (address.AddressFamily == AddressFamily.InterNetwork
                && text.StartsWith("169.254.", StringComparison.Ordinal)));
}
