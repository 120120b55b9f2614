using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <inheritdoc cref="IAttachActions"/>
internal sealed class AttachActions(VimClient client) : IAttachActions
{
    public Task ReconfigureAsync(VmFacts vm, string doing, Arg spec, IReporter reporter, CancellationToken ct) =>
        client.RunTaskAsync(vm.Ref, "ReconfigVM_Task", vm.Name, doing, reporter, ct, spec);

    public async Task SettleMsiAsync(
        VmFacts vm, IReadOnlyList<string> ids, IReadOnlyList<string> predicted, IReporter reporter,
        CancellationToken ct)
    {
        VmFacts now = VmFacts.Read(
            (await client.RetrieveAsync([vm.Ref], "VirtualMachine", VmFacts.Paths, ct).ConfigureAwait(false))[0]);
        string[] real = now.Passthrough.Where(p => ids.Contains(VmFacts.PassthroughId(p)))
            .Select(p => VmFacts.MsiKey(p["key"].Int)).ToArray();
        Arg[] settings =
        [
            .. real.Where(n => !now.ExtraConfig.TryGetValue(n, out string? value) || !VmFacts.IsFalse(value))
                .Select(n => DeviceSpec.Option(n, "FALSE")),
            .. predicted.Except(real).Where(now.ExtraConfig.ContainsKey)
                .Select(n => DeviceSpec.Option(n, string.Empty)),
        ];
        if (settings.Length > 0)
        {
            await ReconfigureAsync(vm, "Disable MSI", Arg.O("spec", settings), reporter, ct).ConfigureAwait(false);
        }
    }
}
