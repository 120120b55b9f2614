using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Esx;
using ZfsEsx.Parameters;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsData.Dismount, "ZfsNfsDatastore", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(ZfsNfsDatastore))]
public sealed class DismountZfsNfsDatastoreCommand : VimCommand
{
    private readonly List<(VimTarget Host, string Name)> _wanted = [];

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [VimTarget("HostSystem")]
    [ArgumentCompleter(typeof(VMHostCompleter))]
    public VimTarget[] VMHost { get; set; } = [];

    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(NfsDatastoreCompleter))]
    public string Name { get; set; } = "";

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Record() => _wanted.AddRange(VMHost.Select(h => (h, Name)));

    private protected override void Finish()
    {
        foreach (IGrouping<string, VimTarget> datastore in _wanted.GroupBy(w => w.Name, w => w.Host))
        {
            ApplyToEach(
                Locate(datastore),
                (group, ct) => NfsDatastore.PlanDismountAsync(group.Client, group.References, datastore.Key, ct),
                mounted => mounted.VMHost,
                PassThru);
        }
    }
}
