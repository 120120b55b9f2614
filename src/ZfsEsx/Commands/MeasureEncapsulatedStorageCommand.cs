using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Os;
using ZfsEsx.Parameters;
using ZfsEsx.Zfs;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsDiagnostic.Measure, "EncapsulatedStorage", SupportsShouldProcess = true)]
[OutputType(typeof(StorageMeasurement))]
public sealed class MeasureEncapsulatedStorageCommand : ZfsEsxCommand
{
    private readonly List<Operation<IReadOnlyList<StorageMeasurement>>> _operations = [];

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ZfsHost]
    [ArgumentCompleter(typeof(ZfsHostCompleter))]
    public ZfsHost[] ZfsHost { get; set; } = [];

    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ZfsFileSystemCompleter))]
    public string? FileSystem { get; set; }

    [Parameter]
    public MeasureWay Via { get; set; }

    [Parameter]
    [ValidateSet("Read512", "Write512", "Mix4k", "Mix8k", "Mix64k", "Mix1M", "Write4k")]
    public string[]? Workload { get; set; }

    [Parameter]
    [Alias("Seconds")]
    [ValidateRange(1, 3600)]
    public int Second { get; set; } = 10;

    [Parameter]
    [ByteSize]
    public ByteSize Size { get; set; } = 256L << 20;

    [Parameter]
    [ValidateRange(1, 256)]
    public int QueueDepth { get; set; } = 8;

    [Parameter]
    [ValidateRange(1, 100)]
    public int Repeat { get; set; } = 1;

    [Parameter]
    public LogComparison CompareLog { get; set; }

    [Parameter]
    [ZfsHost(Single = true)]
    [ArgumentCompleter(typeof(ZfsHostCompleter))]
    public ZfsHost? Client { get; set; }

    [Parameter]
    public string? Address { get; set; }

    // Two at a time would measure each other.
    private protected override int Throttle => 1;

    private protected override void Record()
    {
        MeasureRequest request = new()
        {
            FileSystem = FileSystem, Seconds = Second, Size = Size, QueueDepth = QueueDepth, Repeat = Repeat,
            CompareLog = CompareLog, Client = Client, Address = Address,
            Via = Via switch
            {
                MeasureWay.Both => [MeasureVia.Pool, MeasureVia.Nfs],
                MeasureWay.Nfs => [MeasureVia.Nfs],
                _ => [MeasureVia.Pool],
            },
        };
        if (Workload is not null)
        {
            request = request with { Workloads = [.. Workload.Select(MeasureWorkload.Find)] };
        }

        _operations.AddRange(ZfsHost.Select(host => new Operation<IReadOnlyList<StorageMeasurement>>(
            host.Name, (_, ct) => PlanAsync(host, request, ct))));
    }

    private protected override void Finish()
    {
        foreach (IReadOnlyList<StorageMeasurement> runs in Apply([.. _operations]))
        {
            WriteObject(runs, enumerateCollection: true);
        }
    }

    private static async Task<Plan<IReadOnlyList<StorageMeasurement>>> PlanAsync(
        ZfsHost host, MeasureRequest request, CancellationToken ct)
    {
        if (request.Address is null && request.Via.Contains(MeasureVia.Nfs) && host.System == HostSystem.Linux)
        {
            IReadOnlyList<ZfsHostNetwork> networks = await HostNetwork.GetAsync(host, ct).ConfigureAwait(false);
            request = request with { Address = RingMembers.StorageAddress(new(host.Name, [], networks)) };
        }

        return await StorageMeasures.PlanAsync(host, request, ct).ConfigureAwait(false);
    }
}
