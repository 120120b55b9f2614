using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Os;
using ZfsEsx.Parameters;
using ZfsEsx.Zfs;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.Add, "EncapsulatedZpool", SupportsShouldProcess = true)]
[OutputType(typeof(Zpool))]
public sealed class AddEncapsulatedZpoolCommand : ZpoolLayoutCommand
{
    private readonly List<Operation<Zpool>> _operations = [];

    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ZpoolCompleter))]
    public string Name { get; set; } = "";

    [Parameter(Position = 2)]
    [DiskName]
    [ArgumentCompleter(typeof(ZfsDiskCompleter))]
    public DiskName[] Disk { get; set; } = [];

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Record()
    {
        ZfsHost host = ZfsHost;
        ZpoolLayout layout = Request(host, Name, Disk);
        _operations.Add(new(host.Name, (_, ct) => Zpools.PlanAddAsync(host, layout, ct), PassThru));
    }

    private protected override void Finish() => WriteObject(Apply([.. _operations]), enumerateCollection: true);
}
