using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>
/// Looks into datastores: folders that would be in a VM's way, and configurations that nobody has registered.
/// </summary>
internal static class FolderReader
{
    public static async Task<HostServiceFacts> ReadAsync(
        VimClient client, HostServiceFacts facts, IReadOnlyList<ServiceStore> targets,
            IReadOnlyList<ServiceStore> shares,
        CancellationToken ct)
    {
        Task<VimTask>[] begun =
        [
            .. targets.Select(s => BeginAsync(client, s, "SearchDatastore_Task", "FolderFileQuery", "*", ct)),
            .. shares.Select(s =>
                BeginAsync(client, s, "SearchDatastoreSubFolders_Task", "VmConfigFileQuery", "*.vmx", ct)),
        ];
        if (begun.Length == 0)
        {
            return facts;
        }

        VimTask[] tasks = await Task.WhenAll(begun).ConfigureAwait(false);
        IReadOnlyList<VimTaskResult> results =
            await client.WaitTasksAsync(tasks, SilentReporter.Instance, ct).ConfigureAwait(false);
        if (results.Select(r => r.Failure).FirstOrDefault(f => f is not null) is ZfsEsxException failure)
        {
            throw failure;
        }

        Dictionary<MoRef, string[]> folders = targets
            .Select((s, i) => (s.Ref, Names: Files(results[i].Result).Select(f => f.Name)))
            .GroupBy(s => s.Ref).ToDictionary(g => g.Key, g => g.First().Names.ToArray());
        string[] known = await RegisteredAsync(client, shares, ct).ConfigureAwait(false);
        return facts with
        {
            Stores = [.. facts.Stores
                .Select(s => folders.TryGetValue(s.Ref, out string[]? names) ? s with { Folders = names } : s)],
            Orphans =
            [
                .. results.Skip(targets.Count).SelectMany(r => r.Result.All("HostDatastoreBrowserSearchResults")
                    .SelectMany(Files)).Select(f => f.Folder + f.Name).Where(p => !known.Contains(p)),
            ],
        };
    }

    private static async Task<VimTask> BeginAsync(
        VimClient client, ServiceStore store, string method, string query, string pattern, CancellationToken ct)
    {
        VimValue task = await client.CallAsync(
            store.Browser, method, store.Name, "Look through it", ct,
            Arg.E("datastorePath", "[" + store.Name + "]"),
            Arg.O("searchSpec", Arg.T("query", query), Arg.E("matchPattern", pattern))).ConfigureAwait(false);
        return new VimTask(task.Ref, store.Name, "Look through it");
    }

    // "[share] dir", "[share] dir/" or "[share]/dir", from version to version; "[share]" for the topmost.
    private static IEnumerable<(string Folder, string Name)> Files(VimValue found)
    {
        string path = found["folderPath"].Text;
        int end = path.IndexOf(']') + 1;
        string folder = path.Substring(end).Trim(' ', '/');
        string start = path.Substring(0, end) + " " + (folder.Length > 0 ? folder + "/" : string.Empty);
        return found.All("file").Select(f => (start, f["path"].Text));
    }

    private static async Task<string[]> RegisteredAsync(
        VimClient client, IReadOnlyList<ServiceStore> shares, CancellationToken ct)
    {
        MoRef[] vms = [.. shares.SelectMany(s => s.VMs).Distinct()];
        return vms.Length == 0 ? []
            : [.. (await client.RetrieveAsync(vms, "VirtualMachine", ["config.files.vmPathName"], ct)
            .ConfigureAwait(false))
                .Select(v => v["config.files.vmPathName"].Text)];
    }
}
