using System.Management.Automation;
using ZfsEsx.Zfs;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.Get, "EncapsulatedZpool")]
[OutputType(typeof(Zpool))]
public sealed class GetEncapsulatedZpoolCommand : ZfsHostReadCommand
{
    [Parameter(Position = 1)]
    [SupportsWildcards]
    public string[]? Name { get; set; }

    private protected override void Finish()
    {
        Func<string, bool> wanted = Patterns.Any(Name);
        WriteFromEach(Zpools.GetAsync, pool => wanted(pool.Name));
    }
}
