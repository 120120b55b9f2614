using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Os;
using ZfsEsx.Parameters;
using ZfsEsx.Zfs;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsData.Import, "EncapsulatedZpool", SupportsShouldProcess = true)]
[OutputType(typeof(Zpool))]
public sealed class ImportEncapsulatedZpoolCommand : ZfsEsxCommand
{
    private readonly List<Operation<Zpool>> _operations = [];

    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ZfsHost(Single = true)]
    [ArgumentCompleter(typeof(ZfsHostCompleter))]
    public ZfsHost ZfsHost { get; set; } = null!;

    // The number comes first: it tells pools of one name apart when both come down the pipeline.
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [Alias("Name")]
    public string Id { get; set; } = "";

    [Parameter]
    public string? NewName { get; set; }

    [Parameter]
    public string[] SearchPath { get; set; } = [];

    [Parameter]
    public SwitchParameter ReadOnly { get; set; }

    [Parameter]
    public SwitchParameter AllowMissingLog { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool SkipQuestions => Force;

    private protected override void Record()
    {
        ZfsHost host = ZfsHost;
        ZpoolImportRequest request = new()
        {
            Name = Id,
            NewName = NewName,
            SearchPath = SearchPath,
            ReadOnly = ReadOnly,
            AllowMissingLog = AllowMissingLog,
            Force = Force,
        };
        _operations.Add(new(host.Name, (_, ct) => ZpoolImports.PlanImportAsync(host, request, ct)));
    }

    private protected override void Finish() => WriteObject(Apply([.. _operations]), enumerateCollection: true);
}
