using System.Management.Automation;
using ZfsEsx.Zfs;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.Get, "ZfsArc")]
[OutputType(typeof(ZfsArc))]
public sealed class GetZfsArcCommand : ZfsHostReadCommand
{
    private protected override void Finish() => WriteFromEach(ZfsArcs.GetAsync);
}
