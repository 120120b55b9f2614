using System.Management.Automation;
using ZfsEsx.Os;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.Get, "ZfsHostName")]
[OutputType(typeof(ZfsHostName))]
public sealed class GetZfsHostNameCommand : ZfsHostReadCommand
{
    private protected override void Finish() =>
        WriteFromEach<ZfsHostName>(
            async (host, ct) => [await HostNames.GetAsync(host, ct).ConfigureAwait(false)]);
}
