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
    [InlineData("other NFS 10.0.0.11 /export/vol0 3", "DatastoreNameTaken")]
    [InlineData("vol0 NFS 10.0.0.12 /export/vol0 3", "DatastoreNameTaken")]
    [InlineData("vol0 VMFS - - 2", "DatastoreNameTaken")]
    [InlineData("vol0 NFS41 10.0.0.11 /export/vol0 1", "ExportMountedOtherwise")]
    [InlineData("x NFS41 10.0.0.11 /export/vol0 9", "ExportMountedOtherwise")] // on a host that is not asked for
    [InlineData("vol0 VMFS - - 9", "vh1/0 vh2/1 vh3/1")]
    public void Mounting(string datastore, string expected)
    {
        NfsFacts facts = Facts(datastore);
        string result;
        try
        {
            result = string.Join(' ',
                NfsPlanner.Mount(facts, s_wanted, new Recorder()).Changes.Select(c => c.Target + "/" + c.Stage));
        }
        catch (ZfsEsxException refusal)
        {
            result = refusal.Id;
        }

        Assert.Equal(expected, result);
    }

    [Fact]
    public async Task An_export_is_passed_on_as_other_hosts_have_it()
    {
        Recorder recorder = new();
        NfsFacts facts = Facts("vol0 NFS 10.0.0.11 /export/vol0/ 1");
        foreach (Change change in NfsPlanner.Mount(facts, s_wanted, recorder).Changes)
        {
            await change.ApplyAsync(SilentReporter.Instance, default);
        }

        Assert.Equal(["vh2 /export/vol0/", "vh3 /export/vol0/"], recorder.Calls);
    }

    [Fact]
    public void A_datastore_that_is_away_is_warned_of()
    {
        NfsFacts facts = Facts("vol0 NFS 10.0.0.11 /export/vol0 1,2,3", accessible: false);
        (IReadOnlyList<Change> changes, IReadOnlyList<string> warnings) = NfsPlanner.Mount(facts, s_wanted,
            new Recorder());
        Assert.Empty(changes);
        Assert.Equal(3, warnings.Count);
    }

    [Theory]
    [InlineData("/a//b/", "/a/b")]
    [InlineData("/", "/")]
    [InlineData("/a b", "/a b")]
    public void Paths_are_written_in_one_way(string path, string normal) =>
        Assert.Equal(normal, NfsPlanner.Normalise(s_wanted with { RemotePath = path }).RemotePath);

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

    private static NfsFacts Facts(string datastore, bool accessible = true)
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
            Accessible = accessible,
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

        public Task DismountAsync(NfsHost host, DatastoreFact datastore, CancellationToken ct) => Task.CompletedTask;
    }
}
