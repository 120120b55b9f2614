using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Os;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.Get, "ZfsHost")]
[OutputType(typeof(ZfsHost))]
public sealed class GetZfsHostCommand : ZfsEsxCommand
{
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ZfsHostCompleter))]
    public string[]? Name { get; set; }

    private protected override void Record()
    {
        NameSearch<ZfsHost> search = new(
            "NotConnected", "connection to a storage VM called", Name, h => [h.Name], "Connect-ZfsHost opens one.");
        WriteObject(search.In(null, Sessions.Hosts), enumerateCollection: true);
        WriteNotFound(search);
    }
}
