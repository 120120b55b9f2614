using System.Text.RegularExpressions;

namespace ZfsEsx.Shape.Tests;

/// <summary>Rules of the house that the compiler does not know.</summary>
public partial class SourceTests
{
    public static TheoryData<string> Files =>
        [.. Repository.Sources("src").Select(f => Path.GetRelativePath(Repository.Root, f).Replace('\\', '/'))];

    [Theory, MemberData(nameof(Files))]
    public void Files_are_short(string file)
    {
        int lines = File.ReadAllLines(Repository.At(file)).Length;
        Assert.True(lines < (file.Contains("/Commands/", StringComparison.Ordinal) ? 121 : 300), lines + " lines");
    }

    [Fact]
    public void Files_of_tests_are_short() =>
        Assert.DoesNotContain(Repository.Sources("tests"), f => File.ReadAllLines(f).Length >= 300);

    [Theory, MemberData(nameof(Files))]
    public void Lines_are_short_and_clean(string file)
    {
        string[] bad = [.. File.ReadAllLines(Repository.At(file))
            .Where(l => (l.Length > 130 && !file.Contains("ZfsEsx.Core/", StringComparison.Ordinal))
                || l.Contains('\t')
                || l.EndsWith(' ')
                || l.Contains("#region", StringComparison.Ordinal))];
        Assert.Empty(bad);
    }

    [Fact]
    public void Error_records_are_made_in_one_file() => Assert.Equal(
        ["ErrorRecords.cs"],
        Repository.Sources("src/ZfsEsx")
            .Where(f => NewErrorRecord().IsMatch(File.ReadAllText(f))).Select(Path.GetFileName));

    [Fact]
    public void Only_the_base_classes_write_errors_and_ask() => Assert.DoesNotContain(
        Repository.Sources("src/ZfsEsx/Commands"),
        f => Regex.IsMatch(File.ReadAllText(f), @"\bShould(Process|Continue)\(|\.GetAwaiter\(\)"));

    [Fact]
    public void No_one_writes_to_the_console() => Assert.DoesNotContain(
        Repository.Sources("src/ZfsEsx").Concat(Repository.Sources("src/ZfsEsx.Core")),
        f => Regex.IsMatch(File.ReadAllText(f), @"\bConsole\."));

    [GeneratedRegex(@"new ErrorRecord\b|ErrorRecord \w+ = new\(")]
    private static partial Regex NewErrorRecord();
}
