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
        MatchCollection[] commands =
            [.. ring.Steps.Select(s => Regex.Matches(s.CommandLine, @"\b([A-Z]\w+-(?:Zfs|Vm|Encapsulated)\w+)((?:[^|\n](?![A-Z]\w+-(?:Zfs|Vm|Encapsulated)))*)"))];
        Assert.True(commands.Sum(c => c.Count) >= ring.Steps.Count, "Too few commands found.");
        Assert.All(commands.SelectMany(c => c), command =>
        {
            CmdletInfo? cmdlet = Repository.Cmdlets.SingleOrDefault(c => c.Name == command.Groups[1].Value);
            Assert.True(cmdlet is not null, command.Groups[1].Value);
            foreach (Match parameter in Regex.Matches(command.Groups[2].Value, @"(?<=\s)-([A-Z]\w+)"))
            {
                string name = parameter.Groups[1].Value;
                Assert.True(cmdlet.Parameters.Any(p => p.Name == name || p.Aliases.Contains(name)), cmdlet.Name + " -" + name);
            }
        });
    }

    private static NodePlan Node(int i) => new()
    {
        VMHost = "vh" + i, HostAddress = "10.99.0.10" + i, HostName = "vh" + i + "-nas", LogDevice = "*DDRdrive*",
        StorageVm = "uss" + i, Address = "10.99.0.1" + i, AddressName = "uss" + i + "-nas", DataDisk = 8L << 30,
        Pool = "sp" + i, Volume = "nas/vol0", MountPoint = "/export/uss" + i + "-nas-vol0", Datastore = "uss" + i + "-nas-vol0",
    };
}
