using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Zfs;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.Get, "EncapsulatedZpool")]
[OutputType(typeof(Zpool), typeof(ImportableZpool))]
public sealed class GetEncapsulatedZpoolCommand : ZfsHostReadCommand
{
    [Parameter(Position = 1)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ZpoolCompleter))]
    public string[]? Name { get; set; }

    [Parameter]
    public SwitchParameter Importable { get; set; }

    [Parameter]
    public string[] SearchPath { get; set; } = [];

    private protected override void Finish()
    {
        Func<string, bool> wanted = Patterns.Any(Name);
        if (Importable || SearchPath.Length > 0)
        {
            WriteFromEach((host, ct) => ZpoolImports.GetAsync(host, SearchPath, ct), pool => wanted(pool.Name));
        }
        else
        {
            WriteFromEach(Zpools.GetAsync, pool => wanted(pool.Name));
        }
    }
}
