using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Esx;
using ZfsEsx.Parameters;
using ZfsEsx.Vim;

namespace ZfsEsx;

/// <summary>What Start- and Complete-EncapsulatedHostService share: one host, and what depends on it.</summary>
public abstract class HostServiceCommand : VimCommand
{
    private readonly List<VimTarget> _hosts = [];

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [VimTarget("HostSystem")]
    [ArgumentCompleter(typeof(VMHostCompleter))]
    public VimTarget[] VMHost { get; set; } = [];

    [Parameter]
    [VimTarget("VirtualMachine", Single = true)]
    [ArgumentCompleter(typeof(VMCompleter))]
    public VimTarget? StorageVM { get; set; }

    [Parameter]
    [VimTarget("Datastore")]
    [ArgumentCompleter(typeof(DatastoreCompleter))]
    public VimTarget[] Share { get; set; } = [];

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Record() => _hosts.AddRange(VMHost);

    private protected override void Finish()
    {
        IReadOnlyList<VimGroup> groups = Locate(_hosts);
        if (groups.Sum(g => g.References.Count) > 1)
        {
            throw new ZfsEsxException(
                "OneHost", FailureKind.InvalidArgument, string.Join(", ", _hosts),
                "Hosts are serviced one after the other, and " + groups.Sum(g => g.References.Count) + " were given.",
                "Give one host; when it is back, the next.");
        }

        ApplyToEach(groups, PlanOneAsync, service => service.VMHost, PassThru);
    }

    private protected abstract Task<HostServiceOptions> OptionsAsync(VimClient client, CancellationToken ct);

    private protected abstract Task<Plan<EncapsulatedHostService>> PlanAsync(
        VimClient client, MoRef host, HostServiceOptions options, CancellationToken ct);

    private protected static async Task<IReadOnlyList<MoRef>> ResolveAllAsync(
        VimClient client, IEnumerable<VimTarget> targets, CancellationToken ct) =>
        await Task.WhenAll(targets.Select(t => ResolveAsync(client, t, ct))).ConfigureAwait(false);

    private async Task<Plan<IReadOnlyList<EncapsulatedHostService>>> PlanOneAsync(VimGroup group, CancellationToken ct)
    {
        HostServiceOptions options = await OptionsAsync(group.Client, ct).ConfigureAwait(false) with
        {
            StorageVm = StorageVM is null
                ? null
                : await ResolveAsync(group.Client, StorageVM, ct).ConfigureAwait(false),
            Shares = await SharesAsync(group.Client, ct).ConfigureAwait(false),
        };
        Plan<EncapsulatedHostService> plan =
            await PlanAsync(group.Client, group.References[0], options, ct).ConfigureAwait(false);
        return plan.Select<IReadOnlyList<EncapsulatedHostService>>(service => [service]);
    }

    // In a run that goes on where another has ended, the share may be unmounted already: its storage VM knows it then.
    private async Task<IReadOnlyList<MoRef>> SharesAsync(VimClient client, CancellationToken ct)
    {
        List<MoRef> found = [];
        foreach (VimTarget share in Share)
        {
            try
            {
                found.Add(await ResolveAsync(client, share, ct).ConfigureAwait(false));
            }
            catch (ZfsEsxException e) when (e.Id == "ObjectNotFound")
            {
            }
        }

        return found;
    }
}
