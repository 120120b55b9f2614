using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Esx;
using ZfsEsx.Parameters;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.New, "EncapsulatedStorageNetwork", SupportsShouldProcess = true)]
[OutputType(typeof(EncapsulatedStorageNetwork))]
public sealed class NewEncapsulatedStorageNetworkCommand : VimCommand
{
    private readonly List<VimTarget> _hosts = [];

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [VimTarget("HostSystem")]
    [ArgumentCompleter(typeof(VMHostCompleter))]
    public VimTarget[] VMHost { get; set; } = [];

    [Parameter(Mandatory = true, Position = 1)]
    public string[] IPAddress { get; set; } = [];

    [Parameter]
    public string SubnetMask { get; set; } = "255.255.255.0";

    [Parameter]
    public string Switch { get; set; } = "eSAN";

    [Parameter]
    public string[] Uplink { get; set; } = [];

    [Parameter]
    [ValidateRange(1280, 9000)]
    public int Mtu { get; set; } = 9000;

    [Parameter]
    public string VmkernelPortGroup { get; set; } = "eSAN-Interface1";

    [Parameter]
    public string VMPortGroup { get; set; } = "eSAN-VM";

    [Parameter]
    [ValidateRange(0, 4094)]
    public int VlanId { get; set; }

    private protected override void Record() => _hosts.AddRange(VMHost);

    private protected override void Finish()
    {
        string? range = IPAddress.Length == 1 && IPAddress[0].IndexOf('-') > 0 ? IPAddress[0] : null;
        if (range is null && _hosts.Count != IPAddress.Length)
        {
            throw Wrong(_hosts.Count + " hosts and " + IPAddress.Length + " addresses do not go together.");
        }

        NewStorageNetwork wanted = new()
        {
            Switch = Switch,
            Uplinks = Uplink,
            Mtu = Mtu,
            VmkernelPortGroup = VmkernelPortGroup,
            VmPortGroup = VMPortGroup,
            VlanId = VlanId,
            SubnetMask = SubnetMask,
        };
        IReadOnlyList<VimGroup> groups = Locate(_hosts);
        if (range is not null && groups.Count > 1)
        {
            throw Wrong(
                "The hosts belong to " + groups.Count + " connections, which cannot share one range of addresses.");
        }

        ApplyToEach(
            groups,
            (group, ct) => range is null
                ? StorageNetwork.PlanNewAsync(group.Client, Addresses(group), wanted, ct)
                : StorageNetwork.PlanNewAsync(group.Client, group.References, range, wanted, ct),
            network => network.VMHost,
            output: true);
    }

    private List<StorageNetworkAddress> Addresses(VimGroup group) =>
        [.. group.Found.Select(f => new StorageNetworkAddress(f.Reference, IPAddress[_hosts.IndexOf(f.Target)]))];

    private static ZfsEsxException Wrong(string message) => new(
        "AddressCount", FailureKind.InvalidArgument, "IPAddress", message,
        "Give one address for each host, in the order of the hosts, or a range as in 10.99.0.101-10.99.0.120.");
}
