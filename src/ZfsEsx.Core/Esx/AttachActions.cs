using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <inheritdoc cref="IAttachActions"/>
internal sealed class AttachActions(VimClient client) : IAttachActions
{
    public Task ReconfigureAsync(VmFacts vm, string doing, Arg spec, IReporter reporter, CancellationToken ct) =>
        client.RunTaskAsync(vm.Ref, "ReconfigVM_Task", vm.Name, doing, reporter, ct, spec);

    public async Task SettleMsiAsync(
        VmFacts vm, IReadOnlyDictionary<string, bool> lines, IReadOnlyList<string> predicted, IReporter reporter,
        CancellationToken ct)
    {
        AttachFacts now = await AttachFacts.ReadVMAsync(client, vm.Ref, ct).ConfigureAwait(false);
        Arg? spec = Settle(now, lines, predicted);
        if (spec is not null)
        {
            await ReconfigureAsync(vm, "Correct MSI settings", spec, reporter, ct).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// What is still to be set, from the keys that the devices have really got; null when all is well.
    /// </summary>
    internal static Arg? Settle(
        AttachFacts now, IReadOnlyDictionary<string, bool> lines, IReadOnlyList<string> predicted)
    {
        Dictionary<string, bool> wanted = [];
        foreach (AttachedDevice device in AttachedDevice.Of(now.VM))
        {
            if (lines.TryGetValue(device.Id, out bool line) || lines.TryGetValue(device.Kind, out line))
            {
                wanted[VmFacts.MsiKey(device.Key)] = line;
            }
        }

        IReadOnlyDictionary<string, string> set = now.VM.ExtraConfig;
        Arg[] settings =
        [
            .. wanted.Where(w => w.Value != (set.TryGetValue(w.Key, out string? value) && VmFacts.IsFalse(value)))
                .Select(w => DeviceSpec.Option(w.Key, w.Value ? "FALSE" : string.Empty)),
            .. predicted.Where(p => !wanted.ContainsKey(p) && set.ContainsKey(p))
                .Select(p => DeviceSpec.Option(p, string.Empty)),
        ];
        return settings.Length == 0 ? null : now.Spec(settings);
    }
}
