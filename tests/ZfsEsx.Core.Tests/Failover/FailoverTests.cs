using System.Text;
using System.Xml;
using ZfsEsx.Esx;
using ZfsEsx.Failover;
using ZfsEsx.Vim;

namespace ZfsEsx.Core.Tests.Failover;

public class FailoverTests
{
    private static readonly ReplicaSet s_set = ReplicaSet.Parse(
        "uss1",
        [
            "NOW\t2026-11-22T20:00:00Z",
            "REPLICA\tsp2/replica/uss1",
            "REPLICA\tsp2/replica/uss1/nas",
            "REPLICA\tsp2/replica/uss1/nas/vol0",
            "SNAP\tsp2/replica/uss1/nas/vol0@zfsesx-9\tcreatetxg\t30",
            "SNAP\tsp2/replica/uss1/nas/vol0@zfsesx-9\tcreation\t900",
            "SNAP\tsp2/replica/uss1/nas/vol0@zfsesx-2\tcreatetxg\t200",
            "SNAP\tsp2/replica/uss1/nas/vol0@zfsesx-2\tcreation\t1000",
            "CLONE\tsp2/failover/uss1/nas/vol0\tsp2/replica/uss1/nas/vol0@zfsesx-2\t/export/uss1-nas-vol0\tyes\tuss1-nas-vol0\tprimary",
            "CLONE\tsp2/failover/uss9/nas/vol0\tsp2/replica/uss9/nas/vol0@zfsesx-2\t/export/uss9-nas-vol0\tyes\tuss9-nas-vol0\tprimary",
        ]);

    [Fact]
    public void TheNewestSnapshotIsTheOneThatZfsCallsNewest()
    {
        ReplicaFile replica = s_set.Replicas.Single(r => r.Relative == "nas/vol0");
        Assert.Equal("zfsesx-2", replica.Snapshot);
        Assert.Equal(new DateTime(1970, 1, 1, 0, 16, 40, DateTimeKind.Utc), replica.Taken);
        Assert.Equal("sp2/failover/uss1/nas/vol0", Assert.Single(s_set.StandIns).Dataset);
        Assert.Null(s_set.For(replica, test: true));
        Assert.False(s_set.Fenced);
        Assert.Equal("2026-11-23T01:02:03Z", ReplicaSet.Parse("uss1", ["FENCED\t2026-11-23T01:02:03Z"]).Fence);
    }

    // name, server, path of a datastore; the datastore that nas/vol0 is found to be, or null
    [Theory]
    [InlineData("uss1-nas-vol0", "10.99.0.11", "/export/uss1-nas-vol0", "uss1-nas-vol0")]
    [InlineData("production", "10.99.0.11", "/export/uss1-nas-vol0/", "production")]
    [InlineData("uss1-nas-vol0 (1)", "10.99.0.11", "/data/x", "uss1-nas-vol0")]
    [InlineData("other", "10.99.0.11", "/export/other", null)]
    [InlineData("uss1-nas-vol0", "10.99.0.12", "/export/uss1-nas-vol0", null)]
    public void ADatastoreIsFoundByNameOrPath(string name, string server, string path, string? found)
    {
        ReplicaSet set = s_set with { StandIns = [] };
        DatastoreFact store = new(new MoRef("Datastore", "d1"), name, "NFS", server, path, [], []);
        List<string> left = [];
        IReadOnlyList<FailoverUnit> Of() => FailoverUnits.Of(
            set, [store], "10.99.0.12", ["nas/vol0"], new Dictionary<string, string>(), test: false, left);
        if (found is null)
        {
            Assert.Equal("DatastoreUnknown", Assert.Throws<ZfsEsxException>(Of).Id);
            return;
        }

        FailoverUnit unit = Assert.Single(Of());
        Assert.Equal(found, unit.Datastore);
        Assert.Equal("sp2/failover/uss1/nas/vol0", unit.CloneName);
        Assert.Equal("/export/uss1-nas-vol0", unit.MountPoint);
    }

    [Fact]
    public void ATestHasNamesOfItsOwn()
    {
        DatastoreFact store = new(new MoRef("Datastore", "d1"), "uss1-nas-vol0", "NFS", "10.99.0.11", "/x", [], []);
        FailoverUnit unit = FailoverUnits.Of(
            s_set, [store], "10.99.0.12", [], new Dictionary<string, string>(), test: true, []).Single();
        Assert.Equal("sp2/failover-test/uss1/nas/vol0", unit.CloneName);
        Assert.Equal("/export/uss1-nas-vol0-test", unit.MountPoint);
        Assert.Equal("test-uss1-nas-vol0", unit.MountName);
        Assert.Null(unit.StandIn);
    }

    [Fact]
    public void AStandInRemembersItsDatastore()
    {
        List<string> left = [];
        FailoverUnit unit = Assert.Single(FailoverUnits.Of(
            s_set, [], "10.99.0.12", [], new Dictionary<string, string>(), test: false, left));
        Assert.Equal("uss1-nas-vol0", unit.Datastore);
        Assert.Empty(left);
    }

    [Fact]
    public void WhoAsksForAnUnknownFileSystemIsTold() => Assert.Equal(
        "ReplicaNotFound",
        Assert.Throws<ZfsEsxException>(() => FailoverUnits.Of(
            s_set, [], "10.99.0.12", ["nas/vol9"], new Dictionary<string, string>(), test: false, [])).Id);

    [Theory]
    [InlineData("ssh: connect to host 10.99.0.11 port 22: Connection timed out", false)]
    [InlineData("ssh: connect to host 10.99.0.11 port 22: No route to host", false)]
    [InlineData("ssh: connect to host 10.99.0.11 port 22: Network is unreachable", false)]
    [InlineData("", false)]
    [InlineData("Connection timed out during banner exchange\nConnection to 10.99.0.11 port 22 timed out", true)]
    [InlineData("ssh: connect to host 10.99.0.11 port 22: Connection refused", true)]
    [InlineData("No ED25519 host key is known for 10.99.0.11 and you have requested strict checking.\nHost key verification failed.", true)]
    [InlineData("zfsesx@10.99.0.11: Permission denied (publickey).", true)]
    public void SomethingThatAnswersIsNotLost(string said, bool answers) =>
        Assert.Equal(answers, LostProof.IsAnswer(said));

    [Fact]
    public void NotesSurviveEveryName()
    {
        VmNote[] notes =
        [
            new("a b/ü\t$(x).vmx", "web 'one'", true, "vh1.example", 2, "group-v3"),
            new("db/db.vmx", "db", false, "", 0, ""),
        ];
        string[] lines = Encoding.UTF8.GetString(VmNotes.Write(notes)).Split('\n');
        Assert.Equal(notes, VmNotes.Read(lines));
        Assert.Equal(notes, CloneContent.Parse(lines.Select(l => "NOTE\t" + l)).Notes);
    }

    [Fact]
    public void VmsStartInTheOrderOfTheirHosts() => Assert.Equal(
        ["first", "second", "also", "Last"],
        VmNotes.InOrder(
        [
            new VmNote("", "Last", true, "", 0, ""), new VmNote("", "second", true, "", 2, ""),
            new VmNote("", "also", true, "", 0, ""), new VmNote("", "first", true, "", 1, ""),
        ]).Select(v => v.Name));

    [Fact]
    public void ConfigurationsAreReadWithTheirNames()
    {
        CloneContent content =
            CloneContent.Parse(["LOCKS\t3", "VMX\tapp1/app1.vmx\tthe |22app|22", "VMX\tx/y.vmx\t", "junk"]);
        Assert.Equal(3, content.Locks);
        Assert.Equal([new FoundVm("app1/app1.vmx", "the \"app\""), new FoundVm("x/y.vmx", "y")], content.VMs);
    }

    [Theory]
    [InlineData("button.uuid.movedTheVM", "I Moved It", true, "1")]
    [InlineData("Moved", "", true, "1")]
    [InlineData("button.uuid.copiedTheVM", "I Copied It", true, null)]
    public void TheQuestionIsAnsweredByWhatAChoiceSays(string label, string summary, bool moved, string? key) =>
        Assert.Equal(key, VmQuestion.Answer(Question("msg.uuid.altered", label, summary), moved));

    [Fact]
    public void OtherQuestionsAreTheUsers() =>
        Assert.Null(VmQuestion.Answer(Question("msg.disk.full", "button.uuid.movedTheVM", "I Moved It"), moved: true));

    [Theory]
    [InlineData("[copy] app/app.vmdk", null)]
    [InlineData("[copy] other/data.vmdk", null)]
    [InlineData("[copy 2] app/app.vmdk", "[copy 2] app/app.vmdk")]
    [InlineData("[real] app/data.vmdk", "[real] app/data.vmdk")]
    [InlineData("[] /vmfs/volumes/1-2/app/data.vmdk", "[] /vmfs/volumes/1-2/app/data.vmdk")]
    public void ADiskOutsideOfACopyIsSeen(string file, string? elsewhere)
    {
        string xml = $"""
            <d xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
              <v xsi:type="VirtualCdrom"><backing><fileName>[iso] x.iso</fileName></backing></v>
              <v xsi:type="VirtualDisk"><backing><fileName>{file}</fileName></backing></v>
            </d>
            """;
        using XmlReader reader = XmlReader.Create(new StringReader(xml));
        reader.MoveToContent();
        Assert.Equal(elsewhere, VmActions.DiskElsewhere(VimValue.Read(reader).Items, "[copy] app/app.vmx"));
    }

    private static VimValue Question(string id, string label, string summary)
    {
        string xml = $"<q><id>7</id><text>Something.</text>"
            + $"<choice><choiceInfo><label>Cancel</label><summary>Cancel</summary><key>0</key></choiceInfo>"
            + $"<choiceInfo><label>{label}</label><summary>{summary}</summary><key>1</key></choiceInfo></choice>"
            + $"<message><id>{id}</id></message></q>";
        using XmlReader reader = XmlReader.Create(new StringReader(xml));
        reader.MoveToContent();
        return VimValue.Read(reader);
    }
}
