using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Esx;
using ZfsEsx.Os;
using ZfsEsx.Parameters;
using ZfsEsx.Vim;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsLifecycle.Start, "EncapsulatedHostService", SupportsShouldProcess = true)]
[OutputType(typeof(EncapsulatedHostService))]
public sealed class StartEncapsulatedHostServiceCommand : HostServiceCommand
{
    [Parameter]
    [VimTarget("Datastore")]
    [ArgumentCompleter(typeof(DatastoreCompleter))]
    public VimTarget[] Datastore { get; set; } = [];

    [Parameter]
    [VimTarget("HostSystem")]
    [ArgumentCompleter(typeof(VMHostCompleter))]
    public VimTarget[] Destination { get; set; } = [];

    [Parameter]
    [ZfsHost(Single = true)]
    [ArgumentCompleter(typeof(ZfsHostCompleter))]
    public ZfsHost? ZfsHost { get; set; }

    [Parameter]
    [ValidateRange(1, 3600)]
    public int ShutdownTimeout { get; set; } = 300;

    [Parameter]
    [ValidateRange(1, 86400)]
    public int MaintenanceTimeout { get; set; } = 1800;

    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool SkipQuestions => Force;

    private protected override async Task<HostServiceOptions> OptionsAsync(VimClient client, CancellationToken ct) =>
        new()
        {
            Datastores = await ResolveAllAsync(client, Datastore, ct).ConfigureAwait(false),
            Destinations = await ResolveAllAsync(client, Destination, ct).ConfigureAwait(false),
            ShutDown = ZfsHost is null ? null : token => HostPower.ShutDownAsync(ZfsHost, token),
            ShutdownTimeout = TimeSpan.FromSeconds(ShutdownTimeout),
            MaintenanceTimeout = TimeSpan.FromSeconds(MaintenanceTimeout),
            Force = Force,
        };

    private protected override Task<Plan<EncapsulatedHostService>> PlanAsync(
        VimClient client, MoRef host, HostServiceOptions options, CancellationToken ct) =>
        HostService.PlanStartAsync(client, host, options, ct);
}
