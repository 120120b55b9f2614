using System.Management.Automation;
using ZfsEsx.Os;

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
        if (!Quiet)
        {
            WriteFromEach(ReadAsync);
            return;
        }

        foreach ((ZfsHost host, Task<IReadOnlyList<ZfsHostCheck>> answer) in RunEach(
            Hosts, (h, _, ct) => ReadAsync(h, ct)))
        {
            if (answer.IsFaulted)
            {
                WriteError(answer.Exception!.ToErrorRecord(host.Name));
            }

            WriteObject(!answer.IsFaulted && answer.Result.All(c => c.Status != ZfsHostCheckStatus.Failed));
        }
    }

    private static Task<IReadOnlyList<ZfsHostCheck>> ReadAsync(ZfsHost host, CancellationToken ct) =>
        HostChecks.GetAsync(host, () => DateTimeOffset.UtcNow, TimeZoneInfo.Local, ct);
}
