using System.Globalization;
using ZfsEsx.Esx;
using ZfsEsx.Replication;
using ZfsEsx.Zfs;

namespace ZfsEsx;

/// <summary>How values look in tables. Called from ZfsEsx.Format.ps1xml, which can reach only public members.</summary>
public static class Format
{
    /// <summary>An age as a person says it: <c>42 s</c>, <c>5 min</c>, <c>3.5 h</c>, <c>12 d</c>.</summary>
    public static string Age(TimeSpan? age) => age is not TimeSpan t ? ""
        : t < TimeSpan.Zero ? "0 s"
        : t.TotalSeconds < 90 ? Number(t.TotalSeconds, "0") + " s"
        : t.TotalMinutes < 90 ? Number(t.TotalMinutes, "0") + " min"
        : t.TotalHours < 36 ? Number(t.TotalHours, "0.#") + " h"
        : Number(t.TotalDays, "0") + " d";

    /// <summary>Many texts in one cell.</summary>
    public static string List(IEnumerable<string>? texts) => string.Join(", ", texts ?? []);

    /// <summary>The state of a device in one word or two.</summary>
    public static string State(VmDirectPathDevice device) =>
        device.RebootPending ? (device.Enabled ? "on at next boot" : "off at next boot")
        : device.Active ? "active"
        : device.Capable ? "off" : "not capable";

    /// <summary>The intent log of a pool, by the last part of the disks' names.</summary>
    public static string Log(Zpool pool) => pool.Log.Count == 0 ? "none" : List(pool.Log.Select(ShortDisk));

    /// <summary>
    /// A disk's name without its folder: <c>/dev/disk/by-id/virtio-DDRdriveX1</c> is <c>virtio-DDRdriveX1</c>.
    /// </summary>
    public static string ShortDisk(string name) => name.Substring(name.LastIndexOf('/') + 1);

    /// <summary>Whether a host has a datastore, and whether it answers.</summary>
    public static string State(ZfsNfsDatastore datastore) =>
        !datastore.Mounted ? "not mounted" : datastore.Accessible ? "accessible" : "not accessible";

    /// <summary>How it stands with a replica, in one word.</summary>
    public static string State(ZfsRingReplication row) =>
        row.Diverged ? nameof(ReplicationResult.Diverged)
        : row.Result == ReplicationResult.Ok && row.Late ? "Late" : row.Result.ToString();

    /// <summary>A time without what nobody reads.</summary>
    public static string Time(DateTimeOffset? time) =>
        time?.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) ?? "";

    /// <summary>A moment of a storage VM's own clock.</summary>
    public static string Moment(DateTime? time) =>
        time?.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) ?? "";

    /// <summary>A rate: <c>40420</c>, <c>62.5</c>.</summary>
    public static string Rate(double rate) => Number(rate, rate < 100 ? "0.#" : "0");

    /// <summary>A latency: <c>0.91 ms</c>, <c>110 ms</c>; nothing where there is none.</summary>
    public static string Milliseconds(double? time) =>
        time is double ms ? Number(ms, ms < 1 ? "0.##" : ms < 100 ? "0.#" : "0") + " ms" : "";

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
