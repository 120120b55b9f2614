using System.Management.Automation;
using ZfsEsx.Zfs;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsDiagnostic.Test, "EncapsulatedZpool")]
[OutputType(typeof(ZpoolCheck), typeof(bool))]
public sealed class TestEncapsulatedZpoolCommand : ZfsHostReadCommand
{
    [Parameter(Position = 1)]
    [SupportsWildcards]
    public string[]? Name { get; set; }

    [Parameter]
    public string? SimulateDedup { get; set; }

    [Parameter]
    public SwitchParameter Quiet { get; set; }

    private protected override void Finish()
    {
        Func<string, bool> wanted = Patterns.Any(Name);
        if (!Quiet)
        {
            WriteFromEach((host, ct) => ZpoolChecks.GetAsync(host, SimulateDedup, ct), check => wanted(check.Name));
            return;
        }

        foreach ((Os.ZfsHost host, Task<IReadOnlyList<ZpoolCheck>> answer) in RunEach(
            Hosts, (h, _, ct) => ZpoolChecks.GetAsync(h, SimulateDedup, ct)))
        {
            if (answer.IsFaulted)
            {
                WriteError(answer.Exception!.ToErrorRecord(host.Name));
            }
            else
            {
                WriteObject(answer.Result.Where(c => wanted(c.Name)).All(c => c.Status != ZpoolCheckStatus.Failed));
            }
        }
    }
}
