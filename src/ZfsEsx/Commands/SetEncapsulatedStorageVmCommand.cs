using System.Collections;
using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Esx;
using ZfsEsx.Parameters;
using ZfsEsx.Vim;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.Set, "EncapsulatedStorageVm", SupportsShouldProcess = true, DefaultParameterSetName = Settings)]
[OutputType(typeof(EncapsulatedStorageVm))]
public sealed class SetEncapsulatedStorageVmCommand : VimCommand
{
    private const string Settings = "Settings";
    private const string Start = "StartOrder";
    private const string Power = "Power";

    private readonly List<VimTarget> _machines = [];

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [VimTarget("VirtualMachine")]
    [ArgumentCompleter(typeof(VMCompleter))]
    public VimTarget[] VM { get; set; } = [];

    [Parameter(Mandatory = true, ParameterSetName = Power)]
    public StorageVmPower PowerState { get; set; }

    [Parameter(ParameterSetName = Power)]
    [ValidateRange(1, 3600)]
    public int ShutdownTimeout { get; set; } = 300;

    [Parameter(ParameterSetName = Settings)]
    [ValidateRange(1, 128)]
    public int? NumCpu { get; set; }

    [Parameter(ParameterSetName = Settings)]
    [ByteSize]
    public ByteSize? Memory { get; set; }

    [Parameter(ParameterSetName = Settings)]
    [ByteSize]
    public ByteSize[]? DataDisk { get; set; }

    [Parameter(ParameterSetName = Settings)]
    public VirtualDiskFormat? DiskFormat { get; set; }

    [Parameter(ParameterSetName = Settings)]
    [VimTarget("Datastore")]
    [ArgumentCompleter(typeof(DatastoreCompleter))]
    public VimTarget[] DataDatastore { get; set; } = [];

    [Parameter(ParameterSetName = Settings)]
    [ValidateRange(0, 60)]
    public int SystemDiskCount { get; set; } = 1;

    [Parameter(ParameterSetName = Settings)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(NetworkCompleter))]
    public string? ManagementNetwork { get; set; }

    [Parameter(ParameterSetName = Settings)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(NetworkCompleter))]
    public string? StorageNetwork { get; set; }

    [Parameter(ParameterSetName = Settings)]
    public Hashtable? GuestInfo { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = Start)]
    public SwitchParameter StartFirst { get; set; }

    [Parameter(ParameterSetName = Start)]
    [ValidateRange(0, 3600)]
    public int StartDelay { get; set; } = 120;

    [Parameter(ParameterSetName = Start)]
    [VimTarget("Datastore")]
    [ArgumentCompleter(typeof(DatastoreCompleter))]
    public VimTarget[] Datastore { get; set; } = [];

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Record() => _machines.AddRange(VM);

    private protected override void Finish() => ApplyToEach(Locate(_machines), PlanAsync, vm => vm.Name, PassThru);

    private async Task<Plan<IReadOnlyList<EncapsulatedStorageVm>>> PlanAsync(VimGroup group, CancellationToken ct)
    {
        MoRef[] stores = await Task.WhenAll(
            DataDatastore.Concat(Datastore).Select(d => ResolveAsync(group.Client, d, ct))).ConfigureAwait(false);
        Task<Plan<IReadOnlyList<EncapsulatedStorageVm>>> plan = ParameterSetName switch
        {
            Power when PowerState == StorageVmPower.On =>
                StorageVm.PlanPowerOnAsync(group.Client, group.References, ct),
            Power => StorageVm.PlanShutdownAsync(
                group.Client, group.References, TimeSpan.FromSeconds(ShutdownTimeout), ct),
            Start => StorageVm.PlanStartFirstAsync(
                group.Client, group.References,
                new AutoStartOptions { StartDelay = TimeSpan.FromSeconds(StartDelay), Datastores = stores }, ct),
            _ => StorageVm.PlanSetAsync(group.Client, group.References, Wanted(stores), ct),
        };
        return await plan.ConfigureAwait(false);
    }

    private StorageVmSettings Wanted(IReadOnlyList<MoRef> stores) => new()
    {
        NumCpu = NumCpu,
        Memory = Memory,
        DataDisks = DataDisk is null ? null : StorageVmDisks.From(DataDisk, DiskFormat, stores),
        SystemDisks = SystemDiskCount,
        ManagementNetwork = ManagementNetwork,
        StorageNetwork = StorageNetwork,
        GuestInfo = GuestInfo.ToTexts(),
    };
}
