using System.Net;
using ZfsEsx.Build;
using ZfsEsx.Esx;
using ZfsEsx.Os;
using ZfsEsx.Replication;
using ZfsEsx.Shell;
using ZfsEsx.Vim;

namespace ZfsEsx.Lab.Demo;

/// <summary>
/// Builds the whole ring on the lab with the operations that the cmdlets use, and shows that it works.
/// </summary>
internal static class DemoCommand
{
    /// <summary>The demo as a program: 0 when the ring works.</summary>
    public static async Task<int> RunAsync(
        LabOptions options, string? jsonFile, TextWriter output, CancellationToken ct)
    {
        DemoConsole console = new(output);
        Lab lab = await Lab.UpAsync(options, console.Timed, ct);
        RingReport report = await BuildAsync(lab, console, ct, withVm: true);
        foreach (string line in report.Table())
        {
            console.Line(line);
        }

        console.Line();
        console.Line("To look at it yourself:");
        foreach (string line in SessionLines.Of(lab).Append(Drill(lab)))
        {
            console.Line("  PS> " + line);
        }

        if (jsonFile is not null)
        {
            await File.WriteAllTextAsync(jsonFile, report.ToJson(), ct);
        }

        return report.Works ? 0 : 1;
    }

    // Would the first one's VMs start from its neighbour's replica?
    private static string Drill(Lab lab) =>
        string.Join(", ", lab.Nodes.Skip(1).Select(n => $"'{n.HostName}'"))
        + $" | Start-ZfsReplicaFailover {lab.Nodes[0].VmName} ${lab.Nodes[1 % lab.Nodes.Count].VmName} -AsTest";

    /// <summary>Builds the ring on a lab, or finishes it, and reads it back.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="console">Where it is told.</param>
    /// <param name="ct">Ends it.</param>
    /// <param name="withVm">And a VM on the first one's share.</param>
    public static async Task<RingReport> BuildAsync(
        Lab lab, DemoConsole console, CancellationToken ct, bool withVm = false)
    {
        RingPlan plan = LabPlan.For(lab);
        using VimClient client = await VimClient.LoginAsync(
            new VimServer { Uri = lab.Vim, Thumbprint = lab.VimThumbprint },
            new NetworkCredential(lab.VimUser, lab.VimPassword),
            ct);
        using RingBuilder ring = new(client, plan, (node, token) => ConnectAsync(lab, node, console, token));
        console.Line("         PS> " + SessionLines.Server(lab));
        int callsBefore = await ChangingCallsAsync(lab, ct);
        int changes = 0;
        IReadOnlyList<BuildStep> steps = ring.Steps;
        string written = "";
        for (int i = 0; i < steps.Count; i++)
        {
            console.Step(i + 1, steps.Count, steps[i].Title, steps[i].CommandLine);
            Plan<object> step = await steps[i].PlanAsync(ct);
            foreach (string warning in step.Warnings)
            {
                console.Warning(warning);
            }

            changes += step.Changes.Count;
            if (step.Changes.Count == 0 && step.Refusals.Count == 0)
            {
                console.Timed("  already so");
            }
            else
            {
                await step.RunAsync(console, ct);
            }

            if (steps[i].Title == RingBuilder.MountDatastoresTitle)
            {
                written = await DemoFile.WriteAsync(lab, ring.Cloned.VMHost, ring.Cloned.Datastore, ct);
                console.Timed($"  {DemoFile.PathOf(ring.Cloned.VMHost, ring.Cloned.Datastore)}: SHA-256 {written}");
            }
        }

        if (withVm)
        {
            await DemoVm.EnsureAsync(lab, client, ring, console, ct);
        }

        return await ReportAsync(lab, client, ring, plan, changes, callsBefore, written, console, ct);
    }

    private static async Task<RingReport> ReportAsync(
        Lab lab,
        VimClient client,
        RingBuilder ring,
        RingPlan plan,
        int changes,
        int callsBefore,
        string written,
        DemoConsole console,
        CancellationToken ct)
    {
        NodePlan neighbour = ring.Neighbour(ring.Cloned);
        ZfsReplicaClone clone = (await ReplicaClone.GetAsync(await ring.HostAsync(neighbour, ct), ct))
            .Single(c => c.MountPoint == ring.CloneMountPoint);
        IReadOnlyList<ZfsNfsDatastore> mounts =
            await NfsDatastore.GetAsync(client, await ring.VMHostsAsync(ct), ring.CloneDatastore, ct);
        string read = await DemoFile.ReadAsync(lab, neighbour.VMHost, ring.CloneDatastore, ct);
        return new RingReport(
            await RingReport.ReadAsync(client, ring, plan, ct),
            new CloneReport(
                clone.ZfsHost, clone.Name, clone.Origin, clone.Snapshot, clone.MountPoint, ring.CloneDatastore,
                RingReport.MountsOf(mounts, ring.CloneDatastore),
                DemoFile.PathOf(neighbour.VMHost, ring.CloneDatastore), read, read == written),
            changes,
            await ChangingCallsAsync(lab, ct) - callsBefore,
            console.Seconds);
    }

    private static async Task<ZfsHost> ConnectAsync(Lab lab, NodePlan node, DemoConsole console, CancellationToken ct)
    {
        await lab.WaitReadyAsync(node.StorageVm, ct);
        LabNode address = lab.Nodes.Single(n => n.VmName == node.StorageVm);
        console.Line("         PS> " + SessionLines.Host(lab, address));
        OpenSshShell shell = await OpenSshShell.ConnectAsync(
            new SshOptions
            {
                HostName = "127.0.0.1",
                Name = node.StorageVm,
                Port = address.SshPort,
                UserName = "root",
                IdentityFile = lab.SshKeyPath,
                HostKey = address.HostKeyFingerprint,
            },
            ct);
        return await ZfsHost.OpenAsync(shell, ct);
    }

    private static async Task<int> ChangingCallsAsync(Lab lab, CancellationToken ct) =>
        (await lab.SimStatsAsync(ct))["changing"]!.GetValue<int>();
}
