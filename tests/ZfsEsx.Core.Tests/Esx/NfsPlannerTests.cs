using ZfsEsx.Esx;
using ZfsEsx.Vim;

namespace ZfsEsx.Core.Tests.Esx;

public class NfsPlannerTests
{
    private static readonly NfsMount s_wanted = new(
        ) { Name = "vol0", RemoteHost = "10.0.0.11", RemotePath = "/export/vol0" };

    /// <summary>"name type server path hosts" of the datastores there are, and what follows for hosts 1 to 3.</summary>
    [Theory]
    [InlineData("", "vh1/0 vh2/1 vh3/1")]
    [InlineData("vol0 NFS 10.0.0.11 /export/vol0 1", "vh2/0 vh3/0")]
    [InlineData("vol0 NFS 10.0.0.11 /export/vol0 1,2,3", "")]
    [InlineData("vol0 NFS 10.0.0.11 /export/vol0/ 1,2,3", "")]
    [InlineData("vol0 NFS 10.0.0.11 /export/vol0 9", "vh1/0 vh2/0 vh3/0")]
    [InlineData("other NFS 10.0.0.11 /export/vol0 3", "vh1/0 vh2/0 !DatastoreNameTaken")]
    [InlineData("vol0 NFS 10.0.0.12 /export/vol0 1", "vh2/0 vh3/1 !DatastoreNameTaken")]
    [InlineData("vol0 VMFS - - 2", "vh1/0 vh3/1 !DatastoreNameTaken")]
    [InlineData("vol0 NFS41 10.0.0.11 /export/vol0 1", "ExportMountedOtherwise")]
    [InlineData("x NFS41 10.0.0.11 /export/vol0 9", "ExportMountedOtherwise")] // on a host that is not asked for
    [InlineData("x NFS41 filer /export/vol0 9", "ExportMountedOtherwise")] // perhaps the same server
    [InlineData("x NFS41 10.0.0.12 /export/vol0 9", "vh1/0 vh2/1 vh3/1")] // another server
    [InlineData("vol0 VMFS - - 9", "vh1/0 vh2/1 vh3/1")]
    public void Mounting(string datastore, string expected) =>
        Assert.Equal(expected, Planned(Facts(datastore), s_wanted));

    [Theory]
    [InlineData(7, 8, false, "vh1/0 vh2/1 vh3/1")]
    [InlineData(8, 8, false, "vh2/0 vh3/1 !NfsLimitReached")]
    [InlineData(8, 8, true, "vh1/0 vh1/0 vh2/1 vh3/1")] // raised, then mounted
    [InlineData(8, 64, false, "vh1/0 vh2/1 vh3/1")]
    [InlineData(256, 256, true, "vh2/0 vh3/1 !NfsLimitReached")]
    public void Limits(int mounted, int most, bool raise, string expected)
    {
        NfsFacts facts = Facts("") with
        {
            Datastores =
            [
                .. Enumerable.Range(0, mounted).Select(i => new DatastoreFact(
                    new MoRef("Datastore", "x" + i), "x" + i, "NFS", "10.0.0.9", "/x" + i, [Ref(1)], [])),
            ],
        };
        NfsLimits limits = new(default, Option("NFS.MaxVolumes", most), []);
        Assert.Equal(
            expected, Planned(facts, s_wanted with { RaiseLimit = raise }, new() { [Ref(1)] = limits }));
        Assert.Equal(mounted >= 8 ? 1 : 0, NfsPlanner.NearLimit(facts, s_wanted).Count);
        Assert.Empty(NfsPlanner.NearLimit(facts, s_wanted with { Nfs41 = true }));
    }

    [Fact]
    public void A_raised_limit_takes_the_heap_along()
    {
        NfsLimits limits = new(
            default, Option("NFS.MaxVolumes", 8), [Option("Net.TcpipHeapSize", 0), Option("Net.TcpipHeapMax", 1536)]);
        Assert.Equal(
            ["NFS.MaxVolumes 16", "Net.TcpipHeapSize 32"],
            limits.Raised(9).Select(r => r.Option["key"].Text + " " + r.Value));
        Assert.Equal(40, limits.Raised(40)[0].Value);
    }

    [Theory]
    [InlineData("vol0 NFS 10.0.0.11 /export/vol0/ 1", "Other hosts have this export as 10.0.0.11:/export/vol0/.")]
    [InlineData("other NFS filer /export/vol0 9", "may be the same share")]
    [InlineData("other NFS 10.0.0.12 /export/vol0 9", "")]
    [InlineData("vol0 NFS 10.0.0.12 /export/other 9", "Another datastore is called vol0 too")]
    [InlineData("vol0 NFS 10.0.0.11 /export/vol0/ 1,2,3", "")] // nothing is done: nothing to tell
    public void What_the_text_of_an_export_means_is_told(string datastore, string expected)
    {
        IReadOnlyList<string> warnings =
            NfsPlanner.Mount(Facts(datastore), s_wanted, NoLimits, new Recorder(), []).Warnings;
        Assert.Equal(expected.Length > 0 ? 1 : 0, warnings.Count);
        Assert.All(warnings, w => Assert.Contains(expected, w, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_export_is_passed_on_as_other_hosts_have_it()
    {
        Recorder recorder = new();
        NfsFacts facts = Facts("vol0 NFS 10.0.0.11 /export/vol0/ 1");
        foreach (Change change in NfsPlanner.Mount(facts, s_wanted, NoLimits, recorder, []).Changes)
        {
            await change.ApplyAsync(SilentReporter.Instance, default);
        }

        Assert.Equal(["vh2 /export/vol0/", "vh3 /export/vol0/"], recorder.Calls);
    }

    [Theory]
    [InlineData("AllPathsDown_Start", "has stopped answering")]
    [InlineData("PermanentDeviceLoss", "the share is gone")]
    [InlineData("", "does not answer")]
    public void A_datastore_that_is_away_is_an_error_of_its_host(string reason, string expected)
    {
        ZfsNfsDatastore state = Facts("vol0 NFS 10.0.0.11 /export/vol0 1").Mounts[0];
        Assert.Null(NfsDatastore.Problem(state));
        ZfsEsxException problem = NfsDatastore.Problem(state with { Accessible = false, InaccessibleReason = reason })!;
        Assert.Contains(expected, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Dismounting_refuses_hosts_whose_VMs_use_it_and_no_others()
    {
        NfsFacts facts = Facts("vol0 NFS 10.0.0.11 /export/vol0 1,2");
        List<ZfsEsxException> refusals = [];
        IReadOnlyList<Change> changes = NfsPlanner.Dismount(
            facts, "VOL0", new[] { "b", "A" }.ToLookup(_ => Ref(2)), new Recorder(), refusals);
        Assert.Equal("vh1", Assert.Single(changes).Target);
        Assert.EndsWith("on datastore VOL0: A, b.", Assert.Single(refusals).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10.0.0.11,10.0.1.11", true, "")]
    [InlineData("10.0.0.11,10.0.1.11", false, "InvalidServer")]
    [InlineData("10.0.0.11,10.0.0.11", false, "")] // the same twice is one
    [InlineData("10.0.0.11, ", true, "InvalidServer")]
    public void Several_addresses_are_of_NFS_41(string servers, bool nfs41, string id)
    {
        string[] all = servers.Split(',');
        NfsMount mount = s_wanted with { RemoteHost = all[0], OtherAddresses = all[1..], Nfs41 = nfs41 };
        string result = Try(() => NfsExports.Normalise(mount), []);
        Assert.Equal(id, result);
    }

    [Theory]
    [InlineData("/a//b/", "/a/b")]
    [InlineData("/", "/")]
    [InlineData("/a b", "/a b")]
    public void Paths_are_written_in_one_way(string path, string normal) =>
        Assert.Equal(normal, NfsExports.Normalise(s_wanted with { RemotePath = path }).RemotePath);

    [Theory]
    [InlineData("10.0.0.11", "255.255.255.0", "10.0.0.200", true)]
    [InlineData("10.0.0.11", "255.255.255.0", "10.0.1.11", false)]
    [InlineData("10.0.0.11", "255.255.0.0", "10.0.1.11", true)]
    [InlineData("", "", "10.0.1.11", false)]
    public void Subnets(string address, string mask, string other, bool same) =>
        Assert.Equal(same, Subnet.Overlap(address, mask, other, mask));

    [Theory]
    [InlineData("255.255.255.0", true)]
    [InlineData("255.255.255.252", true)]
    [InlineData("255.255.255.254", false)]
    [InlineData("255.0.255.0", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("24", false)]
    public void Masks(string mask, bool valid) => Assert.Equal(valid, Subnet.IsMask(mask));

    private static Dictionary<MoRef, NfsLimits> NoLimits => [];

    /// <summary>Hosts and stages, and the refusals of single hosts; or the refusal of all.</summary>
    private static string Planned(NfsFacts facts, NfsMount wanted, Dictionary<MoRef, NfsLimits>? limits = null)
    {
        List<ZfsEsxException> refusals = [];
        return Try(
            () => string.Join(' ', NfsPlanner.Mount(facts, wanted, limits ?? NoLimits, new Recorder(), refusals).Changes
                .Select(c => c.Target + "/" + c.Stage)),
            refusals);
    }

    private static string Try(Func<object> work, List<ZfsEsxException> refusals)
    {
        try
        {
            string done = work() as string ?? string.Empty;
            return string.Join(' ', refusals.Select(r => "!" + r.Id).Prepend(done)).Trim();
        }
        catch (ZfsEsxException refusal)
        {
            return refusal.Id;
        }
    }

    private static VimValue Option(string key, int value)
    {
        using System.Xml.XmlReader reader = System.Xml.XmlReader.Create(new StringReader(
            $"<o><key>{key}</key><value xmlns:xsi='{Soap.Xsi}' xsi:type='xsd:long'>{value}</value></o>"));
        reader.MoveToContent();
        return VimValue.Read(reader);
    }

    private static NfsFacts Facts(string datastore)
    {
        NfsHost[] hosts = [.. Enumerable.Range(1, 3).Select(i => new NfsHost(Ref(i), "vh" + i, true, default, []))];
        if (datastore.Length == 0)
        {
            return new NfsFacts(hosts, [], []);
        }

        string[] words = datastore.Split(' ');
        MoRef[] mounting = [.. words[4].Split(',').Select(h => Ref(int.Parse(h, null)))];
        DatastoreFact fact = new(new MoRef("Datastore", "ds-1"), words[0], words[1], words[2], words[3], mounting, []);
        return new NfsFacts(hosts, [fact], [.. mounting.Select(h => new ZfsNfsDatastore
        {
            Name = fact.Name,
            DatastoreId = fact.Ref.Id,
            VMHost = h.Value,
            VMHostId = h.Id,
            RemoteHost = fact.RemoteHost,
            RemotePath = fact.RemotePath,
            NfsVersion = "3",
            Mounted = true,
            Accessible = true,
        })]);
    }

    private static MoRef Ref(int host) => new("HostSystem", "host-" + host);

    private sealed class Recorder : INfsActions
    {
        public List<string> Calls { get; } = [];

        public Task MountAsync(NfsHost host, NfsMount mount, CancellationToken ct)
        {
            Calls.Add(host.Name + " " + mount.RemotePath);
            return Task.CompletedTask;
        }

        public Task RaiseAsync(NfsHost host, NfsLimits limits, IReadOnlyList<(VimValue Option, long Value)> settings,
            CancellationToken ct) => Task.CompletedTask;

        public Task DismountAsync(NfsHost host, DatastoreFact datastore, CancellationToken ct) => Task.CompletedTask;
    }
}
