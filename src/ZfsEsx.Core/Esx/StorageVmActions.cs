using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <inheritdoc cref="IStorageVmActions"/>
internal sealed class StorageVmActions(VimClient client) : IStorageVmActions
{
    public Task CloneAsync(
        VmFacts template, NewStorageVm wanted, StorageVmPlace place, IReporter reporter, CancellationToken ct) =>
        MakeAsync(wanted.Name, () => client.RunTaskAsync(
            template.Ref, "CloneVM_Task", wanted.Name, "Clone from " + template.Name, reporter, ct,
            Arg.E("folder", place.Folder),
            Arg.E("name", VimName.Escape(wanted.Name)),
            Arg.O(
                "spec",
                Arg.O(
                    "location", Arg.E("datastore", place.Datastore.Ref), Arg.E("pool", place.Host.Pool),
                    Arg.E("host", place.Host.Ref)),
                Arg.E("template", false),
                Arg.E("powerOn", false))));

    public Task CreateAsync(
        NewStorageVm wanted, StorageVmPlace place, StorageVmSpec spec, IReporter reporter, CancellationToken ct) =>
        MakeAsync(wanted.Name, () => client.RunTaskAsync(
            place.Folder, "CreateVM_Task", wanted.Name, "Create", reporter, ct,
            spec.ToCreateArg(
                wanted.Name, place.Datastore.Name, wanted.Firmware ?? VmFirmware.Bios, wanted.InstallationImage),
            Arg.E("pool", place.Host.Pool),
            Arg.E("host", place.Host.Ref)));

    public async Task ConfigureCloneAsync(NewStorageVm wanted, int systemDisks, IReporter reporter,
        CancellationToken ct)
    {
        MoRef made = (await Inventory.ResolveAsync(client, "VirtualMachine", [wanted.Name], ct)
            .ConfigureAwait(false))[0];
        VimObject vm = (await client.RetrieveAsync([made], "VirtualMachine", VmFacts.Paths, ct)
            .ConfigureAwait(false))[0];
        VmFacts facts = VmFacts.Read(vm);
        StorageVmSpec spec = StorageVmSpec.Compare(facts, wanted.Settings, systemDisks, fresh: true);
        if (spec.Words.Count > 0)
        {
            await ReconfigureAsync(facts, spec, reporter, ct).ConfigureAwait(false);
        }
    }

    public Task ReconfigureAsync(VmFacts vm, StorageVmSpec spec, IReporter reporter, CancellationToken ct) =>
        client.RunTaskAsync(vm.Ref, "ReconfigVM_Task", vm.Name, "Reconfigure", reporter, ct, spec.ToArg());

    // Between the look and the call: another hand, or an earlier run that was stopped while the server went on.
    private static async Task MakeAsync(string name, Func<Task> make)
    {
        try
        {
            await make().ConfigureAwait(false);
        }
        catch (ZfsEsxException e) when (e.IsFault("DuplicateName", "AlreadyExists", "FileAlreadyExists"))
        {
            throw new ZfsEsxException(
                "VmNameTaken", FailureKind.AlreadyExists, name,
                "A VM called " + name + " has appeared in the meantime.",
                "When no task works on it any more, repeat the command: it then looks at that VM and finishes it.", e);
        }
    }
}
