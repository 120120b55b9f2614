using System.Collections;
using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Esx;
using ZfsEsx.Parameters;
using ZfsEsx.Vim;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.New, "EncapsulatedStorageVm", SupportsShouldProcess = true, DefaultParameterSetName = Clone)]
[OutputType(typeof(EncapsulatedStorageVm))]
public sealed class NewEncapsulatedStorageVmCommand : VimCommand
{
    private const string Clone = "Template";
    private const string Install = "SystemDisk";

    private readonly List<VimTarget> _hosts = [];

    [Parameter(Mandatory = true, Position = 0)]
    public string[] Name { get; set; } = [];

    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true)]
    [VimTarget("HostSystem")]
    [ArgumentCompleter(typeof(VMHostCompleter))]
    public VimTarget[] VMHost { get; set; } = [];

    [Parameter(Mandatory = true, ParameterSetName = Clone)]
    [VimTarget("VirtualMachine", Single = true)]
    [ArgumentCompleter(typeof(VMCompleter))]
    public VimTarget? Template { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = Install)]
    [ByteSize]
    public ByteSize SystemDisk { get; set; }

    [Parameter(ParameterSetName = Install)]
    [ValidateNotNullOrEmpty]
    public string? InstallationImage { get; set; }

    [Parameter(ParameterSetName = Clone)]
    [Parameter(Mandatory = true, ParameterSetName = Install)]
    [ValidateNotNullOrEmpty]
    public string? GuestId { get; set; }

    [Parameter]
    public VmFirmware? Firmware { get; set; }

    [Parameter]
    [VimTarget("Datastore", Single = true)]
    [ArgumentCompleter(typeof(DatastoreCompleter))]
    public VimTarget? Datastore { get; set; }

    [Parameter]
    [ByteSize]
    public ByteSize Memory { get; set; } = 4L << 30;

    [Parameter]
    [ValidateRange(1, 128)]
    public int NumCpu { get; set; } = 2;

    [Parameter]
    [ByteSize]
    public ByteSize[] DataDisk { get; set; } = [];

    [Parameter]
    public VirtualDiskFormat? DiskFormat { get; set; }

    [Parameter]
    [VimTarget("Datastore")]
    [ArgumentCompleter(typeof(DatastoreCompleter))]
    public VimTarget[] DataDatastore { get; set; } = [];

    [Parameter]
    [ByteSize]
    public ByteSize Deduplicated { get; set; }

    [Parameter]
    [ArgumentCompleter(typeof(NetworkCompleter))]
    public string ManagementNetwork { get; set; } = "VM Network";

    [Parameter]
    [ArgumentCompleter(typeof(NetworkCompleter))]
    public string StorageNetwork { get; set; } = "eSAN-VM";

    [Parameter]
    public Hashtable? GuestInfo { get; set; }

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
