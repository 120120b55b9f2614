using ZfsEsx.Esx;
using ZfsEsx.Parameters;
using ZfsEsx.Vim;

namespace ZfsEsx.Commands;

/// <summary>What is done with the parameters.</summary>
public sealed partial class NewEncapsulatedStorageVmCommand
{
    private readonly List<VimTarget> _hosts = [];

    private protected override void Record() => _hosts.AddRange(VMHost);

    private protected override void Finish()
    {
        if (_hosts.Count != Name.Length)
        {
            throw new ZfsEsxException(
                "NameCount", FailureKind.InvalidArgument, "Name",
                _hosts.Count + " hosts and " + Name.Length + " names do not go together.",
                "Give one name for each host, in the order of the hosts.");
        }

        ApplyToEach(Locate(_hosts), PlanAsync, vm => vm.Name, output: true);
    }

    private async Task<Plan<IReadOnlyList<EncapsulatedStorageVm>>> PlanAsync(VimGroup group, CancellationToken ct)
    {
        MoRef? template = Template is null ? null
            : await ResolveAsync(group.Client, Template, ct).ConfigureAwait(false);
        MoRef? datastore = Datastore is null ? null
            : await ResolveAsync(group.Client, Datastore, ct).ConfigureAwait(false);
        MoRef[] stores = await Task.WhenAll(DataDatastore.Select(d => ResolveAsync(group.Client, d, ct)))
            .ConfigureAwait(false);
        IReadOnlyList<NewDisk> disks = StorageVmDisks.From(DataDisk, DiskFormat, stores);
        NewStorageVm[] wanted =
        [
            .. group.Found.Select(found => new NewStorageVm
            {
                Name = Name[_hosts.IndexOf(found.Target)],
                Host = found.Reference,
                Template = template,
                SystemDisk = template is null ? new NewDisk(SystemDisk) : null,
                InstallationImage = InstallationImage,
                GuestId = GuestId,
                Firmware = Firmware,
                Datastore = datastore,
                Memory = Memory,
                NumCpu = NumCpu,
                DataDisks = disks,
                Deduplicated = Deduplicated,
                ManagementNetwork = ManagementNetwork,
                StorageNetwork = StorageNetwork,
                GuestInfo = GuestInfoOf(Name[_hosts.IndexOf(found.Target)]),
            }),
        ];
        return await StorageVm.PlanNewAsync(group.Client, wanted, ct).ConfigureAwait(false);
    }

    // The guest takes its host name from the name of its VM, unless told another.
    private Dictionary<string, string> GuestInfoOf(string name)
    {
        Dictionary<string, string> info = GuestInfo.ToTexts().ToDictionary(e => e.Key, e => e.Value);
        if (!info.ContainsKey("hostname"))
        {
            info.Add("hostname", name);
        }

        return info;
    }
}
