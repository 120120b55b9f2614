using System.Net;
using System.Net.Sockets;

namespace ZfsEsx.Parameters;

internal static class Netmask
{
    /// <summary>The prefix length of an IPv4 mask: 24 for 255.255.255.0.</summary>
    /// <exception cref="ZfsEsxException"><c>InvalidSubnetMask</c>: not a mask, or one with holes.</exception>
    internal static int PrefixLength(string mask)
    {
        if (IPAddress.TryParse(mask, out IPAddress? address) && address.AddressFamily == AddressFamily.InterNetwork)
        {
            byte[] b = address.GetAddressBytes();
            uint bits = ((uint)b[0] << 24) | ((uint)b[1] << 16) | ((uint)b[2] << 8) | b[3];
            int ones = 0;
            while (ones < 32 && (bits & (0x80000000u >> ones)) != 0)
            {
                ones++;
            }

            if (ones == 32 || bits << ones == 0)
            {
                return ones;
            }
        }

        throw new ZfsEsxException(
            "InvalidSubnetMask", FailureKind.InvalidArgument, mask, "'" + mask + "' is not a subnet mask.",
            "Write 255.255.255.0.");
    }
}
