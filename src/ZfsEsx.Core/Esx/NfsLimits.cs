using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>How many NFS datastores a host takes, as its advanced settings say.</summary>
/// <param name="OptionManager">Where the settings are changed.</param>
/// <param name="Volumes">
/// <c>NFS.MaxVolumes</c> or <c>NFS41.MaxVolumes</c>, as it was read: its value's type is sent back.
/// </param>
/// <param name="Heap">The settings of the network stack's memory, which has to grow with the number of volumes.</param>
internal sealed record NfsLimits(MoRef OptionManager, VimValue Volumes, IReadOnlyList<VimValue> Heap)
{
    /// <summary>The least that a host can be told, so that with fewer datastores nothing needs to be asked.</summary>
    public const int Least = 8;

    /// <summary>The most that a host can be told.</summary>
    public const int Most = 256;

    // What VMware advises for more than the least number of volumes, in megabytes.
    private static readonly Dictionary<string, long> s_heap = new(StringComparer.Ordinal)
    {
        ["Net.TcpipHeapSize"] = 32,
        ["Net.TcpipHeapMax"] = 512,
    };

    /// <summary>The setting's name.</summary>
    public string Key => Volumes["key"].Text;

    public long MaxVolumes => Volumes["value"].Long;

    /// <summary>The settings to raise so that a host takes so many volumes, and their new values.</summary>
    public IReadOnlyList<(VimValue Option, long Value)> Raised(int volumes) =>
    [
        (Volumes, Math.Min(Most, Math.Max(2 * MaxVolumes, volumes))),
        .. Heap.Where(h => h["value"].Long < s_heap[h["key"].Text]).Select(h => (h, s_heap[h["key"].Text])),
    ];

    /// <summary>
    /// The limits of hosts that might be near them, side by side. A host that does not know a setting has no such
    /// limit.
    /// </summary>
    public static async Task<IReadOnlyDictionary<MoRef, NfsLimits>> ReadAsync(
        VimClient client, IReadOnlyList<NfsHost> hosts, bool nfs41, CancellationToken ct)
    {
        if (hosts.Count == 0)
        {
            return new Dictionary<MoRef, NfsLimits>();
        }

        string key = nfs41 ? "NFS41.MaxVolumes" : "NFS.MaxVolumes";
        VimValue[][] read = await Task.WhenAll(hosts.Select(h => Task.WhenAll(
            s_heap.Keys.Prepend(key).Select(k => QueryAsync(client, h, k, ct))))).ConfigureAwait(false);
        return hosts.Zip(read, (host, options) => (host, options)).Where(h => h.options[0].Exists)
            .ToDictionary(
                h => h.host.Ref,
                h => new NfsLimits(h.host.OptionManager, h.options[0], [.. h.options.Skip(1).Where(o => o.Exists)]));
    }

    private static async Task<VimValue> QueryAsync(VimClient client, NfsHost host, string key, CancellationToken ct)
    {
        try
        {
            return await client.CallAsync(
                host.OptionManager, "QueryOptions", host.Name, "Read setting " + key, ct, Arg.E("name", key))
                    .ConfigureAwait(false);
        }
        catch (ZfsEsxException e) when (e.IsFault("InvalidName"))
        {
            return VimValue.None;
        }
    }
}
