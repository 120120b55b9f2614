using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace ZfsEsx.Os;

/// <summary>What host names, addresses and interface names may look like. Pure.</summary>
internal static class HostRules
{
    private const string Label = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?";

    private static readonly Regex s_name = new(
        "\\A(?=.{1,253}\\z)" + Label + "(\\." + Label + ")*\\z",
        RegexOptions.CultureInvariant);

    private static readonly Regex s_interface =
        new("\\A[A-Za-z0-9][A-Za-z0-9_.:@-]{0,14}\\z", RegexOptions.CultureInvariant);
    private static readonly Regex s_mac = new("\\A([0-9a-f]{2}:){5}[0-9a-f]{2}\\z", RegexOptions.CultureInvariant);

    /// <summary>True for a host name by RFC 1123; an all-numeric one is an address or a mistake.</summary>
    public static bool IsHostName(string name) => s_name.IsMatch(name) && name.Any(c => char.IsLetter(c));

    /// <summary>True for an IPv4 address in full dotted form.</summary>
    public static bool IsAddress(string text) =>
        text.Split('.').Length == 4 && IPAddress.TryParse(text, out IPAddress? address)
        && address.AddressFamily == AddressFamily.InterNetwork && address.ToString() == text;

    /// <summary>True for an IPv4 address, or a network as address/prefix.</summary>
    public static bool IsAddressOrNetwork(string text) => IsAddress(text) || TryPrefixed(text, out _, out _);

    /// <summary>Splits address/prefix.</summary>
    public static bool TryPrefixed(string text, out string address, out int prefix)
    {
        string[] halves = text.Split('/');
        prefix = 0;
        address = halves[0];
        return halves.Length == 2 && IsAddress(halves[0])
            && int.TryParse(halves[1], NumberStyles.None, CultureInfo.InvariantCulture, out prefix)
                && prefix is >= 1 and <= 32;
    }

    /// <summary>
    /// Address and prefix as <c>10.99.0.11/24</c>, also from the mask in hexadecimal digits that ifconfig prints
    /// (<c>10.99.0.11/ffffff00</c>); null for anything else, and for a machine's address of itself.
    /// </summary>
    public static string? Prefixed(string text)
    {
        string[] halves = text.Split('/');
        if (halves.Length == 2 && halves[1].Length == 8
            && uint.TryParse(halves[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint mask))
        {
            text = halves[0] + "/" + Enumerable.Range(0, 32).Count(bit => (mask >> bit & 1) != 0);
        }

        return TryPrefixed(text, out string address, out _) && !address.StartsWith("127.", StringComparison.Ordinal)
            ? text : null;
    }

    /// <summary>The address as a number, for comparing networks.</summary>
    public static uint Number(string address) =>
        address.Split('.').Aggregate(0u, (n, part) => (n << 8) | byte.Parse(part, CultureInfo.InvariantCulture));

    /// <summary>True when both addresses are in the same network of this prefix.</summary>
    public static bool SameNetwork(string one, string other, int prefix) =>
        prefix == 0 || Number(one) >> (32 - prefix) == Number(other) >> (32 - prefix);

    /// <summary>True for a network interface's name.</summary>
    public static bool IsInterface(string name) => s_interface.IsMatch(name);

    /// <summary>A MAC address in lower case with colons, or null.</summary>
    public static string? Mac(string text)
    {
        string mac = text.Trim().Replace('-', ':').ToLowerInvariant();
        return s_mac.IsMatch(mac) ? mac : null;
    }

    /// <summary>Accepts a host name or says what is wrong with it.</summary>
    /// <exception cref="ZfsEsxException"><c>InvalidHostName</c>.</exception>
    public static string CheckedName(string name, string id = "InvalidHostName") => IsHostName(name)
        ? name
        : throw new ZfsEsxException(
            id, FailureKind.InvalidArgument, name,
            Shell.ShellQuote.Readable(name)
                + " is not a host name: names have letters, digits, hyphens and dots only.",
            "Give one as in uss1 or uss1.example.com.");
}
