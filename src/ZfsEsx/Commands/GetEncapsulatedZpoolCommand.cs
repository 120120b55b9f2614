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
        if (Importable || SearchPath.Length > 0)
        {
            WriteFromEach((host, ct) => ZpoolImports.GetAsync(host, SearchPath, ct), new(
                "PoolNotFound", "pool to import", Name, pool => [pool.Name],
                "Leave -Importable out for those that are imported; -SearchPath looks in other folders."));
        }
        else
        {
            WriteFromEach(Zpools.GetAsync, new(
                "PoolNotFound", "pool", Name, pool => [pool.Name],
                "-Importable shows those that are not imported yet."));
        }
    }
}
