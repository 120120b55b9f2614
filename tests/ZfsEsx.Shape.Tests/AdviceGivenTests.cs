using System.Text.RegularExpressions;

namespace ZfsEsx.Shape.Tests;

/// <summary>Who has given a wrong argument, or named what is not there, is told what to do.</summary>
public partial class AdviceGivenTests
{
    [Fact]
    public void Wrong_arguments_and_missing_things_have_advice()
    {
        List<string> without = [];
        int found = 0;
        foreach (string file in Repository.Sources("src/ZfsEsx.Core").Concat(Repository.Sources("src/ZfsEsx")))
        {
            string text = File.ReadAllText(file);
            foreach (Match failure in Failure().Matches(text))
            {
                found++;
                List<string> arguments = Arguments(text, failure.Index + failure.Value.IndexOf('(') + 1);
                if (arguments.Count < 5 || arguments[4] == "null")
                {
                    without.Add(Path.GetFileName(file) + ": " + string.Join(", ", arguments));
                }
            }
        }

        Assert.Empty(without);
        Assert.True(found > 100, $"Only {found} failures were found.");
    }

    [Fact]
    public void Arguments_are_told_apart() => Assert.Equal(
        ["a", "f(b, c)", "\"d, (\\\"\" + x[1]", "[2, 3]"],
        Arguments("new(a, f(b, c), \"d, (\\\"\" + x[1], [2, 3]), e)", 4));

    // The texts of one call, from behind its opening bracket.
    private static List<string> Arguments(string text, int start)
    {
        List<string> arguments = [];
        int depth = 1, from = start;
        bool quoted = false;
        for (int i = start; depth > 0; i++)
        {
            char c = text[i];
            if (quoted)
            {
                i += c == '\\' ? 1 : 0;
                quoted = c != '"';
                continue;
            }

            quoted = c == '"';
            depth += c is '(' or '[' or '{' ? 1 : c is ')' or ']' or '}' ? -1 : 0;
            if (depth == 0 || (depth == 1 && c == ','))
            {
                arguments.Add(text[from..i].Trim());
                from = i + 1;
            }
        }

        return arguments;
    }

    [GeneratedRegex(@"(new|ZfsEsxException|Fail)\(\s*[\w""]+,\s*FailureKind\.(InvalidArgument|NotFound)\b")]
    private static partial Regex Failure();
}
