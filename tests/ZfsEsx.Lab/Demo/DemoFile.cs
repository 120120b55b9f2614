using ZfsEsx.Shell;

namespace ZfsEsx.Lab.Demo;

/// <summary>
/// A file written by a host's NFS client through one node's datastore and read back, from another host, through the
/// clone of that node's replica on the neighbour.
/// </summary>
internal static class DemoFile
{
    private const string Name = "demo.bin";

    // Written once: a second demo finds it and writes nothing.
    private const string Write = """
        set -e
        [ -s "$1" ] || { head -c 8388608 /dev/urandom > "$1.new"; sync "$1.new"; mv "$1.new" "$1"; }
        sha256sum "$1"
        """;

    public static async Task<string> WriteAsync(Lab lab, string host, string datastore, CancellationToken ct) =>
        await Sha256Async(lab, host, RemoteCommand.Script(Write, PathOf(host, datastore)), ct);

    public static async Task<string> ReadAsync(Lab lab, string host, string datastore, CancellationToken ct) =>
        await Sha256Async(lab, host, new RemoteCommand("sha256sum", PathOf(host, datastore)), ct);

    public static string PathOf(string host, string datastore) => $"/vmfs/volumes/{host}/{datastore}/{Name}";

    private static async Task<string> Sha256Async(Lab lab, string host, RemoteCommand command, CancellationToken ct)
    {
        CommandResult result = await lab.HostsAsync(host, command, ct);
        return result.Succeeded
            ? result.Output.Split(' ')[0]
            : throw new LabException($"The NFS client of {host} failed: {result.Complaint}");
    }
}
