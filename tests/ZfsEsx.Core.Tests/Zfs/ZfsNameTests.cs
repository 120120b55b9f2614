using ZfsEsx.Zfs;

namespace ZfsEsx.Core.Tests.Zfs;

public sealed class ZfsNameTests
{
    [Theory]
    [InlineData("sp1")]
    [InlineData("Tank_2-b.c:d")]
    [InlineData("logs")]
    [InlineData("cache1")]
    public void Pools_that_are_fine(string name) => Assert.Equal(name, ZfsName.Pool(name));

    [Theory]
    [InlineData("")]
    [InlineData("1sp")]
    [InlineData("-f")]
    [InlineData("sp 1 ")]
    [InlineData("mirror1")]
    [InlineData("raidz")]
    [InlineData("spare0")]
    [InlineData("draid2")]
    [InlineData("log")]
    [InlineData("c8t1d0")]
    [InlineData("sp1/x")]
    [InlineData("sp1@x")]
    [InlineData("$(id)")]
    [InlineData("sp1;id")]
    [InlineData("sp1\nid")]
    [InlineData("sp'1")]
    [InlineData("späne")]
    public void Pools_that_are_not(string name)
    {
        ZfsEsxException e = Assert.Throws<ZfsEsxException>(() => ZfsName.Pool(name));
        Assert.Equal(("InvalidPoolName", FailureKind.InvalidArgument, name), (e.Id, e.Kind, e.Target));
    }

    [Theory]
    [InlineData("sp1")]
    [InlineData("sp1/nas/vol0")]
    [InlineData("sp1/My VMs")]
    public void File_systems_that_are_fine(string name) => Assert.Equal(name, ZfsName.Dataset(name));

    [Theory]
    [InlineData("")]
    [InlineData("/sp1")]
    [InlineData("sp1/")]
    [InlineData("sp1//x")]
    [InlineData("sp1/../x")]
    [InlineData("sp1/bad@name")]
    [InlineData("sp1/bad%name")]
    [InlineData("sp1/-o")]
    [InlineData("sp1/a\tb")]
    [InlineData("sp1/`id`")]
    public void File_systems_that_are_not(string name) =>
        Assert.Equal("InvalidDatasetName", Assert.Throws<ZfsEsxException>(() => ZfsName.Dataset(name)).Id);

    [Fact]
    public void Lengths_end_at_255()
    {
        Assert.Equal(255, ZfsName.Dataset("sp1/" + new string('x', 251)).Length);
        Assert.Throws<ZfsEsxException>(() => ZfsName.Dataset("sp1/" + new string('x', 252)));
    }

    [Theory]
    [InlineData("sp1/nas/vol0@31-04-10-23:59", true)]
    [InlineData("sp1@a", true)]
    [InlineData("sp1", false)]
    [InlineData("sp1@", false)]
    [InlineData("sp1@a@b", false)]
    [InlineData("sp1@a/b", false)]
    [InlineData("@a", false)]
    public void Snapshots(string name, bool fine)
    {
        if (fine)
        {
            Assert.Equal(name, ZfsName.Snapshot(name));
            Assert.Equal("sp1", ZfsName.PoolOf(name));
        }
        else
        {
            Assert.Equal("InvalidSnapshotName", Assert.Throws<ZfsEsxException>(() => ZfsName.Snapshot(name)).Id);
        }
    }
}
