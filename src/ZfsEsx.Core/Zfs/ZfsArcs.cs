using System.Text;
using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Zfs;

/// <summary>The limit of the ARC: what it is, and setting it now and for all restarts.</summary>
public static class ZfsArcs
{
    // What the module does not like it ignores without a word: only its own statistics tell.
    private const string NowScript = """
        printf '%s\n' "$1" >/sys/module/zfs/parameters/zfs_arc_max || exit
        m=$(awk '$1 == "c_max" { print $3 }' /proc/spl/kstat/zfs/arcstats)
        [ "$m" = "$1" ] || { echo "the limit stays at $m bytes" >&2; exit 1; }
        """;

    // Neither lost nor overwritten by a second run: the copy is what the file was before us.
    private const string CopyScript = "[ -e \"$1.zfsesx\" ] || [ ! -e \"$1\" ] || cp -p \"$1\" \"$1.zfsesx\"";

    /// <summary>Reads it in one round trip.</summary>
    /// <exception cref="ZfsEsxException"><c>ArcNotRead</c>, <c>NotOnThisSystem</c>.</exception>
    public static async Task<IReadOnlyList<ZfsArc>> GetAsync(ZfsHost host, CancellationToken ct) =>
        [(await ReadAsync(host, ct).ConfigureAwait(false)).State.Describe(host.Name)];

    /// <summary>Plans to limit the ARC, now where the system can, and for all restarts.</summary>
    /// <param name="host">The storage VM.</param>
    /// <param name="max">The most that it may take; null for what is recommended for the storage VM's memory.</param>
    /// <param name="ct">Ends the reading.</param>
    /// <exception cref="ZfsEsxException">
    /// <c>ArcTooSmall</c>, <c>ArcTooLarge</c>, <c>ArcSetElsewhere</c>, <c>ArcNotRead</c>, <c>NotOnThisSystem</c>.
    /// </exception>
    public static async Task<Plan<ZfsArc>> PlanSetAsync(ZfsHost host, long? max, CancellationToken ct)
    {
        ArcState state = (await ReadAsync(host, ct).ConfigureAwait(false)).State;
        long wanted = (max ?? state.Recommended ?? throw new ZfsEsxException(
            "MemoryUnknown", FailureKind.NotSupported, host.Name, host.Name + " does not say how much memory it has.",
            "Name the limit with -Max.")) / state.Setting.Unit * state.Setting.Unit;
        state.Check(host.Name, wanted);
        ByteSize size = new(wanted);
        List<Change> changes = [];
        bool now = state.Setting == ArcSetting.Module;
        if (now && state.Memory.ArcMax != wanted)
        {
            changes.Add(new Change(
                host.Name,
                "Limit the ARC to " + size + " now"
                    + (state.Memory.ArcMax is long was ? " (from " + new ByteSize(was) + ")" : ""),
                (_, token) => host.CheckAsync(
                    RemoteCommand.Script(NowScript, wanted.ToString(System.Globalization.CultureInfo.InvariantCulture)),
                    "ArcNotLimited", host.Name, "The ARC cannot be limited", "See the storage VM's kernel log.",
                    token)));
        }

        if (state.Kept != wanted)
        {
            changes.Add(new Change(
                host.Name,
                "Keep the limit of the ARC at " + size + " in " + state.Setting.Path
                    + (state.Kept is long kept ? " (from " + new ByteSize(kept) + ")" : ""),
                (_, token) => KeepAsync(host, wanted, token)));
        }

        return new Plan<ZfsArc>(
            changes, async token => (await ReadAsync(host, token).ConfigureAwait(false)).State.Describe(host.Name),
            changes.Count == 0 ? [] : Warnings(host.Name, state, wanted));
    }

    /// <summary>What the user should know before it is set. Pure.</summary>
    internal static IReadOnlyList<string> Warnings(string host, ArcState state, long wanted)
    {
        List<string> warnings = [];
        if (state.Setting != ArcSetting.Module)
        {
            warnings.Add("The limit of the ARC of " + host + " holds from the next start of "
                + (state.Setting == ArcSetting.Fuse ? "zfs-fuse" : "the storage VM") + ".");
        }
        else if (state.RootOnZfs)
        {
            warnings.Add("The system of " + host + " is on ZFS itself: for the limit to hold from the start, "
                + "run update-initramfs -u (or what the system has for it) on the storage VM.");
        }

        if (HostMemory.ForTable(state.Tables) > wanted)
        {
            warnings.Add("The tables of deduplication on " + host + " take " + new ByteSize(state.Tables)
                + " of memory and do not fit into an ARC of " + new ByteSize(wanted)
                + ": every write will wait for disks. "
                + (state.Memory with { ArcMax = wanted }).Advice(host, state.Tables));
        }

        return warnings;
    }

    private static async Task KeepAsync(ZfsHost host, long wanted, CancellationToken ct)
    {
        // Read again: between asking and doing the file may have got other lines.
        (ArcState state, string config) = await ReadAsync(host, ct).ConfigureAwait(false);
        ArcSetting setting = state.Setting;
        await host.CheckAsync(
            RemoteCommand.Script(CopyScript, setting.Path), "UploadFailed", setting.Path,
            "The file " + setting.Path + " cannot be copied to " + setting.Path + ".zfsesx",
            null, ct).ConfigureAwait(false);
        await host.UploadAsync(setting.Path, Encoding.UTF8.GetBytes(setting.Set(config, wanted)), "0644", ct)
            .ConfigureAwait(false);
    }

    private static async Task<(ArcState State, string Config)> ReadAsync(ZfsHost host, CancellationToken ct)
    {
        CommandResult answer = await host.CheckAsync(
            RemoteCommand.Script(
                "part() { printf '\\036%s\\n' \"$1\"; }\n" + Resource.Text("memory.sh") + Resource.Text("arc.sh")),
            "ArcNotRead", host.Name, "Memory and ARC cannot be read", null, ct).ConfigureAwait(false);
        return (ArcState.Parse(host.Name, answer.Output), Sections.Split(answer.Output).Get("config"));
    }
}
