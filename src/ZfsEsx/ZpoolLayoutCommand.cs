using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Os;
using ZfsEsx.Parameters;
using ZfsEsx.Zfs;

namespace ZfsEsx;

/// <summary>A cmdlet that gives disks to a pool.</summary>
public abstract class ZpoolLayoutCommand : ZfsEsxCommand
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ZfsHost(Single = true)]
    [ArgumentCompleter(typeof(ZfsHostCompleter))]
    public ZfsHost ZfsHost { get; set; } = null!;

    [Parameter]
    [ValidateSet("disk", "mirror", "raidz1", "raidz2", "raidz3")]
    public string Layout { get; set; } = "disk";

    [Parameter]
    [ValidateRange(1, 64)]
    public int? VdevWidth { get; set; }

    [Parameter]
    [DiskName]
    [ArgumentCompleter(typeof(ZfsDiskCompleter))]
    public DiskName[] Log { get; set; } = [];

    [Parameter]
    public SwitchParameter MirrorLog { get; set; }

    [Parameter]
    [DiskName]
    [ArgumentCompleter(typeof(ZfsDiskCompleter))]
    public DiskName[] Special { get; set; } = [];

    [Parameter]
    [DiskName]
    [ArgumentCompleter(typeof(ZfsDiskCompleter))]
    public DiskName[] Dedup { get; set; } = [];

    [Parameter]
    public SwitchParameter MirrorSpecial { get; set; }

    [Parameter]
    [DiskName]
    [ArgumentCompleter(typeof(ZfsDiskCompleter))]
    public DiskName[] Cache { get; set; } = [];

    [Parameter]
    [DiskName]
    [ArgumentCompleter(typeof(ZfsDiskCompleter))]
    public DiskName[] Spare { get; set; } = [];

    [Parameter]
    public SwitchParameter AllowUneven { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool SkipQuestions => Force;

    /// <summary>What the parameters say, with these data disks, on this storage VM.</summary>
    private protected ZpoolRequest Request(ZfsHost host, string name, IEnumerable<DiskName> data)
    {
        string[] disks = DiskName.On(host, data);
        return new ZpoolRequest
        {
            Name = name,
            Data = disks.Length == 0 ? [] : Vdevs.Layout(Layout, VdevWidth, disks),
            Log = Group(host, Log, MirrorLog),
            Special = Group(host, Special, MirrorSpecial),
            Dedup = Group(host, Dedup, MirrorSpecial),
            Cache = DiskName.On(host, Cache),
            Spare = DiskName.On(host, Spare),
            Force = Force,
            AllowUneven = AllowUneven,
        };
    }

    private static IReadOnlyList<VdevSpec> Group(ZfsHost host, DiskName[] disks, bool mirror) =>
        disks.Length == 0 ? [] : [new VdevSpec(mirror ? "mirror" : "disk", DiskName.On(host, disks))];
}
