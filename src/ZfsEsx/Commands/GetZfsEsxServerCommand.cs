using System.Management.Automation;
using ZfsEsx.Completers;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.Get, "ZfsEsxServer")]
[OutputType(typeof(ZfsEsxServer))]
public sealed class GetZfsEsxServerCommand : ZfsEsxCommand
{
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ServerCompleter))]
    public string[]? Name { get; set; }

    private protected override void Record()
    {
        NameSearch<ZfsEsxServer> search = new(
            "NotConnected", "own connection to a server called", Name, s => [s.Name],
            "Connect-ZfsEsxServer opens one; those of PowerCLI are not listed.");
        WriteObject(search.In(null, Sessions.Servers), enumerateCollection: true);
        WriteNotFound(search);
    }
}
