using ZfsEsx.Os;

namespace ZfsEsx.Zfs;

/// <summary>What arc.sh found. Pure.</summary>
/// <param name="Memory">Memory and limits.</param>
/// <param name="Setting">How this system keeps the limit.</param>
/// <param name="Kept">What is kept.</param>
/// <param name="Elsewhere">Other files that set it.</param>
/// <param name="RootOnZfs">The system itself is on ZFS: its module is loaded from the initial ramdisk.</param>
/// <param name="Tables">The tables of all deduplication, in memory.</param>
internal sealed record ArcState(
    HostMemory Memory, ArcSetting Setting, long? Kept, IReadOnlyList<string> Elsewhere, bool RootOnZfs, long Tables)
{
    // What OpenZFS ignores, and what zfs-fuse says is its least.
    private const long Least = 64L << 20;
    private const long LeastOfFuse = 16L << 20;

    /// <summary>Reads the answer.</summary>
    /// <exception cref="ZfsEsxException"><c>NotOnThisSystem</c>.</exception>
    public static ArcState Parse(string host, string text)
    {
        IReadOnlyDictionary<string, string> parts = Sections.Split(text);
        string[] system = parts.Lines("system");
        ArcSetting setting = system.Contains("fuse") ? ArcSetting.Fuse
            : system.Contains("module") ? ArcSetting.Module
            : system.Contains("sunos") ? ArcSetting.System
            : throw ZpoolFeatures.Missing(host, "Limits of the ARC");
        return new ArcState(
            HostMemory.Parse(parts.Lines("memory")),
            setting,
            setting.Find(parts.Get("config")),
            parts.Lines("elsewhere"),
            system.Contains("root"),
            DedupMemory.InCore(
                ZpoolText.Blocks(parts.Get("dedup")).Select(b => DedupMemory.Table(ZpoolText.Field(b, "dedup"), 1))));
    }

    /// <summary>What the user sees.</summary>
    public ZfsArc Describe(string host) => new(
        host,
        Size(Memory.Total),
        Size(Memory.ArcSize),
        Size(Memory.ArcMax),
        Size(Kept),
        Setting.Path,
        Size(Recommended),
        Advice(host));

    /// <summary>The limit to take where none is named.</summary>
    public long? Recommended => Memory.Total is long total
        ? Math.Max(
                HostMemory.Recommended(total),
                Math.Min(HostMemory.ForTable(Tables), total - HostMemory.LeastLeft(total)))
            >> 20 << 20
        : null;

    /// <summary>Refuses a limit that ZFS would not take, or that would starve the storage VM.</summary>
    /// <exception cref="ZfsEsxException"><c>ArcTooSmall</c>, <c>ArcTooLarge</c>, <c>ArcSetElsewhere</c>.</exception>
    public void Check(string host, long wanted)
    {
        long least = Math.Max(Setting == ArcSetting.Fuse ? LeastOfFuse : Least, (Memory.ArcMin ?? -1) + 1);
        if (wanted < least)
        {
            throw new ZfsEsxException(
                "ArcTooSmall", FailureKind.InvalidArgument, host,
                "The ZFS of " + host + " takes no limit of the ARC below " + new ByteSize(least) + "; wanted are "
                    + new ByteSize(wanted) + ".", "Give a larger size with -Max.");
        }

        if (Memory.Total is long total && wanted > total - HostMemory.LeastLeft(total))
        {
            throw new ZfsEsxException(
                "ArcTooLarge", FailureKind.LimitReached, host,
                host + " has " + new ByteSize(total) + " of memory: with " + new ByteSize(wanted)
                    + " for the ARC the kernel, NFS and ssh would have too little.",
                "Leave -Max out for " + new ByteSize(Recommended!.Value) + ", or give the storage VM more memory.");
        }

        if (Elsewhere.Count > 0)
        {
            throw new ZfsEsxException(
                "ArcSetElsewhere", FailureKind.InvalidState, host,
                "The limit of the ARC of " + host + " is set in " + string.Join(", ", Elsewhere)
                    + " too, and only one of them counts.",
                "Take zfs_arc_max out of it, then run the same again.");
        }
    }

    private string Advice(string host)
    {
        List<string> advice = [];
        if (Kept is long kept && Memory.ArcMax is long now && kept != now)
        {
            advice.Add("The limit kept is another than the one that holds now: "
                + (Setting == ArcSetting.Module ? "Set-ZfsArc -ZfsHost " + host + " sets both."
                    : "it holds when the storage VM is restarted."));
        }

        if (Memory.Total is long total && (Memory.ArcMax ?? Kept) is long max)
        {
            if (max > total - HostMemory.LeastLeft(total))
            {
                advice.Add("It leaves too little for the kernel, NFS and ssh: "
                    + "lower it with Set-ZfsArc -ZfsHost " + host + ".");
            }
            else if (max < Recommended - (total / 8))
            {
                advice.Add("It may have more of the memory: Set-ZfsArc -ZfsHost " + host + ".");
            }

            if (HostMemory.ForTable(Tables) > max)
            {
                advice.Add("The tables of deduplication do not fit: "
                    + (Memory with { ArcMax = max }).Advice(host, Tables));
            }
        }

        return string.Join(" ", advice);
    }

    private static ByteSize? Size(long? bytes) => bytes is long n ? new ByteSize(n) : null;
}
