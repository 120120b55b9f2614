using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Os;
using ZfsEsx.Parameters;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommunications.Disconnect, "ZfsHost")]
[OutputType(typeof(void))]
public sealed class DisconnectZfsHostCommand : ZfsEsxCommand
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ZfsHost]
    [ArgumentCompleter(typeof(ZfsHostCompleter))]
    public ZfsHost[] ZfsHost { get; set; } = [];

    private protected override void Record()
    {
        foreach (ZfsHost host in ZfsHost)
        {
            Sessions.Remove(host);
        }
    }
}
