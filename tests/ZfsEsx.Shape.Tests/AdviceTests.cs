using System.Text.RegularExpressions;
using ZfsEsx.Help;

namespace ZfsEsx.Shape.Tests;

/// <summary>What an error tells the user to type can be typed.</summary>
public class AdviceTests
{
    [Fact]
    public void Parameters_and_cmdlets_named_in_Core_exist()
    {
        HashSet<string> parameters =
        [
            .. Repository.Cmdlets.SelectMany(c => c.Parameters).SelectMany(p => p.Aliases.Append(p.Name)),
            "WhatIf", "Confirm", "Verbose"
        ];
        HashSet<string> cmdlets = [.. Repository.Cmdlets.Select(c => c.Name)];
        List<string> unknown = [];
        int found = 0;
        foreach (string file in Directory
            .GetFiles(Repository.At("src/ZfsEsx.Core"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal)))
        {
            foreach (Match text in Regex.Matches(File.ReadAllText(file), "\"(?:[^\"\\\\\n]|\\\\.)*\""))
            {
                foreach (Match m in Regex.Matches(text.Value, @"(?<=[\s(""])-([A-Z][a-z]\w+)"))
                {
                    found++;
                    Note(parameters.Contains(m.Groups[1].Value), m.Value, text.Value);
                }

                foreach (Match m in Regex.Matches(text.Value, @"\b[A-Z][a-z]+-(?:Zfs|VmDirect|Encapsulated)\w+"))
                {
                    found++;
                    Note(cmdlets.Contains(m.Value), m.Value, text.Value);
                }
            }

            void Note(bool known, string name, string text)
            {
                if (!known)
                {
                    unknown.Add($"{Path.GetFileName(file)}: {name} in {text}");
                }
            }
        }

        Assert.Empty(unknown);
        Assert.True(found > 60, $"Only {found} names were found in Core's texts.");
    }
}
