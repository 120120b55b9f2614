using ZfsEsx.Help;

namespace ZfsEsx.Shape.Tests;

/// <summary>The help generator itself: that its check can fail.</summary>
public class HelpTests
{
    private const string Good = """
        # Get-Thing

        Gets things.

        ## Description

        All of them. See [the guide](guide.md) and `Set-Thing`.

        ## Parameters

        ### -Name

        Which.

        ## Examples

        ### One thing

        ```powershell
        PS> Get-Thing a
        # not a heading
        ```

        That was it.
        """;

    private static readonly CmdletInfo s_cmdlet = new(
        "Get", "Thing", typeof(string), false, null,
        [new ParameterInfo(
            "Name", typeof(string), [new Binding(Binding.AllSets, false, 0, true, false)], [], false, null)],
        [typeof(int)]);

    [Fact]
    public void A_page_is_read()
    {
        Page page = Page.Parse(Good);
        Assert.Equal("Gets things.", page.Synopsis);
        Assert.Equal(["All of them. See the guide and Set-Thing."], page.Description);
        Assert.Equal(["Which."], page.Parameters["Name"]);
        Example example = Assert.Single(page.Examples);
        Assert.Equal("PS> Get-Thing a\n# not a heading", example.Code);
        Assert.Equal(["That was it."], example.Remarks);
    }

    [Fact]
    public void A_good_page_has_no_complaints() => Assert.Empty(Complaints(Good));

    [Theory]
    [InlineData("### -Name", "### -Nome", "-Name is not documented", "no parameter -Nome")]
    [InlineData("# Get-Thing\n", "# Get-Think\n", "title is 'Get-Think'")]
    [InlineData("Gets things.", "", "no synopsis")]
    [InlineData("Which.", "", "-Name has an empty text")]
    [InlineData("Get-Thing a", "Get-Other", "no example")]
    public void What_is_missing_is_said(string old, string replaced, params string[] complaints)
    {
        List<string> found = Complaints(Good.Replace(old, replaced, StringComparison.Ordinal));
        Assert.All(complaints, c => Assert.Contains(found, f => f.Contains(c, StringComparison.Ordinal)));
    }

    [Fact]
    public void Unknown_sections_and_lost_pages_are_said()
    {
        Assert.Throws<FormatException>(() => Page.Parse(Good + "\n## Links\n"));
        Assert.Equal(["Get-Thing has no page."], Checker.Complaints([s_cmdlet], new Dictionary<string, Page>()));
        Assert.Contains(
            "There is a page but no cmdlet Get-Thing.",
            Checker.Complaints([], new Dictionary<string, Page> { ["Get-Thing"] = Page.Parse(Good) }));
    }

    private static List<string> Complaints(string text) =>
        Checker.Complaints([s_cmdlet], new Dictionary<string, Page> { ["Get-Thing"] = Page.Parse(text) });
}
