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
        Func<string, bool> wanted = Patterns.Any(Name);
        WriteObject(Sessions.Hosts.Where(h => wanted(h.Name)), enumerateCollection: true);
    }
}
