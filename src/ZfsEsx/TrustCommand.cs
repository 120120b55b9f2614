using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Os;
using ZfsEsx.Parameters;
using ZfsEsx.Replication;

namespace ZfsEsx;

/// <summary>
/// A cmdlet over pairs of storage VMs: each with -Neighbour, or, without it, each with the next of the ring.
/// </summary>
public abstract class TrustCommand : ZfsHostCommand
{
    [Parameter(Position = 1)]
    [ZfsHost(Single = true)]
    [ArgumentCompleter(typeof(ZfsHostCompleter))]
    public ZfsHost? Neighbour { get; set; }

    [Parameter]
    public string[] Address { get; set; } = [];

    [Parameter]
    public string UserName { get; set; } = "zfsadm";

    [Parameter]
    [ValidateRange(1, 65535)]
    public int Port { get; set; } = 22;

    /// <summary>Each pair, with the neighbour's address as the user said it, or null.</summary>
    private protected IReadOnlyList<TrustPair> Pairs()
    {
        int wanted = Neighbour is null ? Hosts.Count : 1;
        if (Neighbour is null && Hosts.Count < 2)
        {
            throw new ZfsEsxException(
                "RingTooSmall", FailureKind.InvalidArgument, Hosts.Count == 0 ? "ZfsHost" : Hosts[0].Name,
                "A ring needs two storage VMs or more.", "Give all of them in their order, or one and its -Neighbour.");
        }

        if (Address.Length > 0 && Address.Length != wanted)
        {
            throw new ZfsEsxException(
                "AddressCount", FailureKind.InvalidArgument, "Address",
                Address.Length + " addresses for " + wanted + " storage VMs.",
                Neighbour is null ? "Give one for each storage VM, in their order." : "Give the neighbour's address.");
        }

        return
        [
            .. Hosts.Select((source, i) =>
            {
                int next = (i + 1) % Hosts.Count;
                return Neighbour is null
                    ? new TrustPair(source, Hosts[next], Address.Length > 0 ? Address[next] : null)
                    : new TrustPair(source, Neighbour, Address.FirstOrDefault());
            }),
        ];
    }

    private protected async Task<ReplicationTrustOptions> OptionsAsync(TrustPair pair, CancellationToken ct) => new()
    {
        UserName = UserName,
        Port = Port,
        Address = pair.Address ?? RingMembers.StorageAddress(new RingMemberInput(
            pair.Target.Name, [], await HostNetwork.GetAsync(pair.Target, ct).ConfigureAwait(false))),
    };

    /// <summary>A plan for each pair, worked off together.</summary>
    private protected IReadOnlyList<ZfsReplicationTrust> ApplyToPairs(
        Func<ZfsHost, ZfsHost, ReplicationTrustOptions, CancellationToken, Task<Plan<ZfsReplicationTrust>>> plan,
        bool output) =>
        Apply<ZfsReplicationTrust>([.. Pairs().Select(pair => new Operation<ZfsReplicationTrust>(
            pair.ToString(),
            async (_, ct) => await plan(
                pair.Source, pair.Target, await OptionsAsync(pair, ct).ConfigureAwait(false), ct).ConfigureAwait(false),
            output))]);
}

/// <summary>A storage VM and the one it sends to.</summary>
internal sealed record TrustPair(ZfsHost Source, ZfsHost Target, string? Address)
{
    public override string ToString() => Source.Name + " -> " + Target.Name;
}
