using System.Text.RegularExpressions;

namespace ZfsEsx.Shape.Tests;

/// <summary>What the page on replication promises is held by a test that exists.</summary>
public class GuaranteeTests
{
    [Fact]
    public void Each_guarantee_names_tests_that_exist()
    {
        string page = File.ReadAllText(Repository.At("docs/en-US/about_ZfsEsx_Replication.md"));
        int from = page.IndexOf("### What is guaranteed", StringComparison.Ordinal);
        string[] guarantees = page[from..page.IndexOf("### What is not", StringComparison.Ordinal)].Split("\n- ")[1..];
        Assert.True(guarantees.Length > 8);
        Assert.All(guarantees, g => Assert.Matches(@"\w+Tests|\w+\.Tests\.ps1", g));
        string[] files = [.. Directory.GetFiles(Repository.At("tests"), "*Tests*", SearchOption.AllDirectories)
            .Select(f => Path.GetFileName(f)!)];
        Assert.All(Regex.Matches(page, @"\w+Tests\b(?!\.)"), m => Assert.Contains(m.Value + ".cs", files));
        Assert.All(Regex.Matches(page, @"\w+\.Tests\.ps1"), m => Assert.Contains(m.Value, files));
    }
}
