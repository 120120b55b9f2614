using System.Globalization;

namespace ZfsEsx.Vim;

/// <summary>
/// Which API version to speak. The server answers in the version of the SOAPAction header: fields newer than it are
/// neither accepted nor returned, so an old version hides what the host can do.
/// </summary>
internal static class ServiceVersion
{
    private const string Oldest = "6.5";
    private const string Newest = "8.0.3.0";

    /// <summary>
    /// The server's own version, or our newest where the server is newer; every server speaks older versions.
    /// </summary>
    /// <exception cref="ZfsEsxException"><c>NotVSphere</c>, <c>ServerTooOld</c>.</exception>
    public static string Negotiate(string apiVersion, string server)
    {
        int[] theirs = Parse(apiVersion);
        if (theirs.Length == 0)
        {
            throw new ZfsEsxException(
                "NotVSphere", FailureKind.NotSupported, server, "'" + server + "' does not answer as a vSphere server.",
                "Give the address of a vCenter Server or an ESXi host.");
        }

        if (Compare(theirs, Parse(Oldest)) < 0)
        {
            throw new ZfsEsxException(
                "ServerTooOld", FailureKind.NotSupported, server,
                "'" + server + "' has API version " + apiVersion + ".",
                "Version " + Oldest + " is the oldest supported.");
        }

        return Compare(theirs, Parse(Newest)) > 0 ? Newest : apiVersion;
    }

    private static int[] Parse(string version)
    {
        string[] parts = version.Split('.');
        return parts.All(p => int.TryParse(p, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            ? parts.Select(p => int.Parse(p, CultureInfo.InvariantCulture)).ToArray()
            : [];
    }

    private static int Compare(int[] left, int[] right)
    {
        for (int i = 0; i < Math.Max(left.Length, right.Length); i++)
        {
            int difference = left.ElementAtOrDefault(i).CompareTo(right.ElementAtOrDefault(i));
            if (difference != 0)
            {
                return difference;
            }
        }

        return 0;
    }
}
