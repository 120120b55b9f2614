using System.Management.Automation;
using ZfsEsx.Parameters;
using ZfsEsx.Zfs;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.Set, "ZfsArc", SupportsShouldProcess = true)]
[OutputType(typeof(ZfsArc))]
public sealed class SetZfsArcCommand : ZfsHostCommand
{
    [Parameter(Position = 1)]
    [ByteSize]
    public ByteSize? Max { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Finish() => WriteObject(
        Apply<ZfsArc>([.. Hosts.Select(host => new Operation<ZfsArc>(
            host.Name, (_, ct) => ZfsArcs.PlanSetAsync(host, Max?.Bytes, ct), PassThru))]),
        enumerateCollection: true);
}
