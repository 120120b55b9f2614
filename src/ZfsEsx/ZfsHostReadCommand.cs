using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Os;
using ZfsEsx.Parameters;

namespace ZfsEsx;

/// <summary>
/// A cmdlet that reads from storage VMs: all that the pipeline brings are asked side by side. Where none is named, all
/// connected ones are meant; cmdlets that change something never take that from here.
/// </summary>
public abstract class ZfsHostReadCommand : ZfsEsxCommand
{
    private readonly List<ZfsHost> _hosts = [];

    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ZfsHost]
    [ArgumentCompleter(typeof(ZfsHostCompleter))]
    public ZfsHost[] ZfsHost { get; set; } = [];

    private protected override void Record() => _hosts.AddRange(ZfsHost.Where(h => !_hosts.Contains(h)));

    /// <summary>The storage VMs given, each once, in the order given; all connected ones where none is.</summary>
    private protected IReadOnlyList<ZfsHost> Hosts => !IsLeftOut(nameof(ZfsHost)) ? _hosts : Connected;

    /// <summary>
    /// Writes what every storage VM answers; one that fails is an error of its own, and so is a name that none has.
    /// </summary>
    private protected void WriteFromEach<T>(
        Func<ZfsHost, CancellationToken, Task<IReadOnlyList<T>>> read, NameSearch<T>? search = null)
    {
        search ??= NameSearch<T>.All;
        bool anyFaulted = false;
        foreach ((ZfsHost host, Task<IReadOnlyList<T>> answer) in RunEach(Hosts, (h, _, ct) => read(h, ct)))
        {
            if (answer.IsFaulted)
            {
                anyFaulted = true;
                WriteError(answer.Exception!.ToErrorRecord(host.Name));
            }
            else
            {
                WriteObject(search.In(host.Name, answer.Result), enumerateCollection: true);
            }
        }

        WriteNotFound(search, anyFaulted);
    }
}
