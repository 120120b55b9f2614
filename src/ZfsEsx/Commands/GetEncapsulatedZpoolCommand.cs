using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Zfs;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.Get, "EncapsulatedZpool", DefaultParameterSetName = "Imported")]
[OutputType(typeof(Zpool), typeof(ImportableZpool))]
public sealed class GetEncapsulatedZpoolCommand : ZfsHostReadCommand
{
    [Parameter(Position = 1, ParameterSetName = "Imported")]
    [Parameter(Position = 1, ParameterSetName = "Importable")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ZpoolCompleter))]
    public string[]? Name { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "Importable")]
    public SwitchParameter Importable { get; set; }

    [Parameter(ParameterSetName = "Importable")]
    public string[] SearchPath { get; set; } = [];

    private protected override void Finish()
    {
        Func<string, bool> wanted = Patterns.Any(Name);
        if (Importable)
        {
            WriteFromEach((host, ct) => ZpoolImports.GetAsync(host, SearchPath, ct), pool => wanted(pool.Name));
        }
        else
        {
            WriteFromEach(Zpools.GetAsync, pool => wanted(pool.Name));
        }
    }
}
