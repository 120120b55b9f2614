using System.Management.Automation;
using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsDiagnostic.Test, "ZfsHost")]
[OutputType(typeof(ZfsHostCheck))]
[OutputType(typeof(bool))]
public sealed class TestZfsHostCommand : ZfsHostReadCommand
{
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    private protected override void Finish()
    {
        RemoteCommand nothing = new("true");
        foreach ((ZfsHost host, Task<CommandResult> answer) in RunEach(Hosts, (h, _, ct) => h.RunAsUserAsync(nothing, ct)))
        {
            IReadOnlyList<ZfsHostCheck> checks = ZfsHostCheck.Of(host, answer.Exception?.InnerException);
            if (Quiet)
            {
                WriteObject(checks.All(c => c.Status != ZfsHostCheckStatus.Failed));
            }
            else
            {
                WriteObject(checks, enumerateCollection: true);
            }
        }
    }
}
