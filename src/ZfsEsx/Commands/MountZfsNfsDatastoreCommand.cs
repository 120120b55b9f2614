using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Esx;
using ZfsEsx.Parameters;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsData.Mount, "ZfsNfsDatastore", SupportsShouldProcess = true)]
[OutputType(typeof(ZfsNfsDatastore))]
public sealed class MountZfsNfsDatastoreCommand : VimCommand
{
    private readonly List<VimTarget> _hosts = [];

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [VimTarget("HostSystem")]
    [ArgumentCompleter(typeof(VMHostCompleter))]
    public VimTarget[] VMHost { get; set; } = [];

    [Parameter(Mandatory = true, Position = 1)]
    [ArgumentCompleter(typeof(NfsDatastoreCompleter))]
    public string Name { get; set; } = "";

    [Parameter(Mandatory = true, Position = 2)]
    [Alias("NfsHost")]
    public string[] RemoteHost { get; set; } = [];

    [Parameter(Mandatory = true, Position = 3)]
    [Alias("Path")]
    public string RemotePath { get; set; } = "";

    [Parameter]
    [ValidateSet("3", "4.1")]
    public string NfsVersion { get; set; } = "3";

    [Parameter]
    public SwitchParameter ReadOnly { get; set; }

    [Parameter]
    public SwitchParameter RaiseLimit { get; set; }

    private protected override void Record() => _hosts.AddRange(VMHost);

    private protected override void Finish()
    {
        NfsMount mount = new()
        {
            Name = Name,
            RemoteHost = RemoteHost[0],
            OtherAddresses = [.. RemoteHost.Skip(1)],
            RemotePath = RemotePath,
            Nfs41 = NfsVersion == "4.1",
            ReadOnly = ReadOnly,
            RaiseLimit = RaiseLimit,
        };
        ApplyToEach(
            Locate(_hosts),
            (group, ct) => NfsDatastore.PlanMountAsync(group.Client, group.References, mount, ct),
            datastore => datastore.VMHost,
            output: true,
            NfsDatastore.Problem);
    }
}
