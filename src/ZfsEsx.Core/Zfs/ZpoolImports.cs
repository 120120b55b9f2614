using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Zfs;

/// <summary>Pools that are on a storage VM's disks and not imported.</summary>
public static class ZpoolImports
{
    // All devices are opened, and a log is replayed.
    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(10);

    /// <summary>Lists them in one round trip.</summary>
    /// <exception cref="ZfsEsxException"><c>PoolsNotRead</c>.</exception>
    public static async Task<IReadOnlyList<ImportableZpool>> GetAsync(
        ZfsHost host, IReadOnlyList<string> searchPath, CancellationToken ct) =>
        Read(host.Name, await AskAsync(host, searchPath, ct).ConfigureAwait(false));

    /// <summary>Plans an import. A pool that is imported under the wanted name is left as it is.</summary>
    /// <exception cref="ZfsEsxException">
    /// <c>PoolNotFound</c>, <c>PoolNameAmbiguous</c>, <c>PoolNameTaken</c>, <c>PoolOfAnotherSystem</c>,
    /// <c>PoolLogMissing</c>, <c>PoolNotImportable</c>.
    /// </exception>
    public static async Task<Plan<Zpool>> PlanImportAsync(
        ZfsHost host, ZpoolImportRequest request, CancellationToken ct)
    {
        bool number = IsGuid(request.Name);
        if (!number)
        {
            ZfsName.Pool(request.Name);
        }

        if (request.NewName is not null)
        {
            ZfsName.Pool(request.NewName);
        }

        IReadOnlyDictionary<string, string> parts = await AskAsync(host, request.SearchPath, ct).ConfigureAwait(false);
        string[][] imported = [.. ZfsText.Table(parts.Get("imported"), 2)];
        ImportableZpool[] found =
            [.. Read(host.Name, parts).Where(p => (number ? p.Id : p.Name) == request.Name)];
        string[]? there = imported.FirstOrDefault(i => i[number ? 0 : 1] == request.Name);
        if (found.Length == 0 && there is not null && (request.NewName ?? there[1]) == there[1])
        {
            return new Plan<Zpool>([], token => Zpools.ReadOneAsync(host, there[1], token));
        }

        ImportableZpool pool = Accept(host.Name, found, Read(host.Name, parts), request);
        string name = request.NewName ?? pool.Name;
        if (imported.Any(i => i[1] == name))
        {
            throw new ZfsEsxException(
                "PoolNameTaken", FailureKind.AlreadyExists, name,
                "There is an imported pool " + name + " on " + host.Name + " already.", "Give this one a -NewName.");
        }

        Change change = new(
            host.Name + ": " + name,
            "Import pool " + pool.Name + " (" + pool.Id + ")" + (name == pool.Name ? "" : " as " + name)
                + (request.ReadOnly ? ", read-only" : "") + (pool.LogMissing ? ", without its log" : "")
                + (pool.OtherSystem ? ", last used by " + Last(pool) + " and not exported there" : ""),
            (_, token) => host.CheckAsync(
                new RemoteCommand(Words(pool, request)) { Timeout = s_timeout }, "PoolNotImported", name,
                "The pool cannot be imported", null, token),
            pool.OtherSystem || pool.LogMissing ? ChangeRisk.DataLoss : ChangeRisk.Safe);
        return new Plan<Zpool>([change], token => Zpools.ReadOneAsync(host, name, token));
    }

    /// <summary>Reads the answer of imports.sh.</summary>
    internal static IReadOnlyList<ImportableZpool> Read(string host, IReadOnlyDictionary<string, string> parts)
    {
        ILookup<string, PoolLabel> labels = PoolLabel.Parse(parts.Lines("labels")).ToLookup(l => l.Guid);
        return
        [
            .. ZpoolText.Blocks(parts.Get("import")).Select(block =>
            {
                string guid = ZpoolText.Field(block, "id");
                string status = ZpoolText.Field(block, "status");
                IReadOnlyList<Vdev> vdevs = ZpoolText.Vdevs(ZpoolText.Field(block, "config"));
                return new ImportableZpool
                {
                    ZfsHost = host,
                    Name = ZpoolText.Field(block, "pool"),
                    Id = guid,
                    State = ZpoolText.Field(block, "state"),
                    Status = status,
                    Action = ZpoolText.Field(block, "action"),
                    LastHost = labels[guid].Select(l => l.HostName).FirstOrDefault(n => n.Length > 0) ?? "",
                    OtherSystem = status.Contains("last accessed by another system"),
                    LogMissing = vdevs.Where(v => v.Role == VdevRole.Log).SelectMany(ZpoolText.Disks)
                        .Any(d => !ZpoolAdvice.IsWell(d)),
                    Vdevs = vdevs,
                };
            }),
        ];
    }

    /// <summary>The one that is wanted, when nothing speaks against it.</summary>
    internal static ImportableZpool Accept(
        string host,
        IReadOnlyList<ImportableZpool> found,
        IReadOnlyList<ImportableZpool> all,
        ZpoolImportRequest request)
    {
        if (found.Count == 0)
        {
            throw new ZfsEsxException(
                "PoolNotFound", FailureKind.NotFound, request.Name,
                "There is no pool " + ShellQuote.Readable(request.Name) + " to import on " + host + (all.Count == 0
                    ? "." : "; there is " + string.Join(", ", all.Select(p => p.Name + " (" + p.Id + ")")) + "."),
                "See Get-EncapsulatedZpool -Importable.");
        }

        if (found.Count > 1)
        {
            throw new ZfsEsxException(
                "PoolNameAmbiguous", FailureKind.InvalidArgument, request.Name,
                "Several pools on " + host + " are called " + request.Name + ": " + string.Join(
                    "; ", found.Select(p => p.Id + " on " + string.Join(
                        ", ", p.Vdevs.SelectMany(ZpoolText.Disks).Select(d => d.Name)))) + ".",
                "Name the one you want by its number.");
        }

        ImportableZpool pool = found[0];
        if (pool.OtherSystem && !request.Force)
        {
            throw new ZfsEsxException(
                "PoolOfAnotherSystem", FailureKind.InUse, pool.Name,
                "The pool " + pool.Name + " was last used by " + Last(pool) + ", and was not exported there.",
                "Make sure that it is not in use there any more: two systems at once destroy it. Then say -Force.");
        }

        if (pool.LogMissing && !request.AllowMissingLog)
        {
            throw new ZfsEsxException(
                "PoolLogMissing", FailureKind.InvalidState, pool.Name,
                "The log of the pool " + pool.Name + " is missing on " + host + ".",
                "Bring its disk back. Without it the last seconds of synchronous writes are lost: -AllowMissingLog.");
        }

        return pool.State is "UNAVAIL" or "FAULTED" && !(pool.OtherSystem && pool.Action.Contains("-f"))
            && !(pool.LogMissing && request.AllowMissingLog)
            ? throw new ZfsEsxException(
                "PoolNotImportable", FailureKind.InvalidState, pool.Name,
                "The pool " + pool.Name + " on " + host + " is " + pool.State + ": "
                    + (pool.Status.Length > 0 ? pool.Status : pool.Action),
                "Bring back its missing disks: "
                    + string.Join(", ", pool.Vdevs.SelectMany(ZpoolText.Disks)
                        .Where(d => !ZpoolAdvice.IsWell(d)).Select(d => d.Name)) + ".")
            : pool;
    }

    /// <summary>The command. Never -f without the user's word, and by number: names can clash.</summary>
    internal static IReadOnlyList<string> Words(ImportableZpool pool, ZpoolImportRequest request) =>
    [
        "zpool", "import", .. request.SearchPath.SelectMany(d => new[] { "-d", d }),
        .. request.Force && pool.OtherSystem ? ["-f"] : Array.Empty<string>(),
        .. request.AllowMissingLog && pool.LogMissing ? ["-m"] : Array.Empty<string>(),
        .. request.ReadOnly ? ["-o", "readonly=on"] : Array.Empty<string>(),
        pool.Id, .. request.NewName is string name && name != pool.Name ? [name] : Array.Empty<string>(),
    ];

    private static bool IsGuid(string text) => text.Length is > 0 and < 21 && text.All(c => c is >= '0' and <= '9');

    private static string Last(ImportableZpool pool) => pool.LastHost.Length > 0 ? pool.LastHost : "another system";

    private static async Task<IReadOnlyDictionary<string, string>> AskAsync(
        ZfsHost host, IReadOnlyList<string> searchPath, CancellationToken ct)
    {
        if (searchPath.FirstOrDefault(p => !p.StartsWith("/", StringComparison.Ordinal) || p.Any(char.IsControl))
            is string wrong)
        {
            throw new ZfsEsxException(
                "InvalidSearchPath", FailureKind.InvalidArgument, wrong,
                ShellQuote.Readable(wrong) + " is not the full path of a folder.",
                "Give one that begins with a slash, as in /dev/disk/by-id.");
        }

        CommandResult answer = await host.CheckAsync(
            RemoteCommand.Script(Resource.Text("label.sh") + Resource.Text("imports.sh"), [.. searchPath]),
            "PoolsNotRead", host.Name, "The pools cannot be listed", null, ct).ConfigureAwait(false);
        return Sections.Split(answer.Output);
    }
}
