using ZfsEsx.Os;

namespace ZfsEsx.Core.Tests.Os;

public sealed class HostNamesTextTests
{
    private const string Before = "127.0.0.1 localhost # a comment\n\n10.0.0.5\tbackup backup.example.com\n";

    [Fact]
    public void Entries_go_into_an_own_block_and_the_rest_stays()
    {
        string text = HostNamesText.Merge("uss1", Before, [new HostEntry("vh1-nas", "10.99.0.101")])!;
        Assert.Equal(Before + "# BEGIN ZfsEsx (Set-ZfsHostName)\n10.99.0.101\tvh1-nas\n# END ZfsEsx\n", text);
        Assert.Null(HostNamesText.Merge("uss1", text, [new HostEntry("VH1-nas", "10.99.0.101")]));
        string more = HostNamesText.Merge(
            "uss1", text + "10.0.0.6 later\n",
                [new HostEntry("vh1-nas", "10.99.0.111"), new HostEntry("vh2-nas", "10.99.0.102")])!;
        Assert.Equal(
            Before + "# BEGIN ZfsEsx (Set-ZfsHostName)\n10.99.0.111\tvh1-nas\n10.99.0.102\tvh2-nas\n# END "
                + "ZfsEsx\n10.0.0.6 later\n", more);
    }

    [Fact]
    public void What_is_there_already_is_not_entered_twice()
    {
        Assert.Null(HostNamesText.Merge("uss1", Before, [new HostEntry("backup", "10.0.0.5")]));
        Assert.Null(HostNamesText.Merge("uss1", Before, []));
    }

    [Fact]
    public void Another_address_in_anothers_line_is_refused()
    {
        ZfsEsxException e = Assert.Throws<ZfsEsxException>(
            () => HostNamesText.Merge("uss1", Before, [new HostEntry("backup", "10.0.0.9")]));
        Assert.Equal(("HostEntryConflict", FailureKind.AlreadyExists), (e.Id, e.Kind));
    }

    [Theory]
    [InlineData("")]
    [InlineData("127.0.0.1 localhost")]
    [InlineData("127.0.0.1 localhost\n# BEGIN ZfsEsx (Set-ZfsHostName)\n10.99.0.101\told\n")]
    public void Odd_files(string before)
    {
        string text = HostNamesText.Merge("uss1", before, [new HostEntry("vh1-nas", "10.99.0.101")])!;
        (IReadOnlyList<HostEntry> ours, IReadOnlyList<HostEntry> others) = HostNamesText.Parse(text);
        Assert.Contains(new HostEntry("vh1-nas", "10.99.0.101"), ours);
        Assert.Equal(before.Length > 0, others.Contains(new HostEntry("localhost", "127.0.0.1")));
        Assert.EndsWith("# END ZfsEsx\n", text, StringComparison.Ordinal);
        Assert.Null(HostNamesText.Merge("uss1", text, ours));
    }

    [Fact]
    public void Answers_of_getent()
    {
        IReadOnlyDictionary<string, IReadOnlyList<string>> names = HostNamesText.Resolved(
            ["name vh1-nas", "10.99.0.101     STREAM vh1-nas", "10.99.0.101     DGRAM  ", "name vh9-nas", "name six",
                "fe80::1 six"]);
        Assert.Equal(["10.99.0.101"], names["vh1-nas"]);
        Assert.Empty(names["vh9-nas"]);
        Assert.Empty(names["six"]);
    }

    [Theory]
    [InlineData("vh1-nas", true)]
    [InlineData("vh1-nas.example.com", true)]
    [InlineData("1host", true)]
    [InlineData("10.0.0.1", false)]
    [InlineData("", false)]
    [InlineData("-x", false)]
    [InlineData("x-", false)]
    [InlineData("a b", false)]
    [InlineData("a..b", false)]
    [InlineData("a\n", false)]
    [InlineData("$(id)", false)]
    [InlineData("höst", false)]
    public void Host_names(string name, bool fine) => Assert.Equal(fine, HostRules.IsHostName(name));

    [Theory]
    [InlineData("::1", true)]
    [InlineData("fe80::1", true)]
    [InlineData("10.0.0.1", true)]
    [InlineData("10.1", false)]
    [InlineData("10.0.0.1 x", false)]
    [InlineData("fe80::1%eth0", false)]
    public void Addresses(string address, bool fine)
    {
        Exception? e = Record.Exception(() => HostNamesText.CheckAddress(new HostEntry("x", address)));
        Assert.Equal(fine, e is null);
    }
}
