using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using ZfsEsx.Esx;
using ZfsEsx.Help;

namespace ZfsEsx.Shape.Tests;

/// <summary>The manifest, the files of the module, its help and its views.</summary>
public class ModuleTests
{
    private static string Manifest => File.ReadAllText(Repository.At("ZfsEsx.psd1"));

    [Fact]
    public void The_manifest_exports_exactly_the_cmdlets()
    {
        string list = Regex.Match(Manifest, @"CmdletsToExport\s*=\s*@\(([^)]*)\)").Groups[1].Value;
        string[] exported = [.. Regex.Matches(list, "'([^']+)'").Select(m => m.Groups[1].Value)];
        Assert.Equal(
            Repository.Cmdlets.Select(c => c.Name).Order(StringComparer.Ordinal),
            exported.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(@"FunctionsToExport\s*=\s*@\(\)")]
    [InlineData(@"AliasesToExport\s*=\s*@\(\)")]
    [InlineData(@"VariablesToExport\s*=\s*@\(\)")]
    [InlineData(@"PowerShellVersion\s*=\s*'5\.1'")]
    [InlineData(@"CompatiblePSEditions\s*=\s*@\('Desktop', 'Core'\)")]
    [InlineData(@"RootModule\s*=\s*'bin/ZfsEsx\.dll'")]
    public void The_manifest_says(string pattern) => Assert.Matches(pattern, Manifest);

    [Fact]
    public void The_manifest_has_the_version_of_the_assembly() => Assert.Matches(
        @"ModuleVersion\s*=\s*'" + typeof(ZfsEsxCommand).Assembly.GetName().Version!.ToString(3) + "'", Manifest);

    [Fact]
    public void Nothing_third_party_is_in_the_module() => Assert.Equal(
        [
            "LICENSE", "ZfsEsx.Format.ps1xml", "ZfsEsx.psd1", "bin/ZfsEsx.Core.dll", "bin/ZfsEsx.dll",
            "en-US/ZfsEsx.dll-Help.xml", "en-US/about_ZfsEsx.help.txt", "en-US/about_ZfsEsx_Failover.help.txt",
            "en-US/about_ZfsEsx_Replication.help.txt", "en-US/about_ZfsEsx_Systems.help.txt",
        ],
        Directory.EnumerateFiles(Repository.Module, "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(Repository.Module, f).Replace('\\', '/')).Order(StringComparer.Ordinal));

    [Fact]
    public void The_assemblies_need_nothing_but_the_framework_and_PowerShell()
    {
        Assert.Equal(["netstandard"], References(typeof(Change).Assembly));
        Assert.Equal(
            ["System.Management.Automation", "ZfsEsx.Core", "netstandard"], References(typeof(ZfsEsxCommand).Assembly));
    }

    [Fact]
    public void Pages_and_cmdlets_agree() =>
        Assert.Empty(Program.Check(typeof(ZfsEsxCommand).Assembly.Location, Repository.At("docs/en-US")));

    [Fact]
    public void The_help_file_has_every_cmdlet()
    {
        XDocument help = XDocument.Load(Path.Combine(Repository.Module, "en-US/ZfsEsx.dll-Help.xml"));
        XNamespace command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
        Assert.Equal(
            Repository.Cmdlets.Select(c => c.Name),
            help.Descendants(command + "details").Select(d => d.Element(command + "name")!.Value));
    }

    [Fact]
    public void Views_fit_and_show_what_exists()
    {
        Assembly[] ours = [typeof(Change).Assembly, typeof(ZfsEsxCommand).Assembly];
        XDocument formats = XDocument.Load(Repository.At("src/ZfsEsx/ZfsEsx.Format.ps1xml"));
        string[] viewed =
        [
            .. formats.Descendants("View").Select(view =>
            {
                string name = view.Descendants("TypeName").Single().Value;
                Type type = ours.Select(a => a.GetType(name)).OfType<Type>().SingleOrDefault()
                    ?? throw new InvalidOperationException("There is no type " + name);
                // Figures are short.
                int most = name == "ZfsEsx.Zfs.StorageMeasurement" ? 9 : 6;
                Assert.True(view.Descendants("TableColumnItem").Count() <= most, name);
                Assert.Equal(
                    view.Descendants("TableColumnHeader").Count(), view.Descendants("TableColumnItem").Count());
                Assert.All(
                    view.Descendants("PropertyName").Select(p => p.Value).Concat(UsedIn(view)),
                    p => Assert.True(type.GetProperty(p) is not null, name + "." + p));
                return name;
            }),
        ];
        Type[] outputs = [.. Repository.Cmdlets.SelectMany(c => c.Outputs).Where(IsOurs).Distinct()];
        IEnumerable<Type> parts =
            outputs.SelectMany(t => t.GetProperties()).SelectMany(p => p.PropertyType.GetGenericArguments());
        Assert.Empty(outputs.Select(t => t.FullName).Except(viewed)); // each has a view,
        Assert.Empty(viewed.Except(outputs.Concat(parts).Select(t => t.FullName!))); // and what has one can be seen
    }

    private static bool IsOurs(Type type) => type.FullName!.StartsWith("ZfsEsx.", StringComparison.Ordinal);

    [Fact]
    public void Secrets_are_not_in_views() =>
        Assert.DoesNotContain(
            "SessionSecret",
            File.ReadAllText(Repository.At("src/ZfsEsx/ZfsEsx.Format.ps1xml")),
            StringComparison.Ordinal);

    private static IEnumerable<string> UsedIn(XElement view) => view.Descendants("ScriptBlock")
        .Select(s => s.Value.Split('|')[0])
        .SelectMany(s => Regex.Matches(s, @"\$_\.(\w+)"))
        .Select(m => m.Groups[1].Value);

    private static string[] References(Assembly assembly) =>
        [.. assembly.GetReferencedAssemblies().Select(a => a.Name!).Order(StringComparer.Ordinal)];
}
