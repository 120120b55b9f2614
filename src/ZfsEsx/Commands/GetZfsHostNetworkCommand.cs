using System.Management.Automation;
using ZfsEsx.Os;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.Get, "ZfsHostNetwork")]
[OutputType(typeof(ZfsHostNetwork))]
public sealed class GetZfsHostNetworkCommand : ZfsHostReadCommand
{
    [Parameter(Position = 1)]
    [SupportsWildcards]
    public string[]? Interface { get; set; }

    private protected override void Finish()
    {
        Func<string, bool> wanted = Patterns.Any(Interface);
        WriteFromEach(HostNetwork.GetAsync, network => wanted(network.Interface));
    }
}
