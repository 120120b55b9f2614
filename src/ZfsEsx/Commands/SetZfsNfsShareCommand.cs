using System.Collections;
using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Os;
using ZfsEsx.Parameters;
using ZfsEsx.Zfs;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.Set, "ZfsNfsShare", SupportsShouldProcess = true)]
[OutputType(typeof(ZfsNfsShare))]
public sealed class SetZfsNfsShareCommand : ZfsEsxCommand
{
    private readonly List<Operation<ZfsNfsShare>> _operations = [];

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ZfsHost(Single = true)]
    [ArgumentCompleter(typeof(ZfsHostCompleter))]
    public ZfsHost ZfsHost { get; set; } = null!;

    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ZfsFileSystemCompleter))]
    public string FileSystem { get; set; } = "";

    [Parameter(Mandatory = true, Position = 2, ValueFromPipelineByPropertyName = true)]
    public string MountPoint { get; set; } = "";

    [Parameter(Mandatory = true, Position = 3)]
    [NfsClient]
    public NfsClient[] Client { get; set; } = [];

    [Parameter]
    public SwitchParameter ReadOnly { get; set; }

    [Parameter]
    [ByteSize]
    public ByteSize? RecordSize { get; set; }

    [Parameter]
    public string? Compression { get; set; }

    [Parameter]
    public SwitchParameter Atime { get; set; }

    [Parameter]
    public Hashtable? Property { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Record()
    {
        ZfsHost host = ZfsHost;
        NfsShareRequest request = new()
        {
            FileSystem = FileSystem,
            MountPoint = MountPoint,
            Clients = Client,
            ReadWrite = !ReadOnly,
            RecordSize = RecordSize?.Bytes,
            Compression = Compression,
            Atime = Atime,
            Properties = Property.ToTexts(),
        };
        _operations.Add(new(host.Name, (_, ct) => NfsShares.PlanSetAsync(host, request, ct), PassThru));
    }

    private protected override void Finish() => WriteObject(Apply([.. _operations]), enumerateCollection: true);
}
