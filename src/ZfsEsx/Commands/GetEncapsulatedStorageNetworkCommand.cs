using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Esx;
using ZfsEsx.Parameters;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.Get, "EncapsulatedStorageNetwork")]
[OutputType(typeof(EncapsulatedStorageNetwork))]
public sealed class GetEncapsulatedStorageNetworkCommand : VimCommand
{
    private readonly List<VimTarget> _hosts = [];

    [Parameter(Position = 0, ValueFromPipeline = true)]
    [SupportsWildcards]
    [VimTarget("HostSystem")]
    [ArgumentCompleter(typeof(VMHostCompleter))]
    public VimTarget[] VMHost { get; set; } = [];

    [Parameter(Position = 1)]
    public string Switch { get; set; } = "eSAN";

    private protected override void Record() => _hosts.AddRange(VMHost);

    private protected override void Finish() => WriteFromEach(
        LocateToRead(_hosts, "HostSystem", nameof(VMHost)),
        (group, ct) => StorageNetwork.GetAsync(group.Client, group.References, Switch, ct),
        new(
            "SwitchNotFound", "switch", MyInvocation.BoundParameters.ContainsKey(nameof(Switch)) ? [Switch] : null,
            network => [network.Switch],
            "New-EncapsulatedStorageNetwork makes one; a host without the switch is left out.")
        {
            SeesAll = false,
        });
}
