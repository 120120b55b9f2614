namespace ZfsEsx.Help;

internal static class Program
{
    private const string Usage = """
        ZfsEsx.Help check ASSEMBLY DOCS        fails when pages and cmdlets disagree
        ZfsEsx.Help build ASSEMBLY DOCS OUT    writes ASSEMBLY-Help.xml and the about_ topics into OUT
        """;

    private static int Main(string[] args)
    {
        switch (args)
        {
            case ["check", string assembly, string docs]:
                List<string> complaints = Check(assembly, docs);
                complaints.ForEach(Console.Error.WriteLine);
                return complaints.Count == 0 ? 0 : 1;
            case ["build", string assembly, string docs, string target]:
                Build(assembly, docs, target);
                return 0;
            default:
                Console.Error.WriteLine(Usage);
                return 2;
        }
    }

    internal static List<string> Check(string assembly, string docs)
    {
        List<string> complaints = [];
        Dictionary<string, Page> pages = Checker.Pages(docs, complaints);
        complaints.AddRange(Checker.Complaints(CmdletInfo.Load(assembly), pages));
        return complaints;
    }

    private static void Build(string assembly, string docs, string target)
    {
        Directory.CreateDirectory(target);
        Dictionary<string, Page> pages = Checker.Pages(docs, []);
        Maml.File(CmdletInfo.Load(assembly).Where(c => pages.ContainsKey(c.Name)).Select(c => (c, pages[c.Name])))
            .Save(Path.Combine(target, Path.GetFileName(assembly) + "-Help.xml"));
        foreach (string about in Directory.GetFiles(docs, "about_*.md"))
        {
            File.WriteAllText(
                Path.Combine(target, Path.GetFileNameWithoutExtension(about) + ".help.txt"),
                Prose.About(File.ReadAllText(about)));
        }
    }
}
