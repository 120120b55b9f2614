using System.Globalization;
using ZfsEsx.Shell;

namespace ZfsEsx.Zfs;

/// <summary>What to do about a pool's state, in words. Pure.</summary>
internal static class ZpoolAdvice
{
    // Above this a pool gets slow, because free space comes in small pieces; above the second, writes soon fail.
    private const int Filling = 80;
    private const int Full = 95;

    public static string For(Zpool pool)
    {
        List<string> advice = [];
        Vdev[] disks = [.. pool.Vdevs.SelectMany(ZpoolText.Disks)];
        string name = ShellQuote.Readable(pool.Name);
        switch (pool.State)
        {
            case "SUSPENDED":
                advice.Add("Reading and writing stand still, because disks do not answer"
                    + List(disks.Where(d => !IsWell(d) || Errors(d) > 0))
                    + ": bring them back, then run on the storage VM: zpool clear " + name
                    + ". If they are lost, only a restart of the storage VM ends the wait.");
                break;
            case "UNAVAIL" or "FAULTED":
                advice.Add("Too many disks are missing" + List(disks.Where(d => !IsWell(d)))
                    + ": bring them back, then run on the storage VM: zpool clear " + name + ".");
                break;
            default:
                advice.AddRange(disks.Where(d => !IsWell(d)).Select(d => ForDisk(pool, name, d)));
                break;
        }

        if (pool.Progress is { Kind: ZpoolScanKind.Resilver, State: ZpoolScanState.Running } resilver)
        {
            advice.Add("Wait for the " + resilver + "; take no other disk away until then.");
        }

        Vdev[] erring = [.. disks.Where(d => IsWell(d) && Errors(d) > 0)];
        if (erring.Length > 0 && pool.State is "ONLINE" or "DEGRADED")
        {
            advice.Add("Errors were counted on" + List(erring).Replace(":", "")
                + ": look at its cable and health. When that is done, zpool clear " + name
                + " on the storage VM begins to count anew, and Start-ZpoolScrub reads everything.");
        }

        if (pool.State != "SUSPENDED" && HasDataErrors(pool))
        {
            advice.Add("Data is damaged"
                + (pool.DamagedFiles.Count > 0 ? " (" + string.Join(", ", pool.DamagedFiles) + ")" : "")
                + ": bring these files back from a replica or a backup, then run Start-ZpoolScrub.");
        }

        if (pool.Capacity >= Filling)
        {
            advice.Add(string.Format(
                CultureInfo.InvariantCulture,
                "It is {0} % full: {1}. Add disks with Add-EncapsulatedZpool, or free space.",
                pool.Capacity,
                pool.Available is ByteSize left && left.Bytes <= 0 ? "the VMs cannot write any more"
                    : pool.Capacity >= Full ? "writes of the VMs will soon fail" : "above 80 % it gets slow"));
        }

        return string.Join(" ", advice);
    }

    /// <summary>True when data could not be repaired.</summary>
    public static bool HasDataErrors(Zpool pool) =>
        pool.Errors.Length > 0 && !pool.Errors.StartsWith("No known data errors", StringComparison.Ordinal);

    /// <summary>True for disks that work, or wait as spares.</summary>
    public static bool IsWell(Vdev disk) => disk.State is "ONLINE" or "AVAIL" or "INUSE" or "";

    private static string ForDisk(Zpool pool, string name, Vdev disk)
    {
        string what = ShellQuote.Readable(disk.Name);
        string was = disk.Note.StartsWith("was ", StringComparison.Ordinal) ? " (" + disk.Note + ")" : "";
        bool replacing = pool.Vdevs.SelectMany(All).Any(v => v.Type == "replacing" && v.Children.Contains(disk));
        return replacing ? "The disk " + what + was + " is being replaced."
            : disk.State == "OFFLINE"
                ? "The disk " + what + " was taken offline: bring it back on the storage VM with zpool online "
                    + name + " " + what + "."
            : disk.Role is VdevRole.Log or VdevRole.Cache or VdevRole.Spare
                ? "The " + disk.Role.ToString().ToLowerInvariant() + " disk " + what + was + " is " + disk.State
                    + ": bring it back, or take it out with Remove-EncapsulatedZpool."
            : "The disk " + what + was + " is " + disk.State
                + (disk.Note.Length > 0 && was.Length == 0 ? " (" + disk.Note + ")" : "")
                + ": bring it back, or replace it on the storage VM with zpool replace " + name + " " + what
                + " NEW, where NEW is a free disk of Get-ZfsDisk.";
    }

    private static IEnumerable<Vdev> All(Vdev vdev) => vdev.Children.SelectMany(All).Prepend(vdev);

    private static long Errors(Vdev disk) => disk.ReadErrors + disk.WriteErrors + disk.ChecksumErrors;

    private static string List(IEnumerable<Vdev> disks)
    {
        string text = string.Join(", ", disks.Select(d => d.Name));
        return text.Length == 0 ? "" : " " + text;
    }
}
