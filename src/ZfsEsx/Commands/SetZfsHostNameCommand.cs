using System.Collections;
using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Os;
using ZfsEsx.Parameters;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.Set, "ZfsHostName", SupportsShouldProcess = true)]
[OutputType(typeof(ZfsHostName))]
public sealed class SetZfsHostNameCommand : ZfsEsxCommand
{
    private readonly List<Operation<ZfsHostName>> _operations = [];

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ZfsHost(Single = true)]
    [ArgumentCompleter(typeof(ZfsHostCompleter))]
    public ZfsHost ZfsHost { get; set; } = null!;

    [Parameter(Position = 1)]
    public string? HostName { get; set; }

    [Parameter]
    public IDictionary? Entry { get; set; }

    [Parameter]
    public string[]? NameServer { get; set; }

    [Parameter]
    public string[]? SearchDomain { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Record()
    {
        ZfsHost host = ZfsHost;
        HostNameRequest request = new()
        {
            HostName = HostName,
            Entries = [.. Entry.ToTexts().Select(e => new HostEntry(e.Key, e.Value))],
            NameServers = NameServer,
            SearchDomains = SearchDomain,
        };
        _operations.Add(new(host.Name, (_, ct) => HostNames.PlanSetAsync(host, request, ct), PassThru));
    }

    private protected override void Finish() => WriteObject(Apply([.. _operations]), enumerateCollection: true);
}
