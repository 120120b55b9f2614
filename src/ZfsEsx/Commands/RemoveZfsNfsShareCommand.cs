using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Os;
using ZfsEsx.Parameters;
using ZfsEsx.Zfs;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.Remove, "ZfsNfsShare", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(ZfsNfsShare))]
public sealed class RemoveZfsNfsShareCommand : ZfsEsxCommand
{
    private readonly List<Operation<ZfsNfsShare>> _operations = [];

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ZfsHost(Single = true)]
    [ArgumentCompleter(typeof(ZfsHostCompleter))]
    public ZfsHost ZfsHost { get; set; } = null!;

    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ZfsFileSystemCompleter))]
    public string FileSystem { get; set; } = "";

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Record()
    {
        (ZfsHost host, string fileSystem) = (ZfsHost, FileSystem);
        _operations.Add(new(host.Name, (_, ct) => NfsShares.PlanRemoveAsync(host, fileSystem, ct), PassThru));
    }

    private protected override void Finish() => WriteObject(Apply([.. _operations]), enumerateCollection: true);
}
