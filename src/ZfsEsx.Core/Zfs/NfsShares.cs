using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Zfs;

/// <summary>File systems that a storage VM shares by NFS.</summary>
public static class NfsShares
{
    private const string SetScript = """
        f=$1; shift
        for p in "$@"; do zfs set "$p" "$f" || exit; done
        """;

    // Setting the same value again does not export again; share does, on all systems.
    private const string ExportScript = """
        zfs share "$1" 2>/dev/null || { zfs unshare "$1" 2>/dev/null; zfs share "$1"; }
        """;

    /// <summary>Reads all shared file systems in one round trip.</summary>
    /// <exception cref="ZfsEsxException"><c>SharesNotRead</c>.</exception>
    public static async Task<IReadOnlyList<ZfsNfsShare>> GetAsync(ZfsHost host, CancellationToken ct) =>
        [.. (await ReadAsync(host, "", "", [], ct).ConfigureAwait(false))
            .Shares.Where(s => s.Options is not ("off" or "-"))];

    /// <summary>Plans to create (if missing) and share a file system to exactly these clients.</summary>
    /// <exception cref="ZfsEsxException">
    /// <c>ClientNameNotResolved</c>, <c>ClientAddressDiffers</c>, <c>ClientIsNoHost</c>, <c>HostIsNoClient</c>,
    /// <c>HostWithoutAddress</c>, <c>PoolNotFound</c>, <c>PoolNotUsable</c>, <c>MountPointInUse</c>,
    /// <c>NfsServerMissing</c>,
    /// <c>NotOnThisSystem</c>, <c>QuotaTooSmall</c>, <c>NoSpace</c>, <c>InvalidDatasetName</c>,
    /// <c>InvalidMountPoint</c>,
    /// <c>InvalidClientName</c>, <c>InvalidProperty</c>.
    /// </exception>
    public static async Task<Plan<ZfsNfsShare>> PlanSetAsync(
        ZfsHost host, NfsShareRequest request, CancellationToken ct)
    {
        NfsShareRules.Check(request);
        NfsShareState observed = await ReadAsync(
            host, request.FileSystem, request.MountPoint, [.. request.Clients.Select(c => c.Name)], ct)
                .ConfigureAwait(false);
        NfsShareRequest full = NfsShareRules.Complete(host.Name, observed, request);
        string target = host.Name + ": " + request.FileSystem;
        Change[] changes =
        [
            .. NfsSharePlanner.Compare(host.Name, observed, full, observed.Fuse ? new ZfsFuseDialect() : host.Dialect)
                .Select(step => new Change(
                    target, step.Action, (_, ct) => ApplyAsync(host, full, step, ct), step.Risk)),
        ];
        IReadOnlyList<string> warnings = NfsShareWarnings.For(observed, full);
        if (NfsSharePlanner.Wrong(observed, full).Any(p => p.Key == "dedup" && p.Value != "off")
            && await ZpoolChecks.DedupAsync(
                host,
                ZfsName.PoolOf(full.FileSystem),
                NfsSharePlanner.RecordSize(observed, full),
                ct).ConfigureAwait(false)
                is string figures)
        {
            warnings = [.. warnings, figures];
        }

        return new Plan<ZfsNfsShare>(changes, token => ReadOneAsync(host, request.FileSystem, token), warnings);
    }

    /// <summary>Plans to end sharing. The file system and its data stay.</summary>
    /// <exception cref="ZfsEsxException"><c>FileSystemNotFound</c>.</exception>
    public static async Task<Plan<ZfsNfsShare>> PlanRemoveAsync(ZfsHost host, string fileSystem, CancellationToken ct)
    {
        ZfsName.Dataset(fileSystem);
        ZfsNfsShare share = await ReadOneAsync(host, fileSystem, ct).ConfigureAwait(false);
        List<Change> changes = [];
        if (share.Options is not ("off" or "-") || share.Exported.Count > 0)
        {
            changes.Add(new Change(
                host.Name + ": " + fileSystem,
                "Stop sharing " + share.MountPoint + " with " + string.Join(", ", share.Clients)
                    + "; the file system stays",
                (_, token) => host.CheckAsync(
                    new RemoteCommand("zfs", "set", "sharenfs=off", fileSystem), "ShareNotRemoved", fileSystem,
                    "The share of " + fileSystem + " cannot be removed", null, token),
                ChangeRisk.Disruptive));
        }

        return new Plan<ZfsNfsShare>(changes, token => ReadOneAsync(host, fileSystem, token));
    }

    internal static async Task<NfsShareState> ReadAsync(
        ZfsHost host, string fileSystem, string mountPoint, IReadOnlyList<string> names, CancellationToken ct)
    {
        RemoteCommand command = RemoteCommand.Script(
            Resource.Text("shares.sh") + Resource.Text("resolve.sh"),
            [fileSystem, mountPoint, .. names.Where(n => !HostRules.IsAddressOrNetwork(n))]);
        CommandResult answer = await host.CheckAsync(
            command, "SharesNotRead", host.Name, "The shared file systems cannot be listed",
            "Check that ZFS is installed and its kernel module loaded.", ct).ConfigureAwait(false);
        NfsShareState state = NfsShareState.Parse(host.Name, host.Dialect, answer.Output);
        IReadOnlyList<string> unclear = NfsExportNames.Unclear(state.Shares);
        if (unclear.Count == 0)
        {
            return state;
        }

        IReadOnlyDictionary<string, IReadOnlyList<string>> found =
            await HostNames.ResolveAsync(host, unclear, ct).ConfigureAwait(false);
        return state with { Shares = [.. state.Shares.Select(s => NfsExportNames.Spelled(s, found))] };
    }

    private static async Task ApplyAsync(ZfsHost host, NfsShareRequest request, NfsShareStep step, CancellationToken ct)
    {
        string fs = request.FileSystem;
        switch (step.Kind)
        {
            case NfsShareStepKind.Create:
                await host.CheckAsync(
                    new RemoteCommand(
                        ["zfs", "create", "-p", .. step.Arguments.SelectMany(a => new[] { "-o", a }), fs]),
                    "FileSystemNotCreated", fs, "The file system " + fs + " cannot be created", null, ct)
                        .ConfigureAwait(false);
                break;
            case NfsShareStepKind.Set:
                await host.CheckAsync(
                    RemoteCommand.Script(SetScript, [fs, .. step.Arguments]), "PropertyNotSet", fs,
                    "The properties of " + fs + " cannot be set", null, ct).ConfigureAwait(false);
                break;
            case NfsShareStepKind.Mount:
                await host.CheckAsync(
                    new RemoteCommand("zfs", "mount", fs), "FileSystemNotMounted", fs,
                    "The file system " + fs + " cannot be mounted", null, ct).ConfigureAwait(false);
                break;
            case NfsShareStepKind.Serve:
                await host.CheckAsync(
                    RemoteCommand.Script(Resource.Text("nfs-server.sh")), "NfsServerNotStarted", host.Name,
                    "The NFS server cannot be started", "Start it on the storage VM, then run the same again.", ct)
                        .ConfigureAwait(false);
                break;
            default:
                await ShareAsync(host, request, step.Arguments[0], ct).ConfigureAwait(false);
                break;
        }
    }

    // zfs set can end with 0 although exportfs refused a client: what counts is what the NFS server says.
    private static async Task ShareAsync(ZfsHost host, NfsShareRequest request, string option, CancellationToken ct)
    {
        string fs = request.FileSystem;
        await host.CheckAsync(
            new RemoteCommand("zfs", "set", option, fs), "ShareNotSet", fs, "The file system " + fs
                + " cannot be shared",
            "See the system's own words; the share options are written in its own syntax.", ct).ConfigureAwait(false);
        string complaint = "";
        for (int attempt = 0; attempt < 2; attempt++)
        {
            ZfsNfsShare share = await ReadOneAsync(host, fs, ct).ConfigureAwait(false);
            IReadOnlyList<string> missing = NfsSharePlanner.NotExported(share, request.Clients);
            if (missing.Count == 0)
            {
                return;
            }

            if (attempt == 0)
            {
                CommandResult again =
                    await host.RunAsync(RemoteCommand.Script(ExportScript, fs), ct).ConfigureAwait(false);
                complaint = again.Succeeded ? "" : ": " + again.Complaint;
                continue;
            }

            throw new ZfsEsxException(
                "NotExported", FailureKind.Failed, fs,
                "The file system " + fs + " is set to be shared, but the NFS server of " + host.Name
                    + " does not export it to "
                + string.Join(", ", missing) + complaint + ".",
                "Look at the NFS server of the storage VM (exportfs -v, its log), then run the same again.");
        }
    }

    private static async Task<ZfsNfsShare> ReadOneAsync(ZfsHost host, string fileSystem, CancellationToken ct) =>
        (await ReadAsync(host, fileSystem, "", [], ct).ConfigureAwait(false))
            .Shares.FirstOrDefault(s => s.FileSystem == fileSystem)
        ?? throw new ZfsEsxException(
            "FileSystemNotFound", FailureKind.NotFound, fileSystem, "There is no file system " + fileSystem + " on "
                + host.Name + ".",
            "See Get-ZfsNfsShare and Get-EncapsulatedZpool for what there is.");
}
