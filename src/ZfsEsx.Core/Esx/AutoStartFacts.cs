using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>A VM's place in the start order of its host.</summary>
/// <param name="Vm">The VM.</param>
/// <param name="Order">1 is first; -1 starts after all that have a number.</param>
/// <param name="StartDelay">Seconds before the next one is started; -1: the host's default.</param>
/// <param name="WaitForHeartbeat"><c>yes</c>, <c>no</c> or <c>systemDefault</c>.</param>
/// <param name="StartAction"><c>powerOn</c> or <c>none</c>.</param>
/// <param name="StopDelay">Seconds that its shutdown may take; -1: the host's default.</param>
/// <param name="StopAction"><c>guestShutdown</c>, <c>powerOff</c>, <c>suspend</c>, <c>none</c>…</param>
internal sealed record AutoStartEntry(
    MoRef Vm, int Order, int StartDelay, string WaitForHeartbeat, string StartAction, int StopDelay, string StopAction)
{
    public bool Starts => string.Equals(StartAction, "powerOn", StringComparison.OrdinalIgnoreCase);

    public static AutoStartEntry Read(VimValue info) => new(
        info["key"].Ref, info["startOrder"].Int, info["startDelay"].Int, info["waitForHeartbeat"].Text,
        info["startAction"].Text, info["stopDelay"].Int, info["stopAction"].Text);

    public Arg ToArg() => Arg.O(
        "powerInfo",
        Arg.E("key", Vm),
        Arg.E("startOrder", Order),
        Arg.E("startDelay", StartDelay),
        Arg.E("waitForHeartbeat", WaitForHeartbeat),
        Arg.E("startAction", StartAction),
        Arg.E("stopDelay", StopDelay),
        Arg.E("stopAction", StopAction));
}

/// <summary>What a host starts by itself after a boot.</summary>
/// <param name="Manager">Its HostAutoStartManager.</param>
/// <param name="Defaults">What holds for VMs without settings of their own, as it was read.</param>
/// <param name="Entries">The VMs it knows, in their order: numbered ones first.</param>
internal sealed record HostAutoStart(MoRef Manager, VimValue Defaults, IReadOnlyList<AutoStartEntry> Entries)
{
    public static readonly HostAutoStart None = new(default, VimValue.None, []);

    public bool Enabled => Defaults["enabled"].Bool;

    /// <summary>The place of a VM that the host will start; null when it will not.</summary>
    public int? OrderOf(MoRef vm) =>
        Enabled && Entries.FirstOrDefault(e => e.Vm == vm) is { Starts: true } entry ? entry.Order : null;

    /// <summary>The start order of each host in an answer that has hosts and their managers.</summary>
    public static IReadOnlyDictionary<MoRef, HostAutoStart> Of(IReadOnlyList<VimObject> read)
    {
        Dictionary<MoRef, VimValue> configs = read.Where(o => o.Ref.Type == "HostAutoStartManager")
            .ToDictionary(o => o.Ref, o => o["config"]);
        return read.Where(o => o.Ref.Type == "HostSystem").ToDictionary(
            o => o.Ref,
            o => configs.TryGetValue(o["configManager.autoStartManager"].Ref, out VimValue? config)
                ? Read(o["configManager.autoStartManager"].Ref, config) : None);
    }

    private static HostAutoStart Read(MoRef manager, VimValue config) => new(
        manager,
        config["defaults"],
        [
            .. config.All("powerInfo").Select(AutoStartEntry.Read)
                .OrderBy(e => e.Order < 1 ? int.MaxValue : e.Order),
        ]);
}
