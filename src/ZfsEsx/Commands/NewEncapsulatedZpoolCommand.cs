using System.Collections;
using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Os;
using ZfsEsx.Parameters;
using ZfsEsx.Zfs;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.New, "EncapsulatedZpool", SupportsShouldProcess = true)]
[OutputType(typeof(Zpool))]
public sealed class NewEncapsulatedZpoolCommand : ZfsEsxCommand
{
    private readonly List<(ZfsHost Host, string Disk)> _disks = [];

    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ZfsHost(Single = true)]
    [ArgumentCompleter(typeof(ZfsHostCompleter))]
    public ZfsHost ZfsHost { get; set; } = null!;

    [Parameter(Mandatory = true, Position = 1)]
    public string Name { get; set; } = "";

    [Parameter(Mandatory = true, Position = 2, ValueFromPipeline = true)]
    [DiskName]
    [ArgumentCompleter(typeof(ZfsDiskCompleter))]
    public string[] Disk { get; set; } = [];

    [Parameter]
    [ValidateSet("disk", "mirror", "raidz1", "raidz2", "raidz3")]
    public string Layout { get; set; } = "disk";

    [Parameter]
    [ValidateRange(1, 64)]
    public int? VdevWidth { get; set; }

    [Parameter]
    [DiskName]
    [ArgumentCompleter(typeof(ZfsDiskCompleter))]
    public string[] Log { get; set; } = [];

    [Parameter]
    public SwitchParameter MirrorLog { get; set; }

    [Parameter]
    [DiskName]
    [ArgumentCompleter(typeof(ZfsDiskCompleter))]
    public string[] Cache { get; set; } = [];

    [Parameter]
    [DiskName]
    [ArgumentCompleter(typeof(ZfsDiskCompleter))]
    public string[] Spare { get; set; } = [];

    [Parameter]
    public Hashtable? Property { get; set; }

    [Parameter]
    public Hashtable? FileSystemProperty { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool SkipQuestions => Force;

    private protected override void Record() => _disks.AddRange(Disk.Select(d => (ZfsHost, d)));

    private protected override void Finish() =>
        WriteObject(Apply([.. _disks.GroupBy(d => d.Host, d => d.Disk).Select(Operation)]), enumerateCollection: true);

    private Operation<Zpool> Operation(IGrouping<ZfsHost, string> disks)
    {
        ZpoolRequest request = new()
        {
            Name = Name,
            Data = Vdevs.Layout(Layout, VdevWidth, [.. disks]),
            Log = Log.Length == 0 ? [] : [new VdevSpec(MirrorLog ? "mirror" : "disk", Log)],
            Cache = Cache,
            Spare = Spare,
            Properties = Property.ToTexts(),
            FileSystemProperties = FileSystemProperty.ToTexts(),
            Force = Force,
        };
        return new(disks.Key.Name, (_, ct) => Zpools.PlanNewAsync(disks.Key, request, ct));
    }
}
