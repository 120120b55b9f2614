using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Esx;
using ZfsEsx.Parameters;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsData.Update, "ZfsNfsDatastore", SupportsShouldProcess = true)]
[OutputType(typeof(ZfsNfsDatastore))]
public sealed class UpdateZfsNfsDatastoreCommand : VimCommand
{
    private readonly List<VimTarget> _datastores = [];

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [VimTarget("Datastore")]
    [ArgumentCompleter(typeof(NfsDatastoreCompleter))]
    public VimTarget[] Datastore { get; set; } = [];

    [Parameter]
    [ValidateRange(0, 3600)]
    public int Timeout { get; set; } = 300;

    [Parameter]
    public SwitchParameter PowerOn { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Record() => _datastores.AddRange(Datastore);

    private protected override void Finish()
    {
        ReviveOptions options = new() { Timeout = TimeSpan.FromSeconds(Timeout), PowerOn = PowerOn };
        ApplyToEach(
            Locate(_datastores),
            (group, ct) => StorageVm.PlanReviveAsync(group.Client, group.References, options, ct),
            datastore => datastore.Name,
            PassThru);
    }
}
