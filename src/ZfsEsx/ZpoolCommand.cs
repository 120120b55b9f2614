using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Os;
using ZfsEsx.Parameters;

namespace ZfsEsx;

/// <summary>A cmdlet that changes something about pools that are there; the pipeline brings pools.</summary>
public abstract class ZpoolCommand<T> : ZfsEsxCommand
{
    private readonly List<Operation<T>> _operations = [];

    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ZfsHost(Single = true)]
    [ArgumentCompleter(typeof(ZfsHostCompleter))]
    public ZfsHost ZfsHost { get; set; } = null!;

    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ZpoolCompleter))]
    public string Name { get; set; } = "";

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>What is to be done with this pool, from the parameters as they are now.</summary>
    private protected abstract Func<CancellationToken, Task<Plan<T>>> Plan(ZfsHost host, string name);

    private protected override void Record()
    {
        Func<CancellationToken, Task<Plan<T>>> plan = Plan(ZfsHost, Name);
        _operations.Add(new(ZfsHost.Name, (_, ct) => plan(ct), PassThru));
    }

    private protected override void Finish() => WriteObject(Apply([.. _operations]), enumerateCollection: true);
}
