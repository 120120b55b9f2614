using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace ZfsEsx.Lab;

/// <summary>Ports on the loopback interface.</summary>
internal static class Ports
{
    /// <summary>
    /// A port that nobody listens on. Below the range that the system hands out by itself, so that it is still free
    /// when the guest starts later.
    /// </summary>
    public static int Free(ICollection<int> taken)
    {
        for (int tries = 0; tries < 200; tries++)
        {
            int port = RandomNumberGenerator.GetInt32(20000, 32000);
            if (!taken.Contains(port) && IsFree(port))
            {
                return port;
            }
        }

        throw new LabException("No free port was found between 20000 and 32000.");
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
