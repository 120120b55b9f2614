using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <inheritdoc cref="IStorageVmActions"/>
internal sealed class StorageVmActions(VimClient client) : IStorageVmActions
{
    public Task CloneAsync(
        VmFacts template, NewStorageVm wanted, VmHost host, VmDatastore datastore, IReporter reporter,
        CancellationToken ct) => client.RunTaskAsync(
        template.Ref, "CloneVM_Task", wanted.Name, "Clone from " + template.Name, reporter, ct,
        Arg.E("folder", wanted.Folder ?? template.Parent),
        Arg.E("name", VimName.Escape(wanted.Name)),
        Arg.O(
            "spec",
            Arg.O("location", Arg.E("datastore", datastore.Ref), Arg.E("pool", host.Pool), Arg.E("host", host.Ref)),
            Arg.E("template", false),
            Arg.E("powerOn", false)));

    public async Task ConfigureCloneAsync(NewStorageVm wanted, int templateDisks, IReporter reporter,
        CancellationToken ct)
    {
        MoRef made = (await Inventory.ResolveAsync(client, "VirtualMachine", [wanted.Name], ct)
            .ConfigureAwait(false))[0];
        VimObject vm = (await client.RetrieveAsync([made], "VirtualMachine", VmFacts.Paths, ct)
            .ConfigureAwait(false))[0];
        VmFacts facts = VmFacts.Read(vm);
        StorageVmSpec spec = StorageVmSpec.Compare(facts, wanted, templateDisks, fresh: true);
        if (spec.Words.Count > 0)
        {
            await ReconfigureAsync(facts, spec, reporter, ct).ConfigureAwait(false);
        }
    }

    public Task ReconfigureAsync(VmFacts vm, StorageVmSpec spec, IReporter reporter, CancellationToken ct) =>
        client.RunTaskAsync(vm.Ref, "ReconfigVM_Task", vm.Name, "Reconfigure", reporter, ct, spec.ToArg());
}
