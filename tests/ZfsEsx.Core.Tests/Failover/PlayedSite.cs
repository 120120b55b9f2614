using System.Text;
using ZfsEsx.Esx;
using ZfsEsx.Failover;
using ZfsEsx.Os;
using ZfsEsx.Shell;
using ZfsEsx.Vim;

namespace ZfsEsx.Core.Tests.Failover;

/// <summary>
/// uss1 with two shares, vol0 and vol1, their replicas on uss2, hosts vh1 to vh3 and VMs: what a failover is planned
/// on.
/// </summary>
internal sealed class PlayedSite
{
    private const string Address = "10.99.0.12";

    /// <summary>Files that were written, by machine and path.</summary>
    public Dictionary<string, string> Written { get; } = [];

    public List<KnownVm> VMs { get; } = [];

    /// <summary>Stand-ins, by file system, with their role; all are mounted, and have a datastore on vh2.</summary>
    public Dictionary<string, string> StandIns { get; } = [];

    public bool Mounted { get; set; } = true;

    public string? Fence { get; set; }

    /// <summary>As of when the neighbour has everything, as the source said last.</summary>
    public string? AsOf { get; set; }

    public string[] FileSystems { get; set; } = [];

    public string[] Chosen { get; set; } = ["vh2", "vh3"];

    /// <summary>What source-side.sh says of vol0 and vol1 after their mount points.</summary>
    public Dictionary<string, string> Side { get; } = new()
    {
        ["vol0"] = "yes\trw=10.99.0.101\t-\t-", ["vol1"] = "yes\trw=10.99.0.101\t-\t-",
    };

    /// <summary>What source-side.sh says besides.</summary>
    public string[] Back { get; set; } = [];

    public KnownVm AddVm(string name, string store, bool on = true)
    {
        VMs.Add(new KnownVm(
            new MoRef("VirtualMachine", "vm-" + VMs.Count), name, Host(1).Ref, store, name + "/" + name + ".vmx", on,
            false, true, new MoRef("Folder", "v")));
        return VMs[^1];
    }

    public async Task<Site> ReadAsync(string noted = "", bool test = false)
    {
        FailoverOptions options = new()
        {
            Source = "uss1", Holder = await OpenAsync("uss2"), HolderAddress = Address, Hosts = [],
            SourceHost = test ? null : await OpenAsync("uss1"), SourceAddress = "10.99.0.11", FileSystems = FileSystems,
        };
        Site site = Site.Of(options, Set(), Inventory(), test ? null : Source(), test);
        foreach (FailoverUnit unit in site.Units)
        {
            site.Note(
                unit,
                [.. noted.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                    .Select(n => new VmNote(n + "/" + n + ".vmx", n, true, "vh1", 0, "v"))]);
        }

        return site;
    }

    public static FailoverSteps Steps(Site site) => new(null!, site.Options, site.Inventory, new StepLog());

    public static KnownHost Host(int n) => new(
        new MoRef("HostSystem", "h" + n), "vh" + n, true, default, default,
        [new VmkernelPort("vmk1", "nas", "10.99.0.10" + n, "255.255.255.0", 1500)]);

    private FailoverInventory Inventory() => new(
        [Host(1), Host(2), Host(3)],
        VMs,
        new NfsFacts(
            [],
            [
                Store("old0", "uss1-nas-vol0", "10.99.0.11", "/export/uss1-nas-vol0"),
                Store("old1", "uss1-nas-vol1", "10.99.0.11", "/export/uss1-nas-vol1"),
                .. StandIns.Keys.Select(v => Store("new" + v, "new-" + v, Address, "/export/uss1-nas-" + v)),
            ],
            []),
        new Dictionary<MoRef, int>())
    {
        Chosen = [.. Chosen.Select(c => Host(c[2] - '0'))],
    };

    private static DatastoreFact Store(string id, string name, string server, string path) =>
        new(new MoRef("Datastore", id), name, "NFS", server, path, [Host(2).Ref], []);

    private ReplicaSet Set() => ReplicaSet.Parse(
        "uss1",
        [
            "NOW\t2026-11-22T20:00:00Z",
            .. Fence is null ? Array.Empty<string>() : ["FENCED\t" + Fence],
            .. AsOf is null ? Array.Empty<string>() : ["ASOF\t" + AsOf],
            "REPLICA\tsp2/replica/uss1", "REPLICA\tsp2/replica/uss1/nas",
            .. new[] { "vol0", "vol1" }.SelectMany(v => new[]
            {
                "REPLICA\tsp2/replica/uss1/nas/" + v,
                $"SNAP\tsp2/replica/uss1/nas/{v}@zfsesx-1\tcreatetxg\t30",
                $"SNAP\tsp2/replica/uss1/nas/{v}@zfsesx-1\tcreation\t1795377000", // 19:50
            }),
            .. StandIns.Select(s => $"CLONE\tsp2/failover/uss1/nas/{s.Key}\tsp2/replica/uss1/nas/{s.Key}@zfsesx-1"
                + $"\t/export/uss1-nas-{s.Key}\t{(Mounted ? "yes" : "no")}\tuss1-nas-{s.Key}\t{s.Value}"),
        ]);

    private SourceSide Source() => SourceSide.Parse(
    [
        "DATASET\tsp1/nas", "FS\tsp1/nas\tnone\tno\toff\t-\t-",
        .. Side.Select(s => $"FS\tsp1/nas/{s.Key}\t/export/uss1-nas-{s.Key}\t{s.Value}"),
        .. Back,
    ]);

    private Task<ZfsHost> OpenAsync(string name) => ZfsHost.OpenAsync(new Shell(name, Written), default);

    // It is what it has to be, and keeps what is written to it.
    private sealed class Shell(string name, Dictionary<string, string> written) : IRemoteShell
    {
        public string Name => name;

        public string? Address => null;

        public Task BecomeRootAsync(RootAccess access, CancellationToken ct) => throw new NotSupportedException();

        public Task<CommandResult> RunAsync(RemoteCommand command, CancellationToken ct)
        {
            if (command.Input is { } input)
            {
                written[name + ":" + command.Words.First(w => w[0] == '/')] = Encoding.UTF8.GetString(input);
            }

            return Task.FromResult(new CommandResult(0, "system Linux\nelevation root\n", ""));
        }

        public Task UploadAsync(string path, byte[] content, string mode, CancellationToken ct) =>
            throw new NotSupportedException();

        public Task ReconnectAsync(string? address, CancellationToken ct) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
