using ZfsEsx.Shell;

namespace ZfsEsx.Zfs;

/// <summary>What the user of a share should know before its properties are changed. Pure.</summary>
internal static class NfsShareWarnings
{
    /// <summary>
    /// What to do about clients that the NFS server serves past the options of the share. It is not ours to take away:
    /// it may stand in a file of the admin's.
    /// </summary>
    public static string Others(ZfsNfsShare share, IReadOnlyList<string> others) =>
        "It was exported to " + string.Join(", ", others) + " by hand or by another program: take it out of "
        + "/etc/exports and /etc/exports.d on " + share.ZfsHost + " where it stands there, and run there: "
        + string.Join("; ", others.Select(o => "exportfs -u " + ShellQuote.Quote(o + ":" + share.MountPoint))) + ".";

    /// <summary>
    /// Of what changes now (what is so already has been said), and of who gets it past its options.
    /// </summary>
    public static IReadOnlyList<string> For(NfsShareState observed, NfsShareRequest request)
    {
        string fs = request.FileSystem;
        bool exists = observed.Properties.Count > 0;
        List<string> warnings = [];
        if (observed.Shares.FirstOrDefault(s => s.FileSystem == fs) is ZfsNfsShare share
            && NfsSharePlanner.NotWanted(share) is { Count: > 0 } others)
        {
            warnings.Add(
                "The NFS server serves " + share.MountPoint + " to " + string.Join(", ", others)
                    + " too, which the share of " + fs + " does not name. " + Others(share, others));
        }

        foreach (KeyValuePair<string, string> p in NfsSharePlanner.Wrong(observed, request))
        {
            string was = observed.Properties.TryGetValue(p.Key, out ZfsProperty? there) ? there.Value : "";
            string? said = p.Key switch
            {
                "sync" when p.Value == "disabled" =>
                    "sync=disabled on " + fs + ": the storage VM says that data is on disk when it is only in memory. "
                    + "When it crashes or loses power, the last 5 to 30 seconds that VMs have written are gone, "
                    + "although they were told that it is safe: their file systems and databases can be damaged, and "
                    + "no scrub shows it. The pool itself stays whole. A log device makes synchronous writes fast "
                    + "without that (Add-EncapsulatedZpool -Log).",
                "recordsize" when exists =>
                    "The record size of " + fs + " is for files that are made from now on: files that are there keep "
                    + was + " bytes until they are copied, as by moving a VM to another datastore and back.",
                "compression" when exists =>
                    "The compression of " + fs + " is for what is written from now on: what is there stays as it is.",
                "refreservation" when p.Value != "none" =>
                    "What is kept for " + fs + " is taken from all other file systems of the pool, and snapshots of a "
                    + "file system with refreservation need room for all that it refers to.",
                "dedup" => DedupMemory.Warning(fs, p.Value),
                _ => null,
            };
            if (said is not null)
            {
                warnings.Add(said);
            }
        }

        return warnings;
    }
}
