using System.Collections;
using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Os;
using ZfsEsx.Parameters;
using ZfsEsx.Zfs;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.New, "EncapsulatedZpool", SupportsShouldProcess = true)]
[OutputType(typeof(Zpool))]
public sealed class NewEncapsulatedZpoolCommand : ZpoolLayoutCommand
{
    private readonly List<(ZfsHost Host, DiskName Disk)> _disks = [];

    [Parameter(Mandatory = true, Position = 1)]
    public string Name { get; set; } = "";

    [Parameter(Mandatory = true, Position = 2, ValueFromPipeline = true)]
    [DiskName]
    [ArgumentCompleter(typeof(ZfsDiskCompleter))]
    public DiskName[] Disk { get; set; } = [];

    [Parameter]
    public Hashtable? Property { get; set; }

    [Parameter]
    public Hashtable? FileSystemProperty { get; set; }

    private protected override void Record() => _disks.AddRange(Disk.Select(d => (ZfsHost, d)));

    private protected override void Finish() =>
        WriteObject(Apply([.. _disks.GroupBy(d => d.Host, d => d.Disk).Select(Operation)]), enumerateCollection: true);

    private Operation<Zpool> Operation(IGrouping<ZfsHost, DiskName> disks)
    {
        ZpoolRequest request = Request(disks.Key, Name, disks) with
        {
            Properties = Property.ToTexts(),
            FileSystemProperties = FileSystemProperty.ToTexts(),
        };
        return new(disks.Key.Name, (_, ct) => Zpools.PlanNewAsync(disks.Key, request, ct));
    }
}
