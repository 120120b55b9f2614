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
        Func<string, bool> wanted = Patterns.Any(Name);
        WriteObject(Sessions.Servers.Where(s => wanted(s.Name)), enumerateCollection: true);
    }
}
