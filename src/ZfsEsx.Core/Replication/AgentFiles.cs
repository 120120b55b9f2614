using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace ZfsEsx.Replication;

/// <summary>The agent as it is embedded in this assembly.</summary>
internal static class AgentFiles
{
    public const string Folder = "/usr/local/lib/zfsesx";
    public const string StateFolder = "/var/lib/zfsesx";

    // agent.sh last: it is what cron and sshd start, and it needs the others.
    private static readonly string[] s_names =
    [
        "agent-zfs.sh", "agent-plan.sh", "agent-keep.sh", "agent-report.sh", "agent-serve.sh", "agent-aside.sh",
        "agent-ssh.sh", "agent-send.sh", "agent-cycle.sh", "agent-selftest.sh", "agent-selfplan.sh", "agent.sh",
    ];

    /// <summary>Absolute paths, in the order in which they are to be written.</summary>
    public static IReadOnlyList<string> Paths { get; } = [.. s_names.Select(n => Folder + "/" + n)];

    /// <summary>The content of the file that belongs at a path.</summary>
    public static byte[] Read(string path)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Path.GetFileName(path))
            ?? throw new InvalidOperationException(path + " is not embedded.");
        using MemoryStream bytes = new();
        stream.CopyTo(bytes);

        // A checkout with other line ends must not reach a Unix system.
        return Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes.ToArray()).Replace("\r\n", "\n"));
    }

    public static string Hash(byte[] content)
    {
        using SHA256 sha = SHA256.Create();
        return string.Concat(sha.ComputeHash(content)
            .Select(b => b.ToString("x2", System.Globalization.CultureInfo.InvariantCulture)));
    }

    public static string Hash(string content) => Hash(Encoding.UTF8.GetBytes(content));
}
