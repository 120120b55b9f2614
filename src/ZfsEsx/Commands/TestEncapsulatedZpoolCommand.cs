using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Zfs;
using ZfsHost = ZfsEsx.Os.ZfsHost;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsDiagnostic.Test, "EncapsulatedZpool")]
[OutputType(typeof(ZpoolCheck), typeof(bool))]
public sealed class TestEncapsulatedZpoolCommand : ZfsHostReadCommand
{
    [Parameter(Position = 1)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ZpoolCompleter))]
    public string[]? Name { get; set; }

    [Parameter]
    [ArgumentCompleter(typeof(ZpoolCompleter))]
    public string? SimulateDedup { get; set; }

    [Parameter]
    public SwitchParameter Quiet { get; set; }

    private protected override void Finish()
    {
        bool all = IsLeftOut(nameof(ZfsHost));
        NamedThings named = new(Name, all);
        NamedThings simulated = new(SimulateDedup is null ? [] : [SimulateDedup], all);
        CheckWriter<ZpoolCheck> writer =
            new(this, Quiet, c => c.Status == ZpoolCheckStatus.Failed, ZpoolChecks.NotFound);
        foreach ((ZfsHost host, Task<IReadOnlyList<ZpoolCheck>> answer) in RunEach(
            Hosts, (h, _, ct) => ZpoolChecks.GetAsync(h, SimulateDedup, ct)))
        {
            writer.Write(
                host.Name, answer, c => named.Matches(c.Name) || IsSimulation(c),
                (named, checks => checks.Select(c => c.Name)),
                (simulated, checks => checks.Where(IsSimulation).Select(c => c.Name)));
        }

        writer.End(named, simulated);
    }

    private static bool IsSimulation(ZpoolCheck check) => check.Check == ZpoolChecks.Simulated;
}
