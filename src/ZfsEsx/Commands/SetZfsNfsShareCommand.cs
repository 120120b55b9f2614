using System.Collections;
using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Os;
using ZfsEsx.Parameters;
using ZfsEsx.Zfs;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.Set, "ZfsNfsShare", SupportsShouldProcess = true)]
[OutputType(typeof(ZfsNfsShare))]
public sealed class SetZfsNfsShareCommand : NfsShareCommand
{
    private readonly List<(ZfsHost Host, NfsShareRequest Request)> _wanted = [];

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ZfsHost(Single = true)]
    [ArgumentCompleter(typeof(ZfsHostCompleter))]
    public ZfsHost ZfsHost { get; set; } = null!;

    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ZfsFileSystemCompleter))]
    public string FileSystem { get; set; } = "";

    [Parameter(Position = 2, ValueFromPipelineByPropertyName = true)]
    public string MountPoint { get; set; } = "";

    [Parameter(Position = 3)]
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
    [ValidateSet("Standard", "Always", "Disabled")]
    public string? Sync { get; set; }

    [Parameter]
    [ByteSize]
    public ByteSize? Quota { get; set; }

    [Parameter]
    [ByteSize]
    public ByteSize? RefQuota { get; set; }

    [Parameter]
    [ByteSize]
    public ByteSize? RefReservation { get; set; }

    [Parameter]
    public SwitchParameter Atime { get; set; }

    [Parameter]
    public Hashtable? Property { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Record() => _wanted.Add((ZfsHost, new NfsShareRequest
    {
        FileSystem = FileSystem,
        MountPoint = MountPoint,
        Clients = Client,
        ReadWrite = MyInvocation.BoundParameters.ContainsKey(nameof(ReadOnly)) ? !ReadOnly : null,
        RecordSize = RecordSize?.Bytes,
        Compression = Compression,
        Sync = Sync?.ToLowerInvariant(),
        Quota = Quota?.Bytes,
        RefQuota = RefQuota?.Bytes,
        RefReservation = RefReservation?.Bytes,
        Atime = Atime,
        Properties = Property.ToTexts(),
    }));

    private protected override void Finish()
    {
        if (MountingHosts() is not IReadOnlyList<MountingHost> hosts)
        {
            return;
        }

        WriteObject(
            Apply<ZfsNfsShare>([.. _wanted.Select(w => new Operation<ZfsNfsShare>(
                w.Host.Name,
                (_, ct) => NfsShares.PlanSetAsync(w.Host, w.Request with { Hosts = hosts }, ct),
                PassThru))]),
            enumerateCollection: true);
    }
}
