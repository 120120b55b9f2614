using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Replication;

/// <summary>
/// What an edge has on its source beside snapshots: files, and a connection that stands between cycles.
/// </summary>
internal static class EdgeFiles
{
    private const string Script =
        "agent=$1 nb=$2; shift 2; [ ! -x \"$agent\" ] || \"$agent\" hangup \"$nb\" 2>/dev/null; rm -f \"$@\"";

    public static Task<CommandResult> RemoveAsync(
        ZfsHost source, string neighbour, CancellationToken ct, params string[] paths) => source.CheckAsync(
        RemoteCommand.Script(Script, [AgentFiles.Folder + "/agent.sh", neighbour, .. paths]),
        "FileNotRemoved",
        source.Name,
        paths[0] + " cannot be removed",
        null,
        ct);
}
