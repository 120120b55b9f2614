using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Replication;

/// <summary>A file as it shall be on a storage VM; root's.</summary>
internal sealed record WantedFile(string Path, byte[] Content, string Mode)
{
    public static WantedFile Text(string path, string content, string mode) =>
        new(path, System.Text.Encoding.UTF8.GetBytes(content), mode);
}

/// <summary>A file as it was found: <see cref="Hash"/> is null when there is none.</summary>
internal sealed record FoundFile(string Path, string? Hash, string Mode, string Owner);

/// <summary>Files on a storage VM, compared by hash and written only where they differ.</summary>
internal static class HostFiles
{
    /// <summary>
    /// Shell function <c>found FILE…</c> for scripts: one line per file, tab-separated, beginning with <c>FILE</c>.
    /// </summary>
    public const string FoundFunction =
        """
        found() {
          for found_file; do
            if [ -f "$found_file" ]; then
              found_hash=$( { sha256sum "$found_file" || sha256 -q "$found_file" || digest -a sha256 "$found_file" ||
                openssl dgst -sha256 -r "$found_file"; } 2>/dev/null | awk '{ print $1; exit }')
              printf 'FILE\t%s\t%s\t%s\n' "$found_file" "$found_hash" "$(ls -ld "$found_file" | awk '{ print $1 "\t" $3 }')"
            else
              printf 'FILE\t%s\t-\t-\t-\n' "$found_file"
            fi
          done
        }

        """;

    private static readonly string[] s_bits = ["---", "--x", "-w-", "-wx", "r--", "r-x", "rw-", "rwx"];

    /// <summary>Reads the answer of <c>found</c> among other lines.</summary>
    public static IReadOnlyList<FoundFile> Parse(IEnumerable<string> lines) =>
        [.. lines.Select(l => l.Split('\t')).Where(w => w.Length >= 5 && w[0] == "FILE")
            .Select(w => new FoundFile(w[1], w[2] is "-" or "" ? null : w[2], w[3], w[4]))];

    /// <summary>The files that are missing or differ in content, mode or owner, in their order.</summary>
    public static IReadOnlyList<WantedFile> Differing(IReadOnlyList<FoundFile> found, IEnumerable<WantedFile> wanted) =>
        [.. wanted.Where(w => found.FirstOrDefault(f => f.Path == w.Path) is not { } f
            || f.Hash != AgentFiles.Hash(w.Content)
            || !f.Mode.StartsWith("-" + Symbolic(w.Mode), StringComparison.Ordinal)
            || f.Owner != "root")];

    /// <summary>The agent's files.</summary>
    public static IEnumerable<WantedFile> Agent() =>
        AgentFiles.Paths.Select(p => new WantedFile(p, AgentFiles.Read(p), "0755"));

    /// <summary>One change that writes these files, or none when there are none.</summary>
    public static IEnumerable<Change> Write(ZfsHost host, string action, IReadOnlyList<WantedFile> files, int stage)
    {
        if (files.Count > 0)
        {
            yield return new Change(
                host.Name, action, (_, ct) => WriteAsync(host, files, ct), ChangeRisk.Safe, stage);
        }
    }

    public static async Task WriteAsync(ZfsHost host, IReadOnlyList<WantedFile> files, CancellationToken ct)
    {
        string[] folders = [.. files.Select(f => f.Path.Substring(0, f.Path.LastIndexOf('/'))).Distinct()];
        await host.CheckAsync(
            RemoteCommand.Script("for d; do mkdir -p \"$d\" && chmod go-w \"$d\" || exit 1; done", folders),
            "FolderNotWritable",
            host.Name,
            "The folders of the replication cannot be made on " + host.Name,
            null,
            ct).ConfigureAwait(false);
        foreach (WantedFile file in files)
        {
            await host.UploadAsync(file.Path, file.Content, file.Mode, ct).ConfigureAwait(false);
        }
    }

    private static string Symbolic(string mode) =>
        string.Concat(mode.Substring(mode.Length - 3).Select(c => s_bits[c - '0']));
}
