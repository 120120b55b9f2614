using System.Security.Cryptography;
using System.Text;

namespace ZfsEsx.Lab;

/// <summary>
/// The networks among guests: multicast groups on the loopback interface. Nothing of them leaves this machine; each
/// port group is a group address of its own, each lab a port of its own.
/// </summary>
/// <param name="Port">The lab's port.</param>
internal sealed record LabNetwork(int Port)
{
    /// <summary>The multicast address of a port group.</summary>
    public string GroupOf(string portGroup)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(portGroup));
        return $"230.{hash[0]}.{hash[1]}.{Math.Max((byte)1, hash[2])}";
    }
}
