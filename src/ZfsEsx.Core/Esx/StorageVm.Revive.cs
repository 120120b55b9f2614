using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

public static partial class StorageVm
{
    /// <summary>
    /// Brings shares back after their storage VM was away, as after a host's boot: hosts look again until they reach
    /// the datastores, and VMs that became inaccessible are read again.
    /// </summary>
    /// <param name="client">The connection.</param>
    /// <param name="datastores">NFS datastores.</param>
    /// <param name="options">How.</param>
    /// <param name="ct">Ends the reading.</param>
    /// <returns>The datastores as each host that has them sees them.</returns>
    /// <exception cref="ZfsEsxException">
    /// <c>NotNfs</c>: nothing has been changed. Applying: <c>DatastoreInaccessible</c>, <c>VmInaccessible</c>.
    /// </exception>
    public static async Task<Plan<IReadOnlyList<ZfsNfsDatastore>>> PlanReviveAsync(
        VimClient client, IReadOnlyList<MoRef> datastores, ReviveOptions options, CancellationToken ct)
    {
        // What a server remembers of a mount may be old.
        await Task.WhenAll(datastores.Distinct().Select(d => ReviveActions.RefreshAsync(client, d, d.Value, ct)))
            .ConfigureAwait(false);
        ShareFacts facts = await ShareFacts.ReadAsync(client, datastores, ct).ConfigureAwait(false);
        List<string> warnings = [];
        IReadOnlyList<Change> changes = RevivePlanner.Compare(facts, options, new ReviveActions(client), warnings);
        return new Plan<IReadOnlyList<ZfsNfsDatastore>>(changes, ReadBackAsync, warnings);

        async Task<IReadOnlyList<ZfsNfsDatastore>> ReadBackAsync(CancellationToken token)
        {
            MoRef[] hosts =
            [
                .. facts.Shares.SelectMany(s => s.Mounts).OrderBy(m => m.HostName, StringComparer.OrdinalIgnoreCase)
                    .Select(m => m.Host).Distinct(),
            ];
            IReadOnlyList<ZfsNfsDatastore> all = await NfsDatastore.GetAsync(client, hosts, null, token)
                .ConfigureAwait(false);
            return [.. all.Where(d => facts.Shares.Any(s => s.Ref.Id == d.DatastoreId))];
        }
    }
}
