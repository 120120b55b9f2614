using System.Net;
using System.Net.Sockets;

namespace ZfsEsx.Esx;

/// <summary>IPv4 addresses as numbers.</summary>
internal static class Subnet
{
    public static bool TryParse(string? text, out uint address)
    {
        address = 0;

        // IPAddress takes "10.1" and "0x0a.1" too; users mean four decimal numbers.
        if (text is null || text.Split('.').Length != 4
            || !IPAddress.TryParse(text, out IPAddress? parsed) || parsed.AddressFamily != AddressFamily.InterNetwork
            || parsed.ToString() != text)
        {
            return false;
        }

        byte[] bytes = parsed.GetAddressBytes();
        address = ((uint)bytes[0] << 24) | ((uint)bytes[1] << 16) | ((uint)bytes[2] << 8) | bytes[3];
        return true;
    }

    /// <summary>A mask is ones, then zeros, and leaves room for hosts.</summary>
    public static bool IsMask(string text) =>
        TryParse(text, out uint mask) && mask != 0 && (~mask & (~mask + 1)) == 0 && ~mask > 1;

    /// <summary>Neither the address of the subnet itself nor its broadcast address.</summary>
    public static bool IsHost(uint address, string mask) =>
        TryParse(mask, out uint m) && (address & ~m) != 0 && (address & ~m) != ~m;

    public static string Text(uint address) =>
        (address >> 24) + "." + ((address >> 16) & 255) + "." + ((address >> 8) & 255) + "." + (address & 255);

    /// <summary>Whether both addresses are in one subnet of either mask.</summary>
    public static bool Overlap(string left, string leftMask, string right, string rightMask) =>
        TryParse(left, out uint a) && TryParse(right, out uint b)
        && TryParse(leftMask, out uint m) && TryParse(rightMask, out uint n)
        && (a & m & n) == (b & m & n);
}
