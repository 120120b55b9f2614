using System.Text.RegularExpressions;
using ZfsEsx.Build;
using ZfsEsx.Help;

namespace ZfsEsx.Shape.Tests;

/// <summary>The lines that the demo shows are lines that can be typed.</summary>
public class DemoLineTests
{
    private static readonly RingPlan s_plan = new()
    {
        Template = "debian-zfs",
        ManagementNetwork = "VM Network",
        Network = new StorageNetworkPlan
        {
            Switch = "eSAN", Uplinks = ["vmnic1"], VmkernelPortGroup = "eSAN-Interface1", VmPortGroup = "eSAN-VM",
        },
        Nodes = [Node(1), Node(2)],
    };

    [Fact]
    public void Cmdlets_and_parameters_shown_exist()
    {
        using RingBuilder ring = new(null!, s_plan, (_, _) => throw new NotSupportedException());
        Check(ring.Steps.Count, ring.Steps.Select(s => s.CommandLine));
    }

    /// <summary>So are those of the README and the guides.</summary>
    [Theory]
    [InlineData("README.md", 6)]
    [InlineData("docs/guides/first-ring.md", 18)]
    [InlineData("docs/guides/service-a-host.md", 12)]
    [InlineData("docs/guides/one-storage-vm.md", 30)]
    public void Cmdlets_and_parameters_in_the_docs_exist(string file, int atLeast)
    {
        string text = File.ReadAllText(Repository.At(file)).Replace(" `\n", "", StringComparison.Ordinal)
            .Replace("|\n", "|", StringComparison.Ordinal);
        Check(
            atLeast,
            Regex.Matches(text, "```powershell\n(.*?)```", RegexOptions.Singleline).Select(m => m.Groups[1].Value));
    }

    private static void Check(int atLeast, IEnumerable<string> lines)
    {
        string[] commands = [.. lines.SelectMany(Commands)];
        Assert.True(commands.Length >= atLeast, "Too few commands found.");
        Assert.All(commands, command =>
        {
            string name = command.Split(' ')[0];
            CmdletInfo? cmdlet = Repository.Cmdlets.SingleOrDefault(c => c.Name == name);
            Assert.True(cmdlet is not null, name);
            foreach (string parameter in Regex.Matches(command, @"(?<=\s)-([A-Z]\w+)").Select(m => m.Groups[1].Value))
            {
                Assert.True(
                    parameter == "WhatIf"
                        || cmdlet.Parameters.Any(p => p.Name == parameter || p.Aliases.Contains(parameter)),
                    name + " -" + parameter);
            }
        });
    }

    /// <summary>
    /// Our commands of a line: those in parentheses first, then what is left between bars, semicolons and line ends.
    /// </summary>
    private static IEnumerable<string> Commands(string line)
    {
        string[] inner = [.. Regex.Matches(line, @"\(([^()]*)\)").Select(m => m.Groups[1].Value)];
        string outer = Regex.Replace(line, @"\([^()]*\)", "(…)");
        return inner.Append(outer).SelectMany(t => t.Split('|', ';', '\n'))
            .Select(t => Regex.Match(t, @"\b[A-Z]\w+-(?:Zfs|Vm|Encapsulated)\w+\b.*").Value).Where(c => c.Length > 0);
    }

    private static NodePlan Node(int i) => new()
    {
        VMHost = "vh" + i, HostAddress = "10.99.0.10" + i, HostName = "vh" + i + "-nas", LogDevice = "*DDRdrive*",
        StorageVm = "uss" + i, Address = "10.99.0.1" + i, AddressName = "uss" + i + "-nas", DataDisk = 8L << 30,
        Pool = "sp" + i, Volume = "nas/vol0", MountPoint = "/export/uss" + i + "-nas-vol0",
        Datastore = "uss" + i + "-nas-vol0",
    };
}
