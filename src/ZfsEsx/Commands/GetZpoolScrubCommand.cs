using System.Management.Automation;
using ZfsEsx.Zfs;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.Get, "ZpoolScrub")]
[OutputType(typeof(ZpoolScrub))]
public sealed class GetZpoolScrubCommand : ZfsHostReadCommand
{
    [Parameter(Position = 1)]
    [SupportsWildcards]
    public string[]? Name { get; set; }

    private protected override void Finish()
    {
        Func<string, bool> wanted = Patterns.Any(Name);
        WriteFromEach(ZpoolScrubs.GetAsync, scrub => wanted(scrub.Name));
    }
}
