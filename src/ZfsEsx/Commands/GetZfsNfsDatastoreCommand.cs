using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Esx;
using ZfsEsx.Parameters;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.Get, "ZfsNfsDatastore")]
[OutputType(typeof(ZfsNfsDatastore))]
public sealed class GetZfsNfsDatastoreCommand : VimCommand
{
    private readonly List<VimTarget> _hosts = [];

    [Parameter(Position = 0, ValueFromPipeline = true)]
    [SupportsWildcards]
    [VimTarget("HostSystem")]
    [ArgumentCompleter(typeof(VMHostCompleter))]
    public VimTarget[] VMHost { get; set; } = [];

    [Parameter(Position = 1)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(NfsDatastoreCompleter))]
    public string[]? Name { get; set; }

    private protected override void Record() => _hosts.AddRange(VMHost);

    private protected override void Finish()
    {
        WriteFromEach(
            LocateToRead(_hosts, "HostSystem", nameof(VMHost)),
            (group, ct) => NfsDatastore.GetAsync(group.Client, group.References, null, ct),
            new(
                "DatastoreNotFound", "NFS datastore", Name, datastore => [datastore.Name],
                "Mount-ZfsNfsDatastore mounts one; datastores of other kinds are not listed."));
    }
}
