using System.Globalization;

namespace ZfsEsx.Shell;

/// <summary>Files on another machine.</summary>
internal static class RemoteFile
{
    // A link is followed, so that what it points to changes and not the link. The length check guards against a
    // connection that ends in the middle of the input.
    private const string UploadScript = """
        umask 077
        f=$1
        if [ -h "$f" ]; then f=$(readlink -f "$f") || exit 1; fi
        t=$(mktemp "$f.XXXXXX") || exit 1
        trap 'rm -f "$t"' EXIT
        cat >"$t" || exit 1
        n=$(wc -c <"$t")
        [ "$n" -eq "$3" ] || { echo "only $n of $3 bytes arrived" >&2; exit 1; }
        chmod "$2" "$t" && mv -f "$t" "$f"
        """;

    /// <summary>A command that writes a file in one step.</summary>
    public static RemoteCommand Upload(string path, byte[] content, string mode, bool secret = false)
    {
        RemoteCommand script =
            RemoteCommand.Script(UploadScript, path, mode, content.Length.ToString(CultureInfo.InvariantCulture));
        return new RemoteCommand(script.Words)
        {
            Input = content, Secret = secret, Timeout = TimeSpan.FromSeconds(60 + content.Length / 50_000),
        };
    }

    /// <summary>Throws when <paramref name="result"/> is not that of a file written.</summary>
    public static void CheckUpload(string machine, string path, CommandResult result)
    {
        if (!result.Succeeded)
        {
            throw new ZfsEsxException(
                "UploadFailed", FailureKind.Failed, machine + ":" + path,
                "The file " + path + " on " + machine + " could not be written: " + result.Complaint + ".",
                "Check that the directory exists, that the user may write there and that its file system has room.");
        }
    }
}
