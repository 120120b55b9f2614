using System.Collections;
using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Os;
using ZfsEsx.Parameters;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.Set, "ZfsHostNetwork", SupportsShouldProcess = true, DefaultParameterSetName = "Interface")]
[OutputType(typeof(ZfsHostNetwork))]
public sealed class SetZfsHostNetworkCommand : ZfsEsxCommand
{
    private readonly List<Operation<ZfsHostNetwork>> _operations = [];

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ZfsHost(Single = true)]
    [ArgumentCompleter(typeof(ZfsHostCompleter))]
    public ZfsHost ZfsHost { get; set; } = null!;

    [Parameter(Mandatory = true, Position = 1, ParameterSetName = "Interface", ValueFromPipelineByPropertyName = true)]
    public string? Interface { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "Mac")]
    [Alias("Mac")]
    public string? MacAddress { get; set; }

    [Parameter(Mandatory = true, Position = 2)]
    public string IPAddress { get; set; } = "";

    [Parameter(Position = 3)]
    public string? SubnetMask { get; set; }

    [Parameter]
    [ValidateRange(576, 9216)]
    public int? Mtu { get; set; }

    [Parameter]
    public string? Gateway { get; set; }

    [Parameter]
    public IDictionary? Route { get; set; }

    [Parameter]
    [ClockTime]
    public TimeSpan RollBackAfter { get; set; } = new HostNetworkRequest { Address = "" }.RollBackAfter;

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Record()
    {
        ZfsHost host = ZfsHost;
        HostNetworkRequest request = new()
        {
            Address = SubnetMask is null ? IPAddress : IPAddress + "/" + Netmask.PrefixLength(SubnetMask),
            Interface = Interface,
            Mac = MacAddress,
            Mtu = Mtu,
            Gateway = Gateway,
            Routes = Route is null ? null : [.. Route.ToTexts().Select(r => new NetworkRoute(r.Key, r.Value))],
            RollBackAfter = RollBackAfter,
            TakeOver = Force,
        };
        _operations.Add(new(host.Name, (_, ct) => HostNetwork.PlanSetAsync(host, request, ct), PassThru));
    }

    private protected override void Finish() => WriteObject(Apply([.. _operations]), enumerateCollection: true);
}
