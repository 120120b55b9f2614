using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Zfs;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.Get, "ZpoolScrub")]
[OutputType(typeof(ZpoolScrub))]
public sealed class GetZpoolScrubCommand : ZfsHostReadCommand
{
    [Parameter(Position = 1)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ZpoolCompleter))]
    public string[]? Name { get; set; }

    private protected override void Finish()
    {
        WriteFromEach(ZpoolScrubs.GetAsync, new(
            "PoolNotFound", "pool", Name, scrub => [scrub.Name],
            "Get-EncapsulatedZpool -Importable shows those that are not imported yet."));
    }
}
