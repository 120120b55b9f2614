using System.Management.Automation;
using ZfsEsx.Esx;
using ZfsEsx.Vim;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsLifecycle.Complete, "EncapsulatedHostService", SupportsShouldProcess = true)]
[OutputType(typeof(EncapsulatedHostService))]
public sealed class CompleteEncapsulatedHostServiceCommand : HostServiceCommand
{
    [Parameter]
    [ValidateRange(1, 86400)]
    public int ShareTimeout { get; set; } = 900;

    private protected override Task<HostServiceOptions> OptionsAsync(VimClient client, CancellationToken ct) =>
        Task.FromResult(new HostServiceOptions { ShareTimeout = TimeSpan.FromSeconds(ShareTimeout) });

    private protected override Task<Plan<EncapsulatedHostService>> PlanAsync(
        VimClient client, MoRef host, HostServiceOptions options, CancellationToken ct) =>
        HostService.PlanCompleteAsync(client, host, options, ct);
}
