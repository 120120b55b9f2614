using System.Reflection;
using ZfsEsx.Help;

namespace ZfsEsx.Shape.Tests;

/// <summary>The checkout under test.</summary>
internal static class Repository
{
    public static string Root { get; } = Path.GetFullPath(
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(a => a.Key == "Root").Value!);

    public static string Module => At("out/ZfsEsx");

    public static IReadOnlyList<CmdletInfo> Cmdlets { get; } = CmdletInfo.Load(typeof(ZfsEsxCommand).Assembly.Location);

    public static TheoryData<string> CmdletNames => [.. Cmdlets.Select(c => c.Name)];

    public static CmdletInfo Cmdlet(string name) => Cmdlets.Single(c => c.Name == name);

    public static string At(string path) => Path.Combine(Root, path);

    public static IEnumerable<string> Sources(string folder) => Directory
        .EnumerateFiles(At(folder), "*.cs", SearchOption.AllDirectories)
        .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal)
            && !f.Contains("\\obj\\", StringComparison.Ordinal) && !f.Contains("\\bin\\", StringComparison.Ordinal));
}
