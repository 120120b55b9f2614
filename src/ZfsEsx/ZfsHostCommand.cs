using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Os;
using ZfsEsx.Parameters;

namespace ZfsEsx;

/// <summary>A cmdlet over storage VMs that must be named: what changes something never means all by itself.</summary>
public abstract class ZfsHostCommand : ZfsEsxCommand
{
    private readonly List<ZfsHost> _hosts = [];

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ZfsHost]
    [ArgumentCompleter(typeof(ZfsHostCompleter))]
    public ZfsHost[] ZfsHost { get; set; } = [];

    private protected override void Record() => _hosts.AddRange(ZfsHost.Where(h => !_hosts.Contains(h)));

    /// <summary>The storage VMs given, each once, in the order given.</summary>
    private protected IReadOnlyList<ZfsHost> Hosts => _hosts;
}
