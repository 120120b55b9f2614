using System.Collections;
using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Failover;
using ZfsEsx.Os;
using ZfsEsx.Parameters;
using ZfsEsx.Vim;

namespace ZfsEsx;

/// <summary>What Start-, Complete- and Undo-ZfsReplicaFailover share.</summary>
public abstract class FailoverCommand : VimCommand
{
    private readonly List<VimTarget> _hosts = [];

    [Parameter(Mandatory = true, Position = 0)]
    [ArgumentCompleter(typeof(ReplicaSourceCompleter))]
    public string Source { get; set; } = "";

    [Parameter(Mandatory = true, Position = 1)]
    [ZfsHost(Single = true)]
    [ArgumentCompleter(typeof(ZfsHostCompleter))]
    public ZfsHost ZfsHost { get; set; } = null!;

    [Parameter(Mandatory = true, Position = 2, ValueFromPipeline = true)]
    [VimTarget("HostSystem")]
    [ArgumentCompleter(typeof(VMHostCompleter))]
    public VimTarget[] VMHost { get; set; } = [];

    [Parameter]
    [ArgumentCompleter(typeof(ReplicatedFileSystemCompleter))]
    public string[] FileSystem { get; set; } = [];

    [Parameter]
    public Hashtable Datastore { get; set; } = [];

    [Parameter]
    [ZfsHost(Single = true)]
    [ArgumentCompleter(typeof(ZfsHostCompleter))]
    public ZfsHost? SourceZfsHost { get; set; }

    [Parameter]
    public string? Address { get; set; }

    [Parameter]
    public string? SourceAddress { get; set; }

    [Parameter]
    public SwitchParameter NoPowerOn { get; set; }

    [Parameter]
    public string UserName { get; set; } = "zfsadm";

    [Parameter]
    [ValidateRange(1, 65535)]
    public int Port { get; set; } = 22;

    /// <summary>The source takes part, if there is a connection to it.</summary>
    private protected abstract bool TakesSource { get; }

    private protected override void Record() => _hosts.AddRange(VMHost);

    private protected override void Finish()
    {
        IReadOnlyList<VimGroup> groups = Locate(_hosts);
        if (groups.Count > 1)
        {
            throw new ZfsEsxException(
                "OneServer", FailureKind.InvalidArgument, string.Join(", ", _hosts),
                "The hosts belong to several servers.", "Give the hosts of one vCenter Server.");
        }

        bool shown = MyInvocation.BoundParameters.TryGetValue("WhatIf", out object whatIf)
            && whatIf is SwitchParameter { IsPresent: true };
        Operation<ZfsReplicaFailover>[] operations =
        [
            .. groups.Select(group => new Operation<ZfsReplicaFailover>(
                Source, (_, ct) => PlanAsync(group, ct), Read: !shown, Without: (report, _) => report)),
        ];
        WriteObject(Apply(operations), enumerateCollection: true);
    }

    private protected virtual FailoverOptions Complete(FailoverOptions options) => options;

    private protected abstract Task<Plan<ZfsReplicaFailover>> PlanAsync(
        VimClient client, FailoverOptions options, CancellationToken ct);

    private async Task<Plan<ZfsReplicaFailover>> PlanAsync(VimGroup group, CancellationToken ct)
    {
        ZfsHost? source = TakesSource ? SourceZfsHost ?? Sessions.FindHost(Source) : null;
        FailoverOptions options = new()
        {
            Source = Source,
            Holder = ZfsHost,
            HolderAddress = Address ?? await StorageAddress.OfAsync(ZfsHost, ct).ConfigureAwait(false),
            Hosts = group.References,
            SourceHost = source,
            SourceAddress = SourceAddress
                ?? (source is null ? null : await StorageAddress.OfAsync(source, ct).ConfigureAwait(false)),
            FileSystems = FileSystem,
            Datastores = Datastore.Cast<DictionaryEntry>().ToDictionary(e => "" + e.Key, e => "" + e.Value),
            PowerOn = !NoPowerOn,
            UserName = UserName,
            Port = Port,
        };
        return await PlanAsync(group.Client, Complete(options), ct).ConfigureAwait(false);
    }
}

internal static class StorageAddress
{
    /// <summary>The address on the one interface that does not carry the management connection.</summary>
    internal static async Task<string> OfAsync(ZfsHost host, CancellationToken ct) => RingMembers.StorageAddress(
        new RingMemberInput(host.Name, [], await HostNetwork.GetAsync(host, ct).ConfigureAwait(false)));
}
