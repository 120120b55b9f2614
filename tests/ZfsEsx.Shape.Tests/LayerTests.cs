using System.Text.RegularExpressions;

namespace ZfsEsx.Shape.Tests;

/// <summary>The arrows of docs/design.md: a folder of Core knows only what lies below it.</summary>
public partial class LayerTests
{
    private static readonly (string Folder, string[] Knows)[] Layers =
    [
        ("Vim", []),
        ("Shell", []),
        ("Os", ["Zfs", "Shell"]),
        ("Zfs", ["Os", "Shell"]),
        ("Esx", ["Vim"]),
        ("Replication", ["Zfs", "Os", "Shell"]),
        ("Failover", ["Esx", "Replication", "Zfs", "Os", "Vim", "Shell"]),
        ("Build", ["Esx", "Replication", "Zfs", "Os", "Vim", "Shell"]),
    ];

    public static TheoryData<string> Folders => [.. Layers.Select(l => l.Folder)];

    [Fact]
    public void Every_folder_has_its_place() => Assert.Equal(
        Layers.Select(l => l.Folder).Order(),
        Repository.Sources("src/ZfsEsx.Core").Select(FolderOf).Where(f => f.Length > 0).Distinct().Order());

    [Theory, MemberData(nameof(Folders))]
    public void Arrows_point_down(string folder)
    {
        string[] knows = [folder, .. Layers.Single(l => l.Folder == folder).Knows];
        Assert.Empty(Repository.Sources("src/ZfsEsx.Core/" + folder)
            .SelectMany(file => References(file)
                .Where(name => Layers.Any(l => l.Folder == name) && !knows.Contains(name))
                .Select(name => Path.GetFileName(file) + " knows " + name)));
    }

    [Fact]
    public void The_root_knows_no_folder() => Assert.DoesNotContain(
        Repository.Sources("src/ZfsEsx.Core").Where(f => FolderOf(f).Length == 0).SelectMany(References),
        name => Layers.Any(l => l.Folder == name));

    private static IEnumerable<string> References(string file) =>
        Reference().Matches(File.ReadAllText(file)).Select(m => m.Groups[1].Value);

    private static string FolderOf(string file) =>
        Path.GetDirectoryName(Path.GetRelativePath(Repository.At("src/ZfsEsx.Core"), file))!.Split('/', '\\')[0];

    // Inside the namespace ZfsEsx a neighbour is also reached as "Esx.Name"; the names of the folders are too common as
    // words to look for that, and the house writes usings.
    [GeneratedRegex(@"\bZfsEsx\.([A-Z][a-z]+)\b")]
    private static partial Regex Reference();
}
