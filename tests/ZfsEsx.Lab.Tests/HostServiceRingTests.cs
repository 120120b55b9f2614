using System.Net;
using ZfsEsx.Esx;
using ZfsEsx.Lab.Demo;
using ZfsEsx.Shell;
using ZfsEsx.Vim;

namespace ZfsEsx.Lab.Tests;

/// <summary>
/// A host into service and back, with a storage VM that really goes down, boots, and serves its share again.
/// </summary>
[Collection(Rings.Name)]
public sealed class HostServiceRingTests(RingFixture fixture)
{
    private const string Share = "uss1-nas-vol0";

    [Fact]
    public async Task A_host_of_the_ring_is_serviced()
    {
        RingReport ring = await fixture.RingAsync();
        Lab lab = fixture.Lab;
        using VimClient client = await VimClient.LoginAsync(
            new VimServer { Uri = lab.Vim, Thumbprint = lab.VimThumbprint },
            new NetworkCredential(lab.VimUser, lab.VimPassword), default);
        MoRef[] hosts = [.. await Inventory.ResolveAsync(client, "HostSystem", ["vh1", "vh2", "vh3"], default)];
        const string Kept = "/vmfs/volumes/vh2/" + Share + "/kept";
        await MustAsync(lab, "vh2", "sh", "-c", $"echo kept > {Kept} && sync {Kept}");
        MoRef app = await NewAsync(client, hosts[0]);
        // The lab's guests have no VMware Tools to tell their storage addresses.
        HostServiceOptions options = new()
        {
            Shares = await Inventory.ResolveAsync(client, "Datastore", [Share], default),
        };
        try
        {
            Plan<EncapsulatedHostService> start = await HostService.PlanStartAsync(client, hosts[0], options, default);
            Assert.Contains(start.Changes, c => c.Target == "service-app"
                && c.Action.Contains("from datastore " + Share, StringComparison.Ordinal));
            EncapsulatedHostService away = await start.RunAsync(SilentReporter.Instance, default);
            Assert.Equal("Ready", away.State);
            Assert.False(lab.IsRunning("uss1"));
            CommandResult mounts = await MustAsync(lab, "vh2", "cat", "/proc/mounts");
            Assert.DoesNotContain($"/vmfs/volumes/vh2/{Share} ", mounts.Output, StringComparison.Ordinal);
            Assert.Empty((await HostService.PlanStartAsync(client, hosts[0], options, default)).Changes);
        }
        finally
        {
            // Whatever went wrong: the ring is shared with other tests.
            Plan<EncapsulatedHostService> back =
                await HostService.PlanCompleteAsync(client, hosts[0], new HostServiceOptions(), default);
            EncapsulatedHostService home = await back.RunAsync(SilentReporter.Instance, default);
            await lab.WaitReadyAsync("uss1", default);
            Assert.Equal("Serving", home.State);
        }

        foreach (string host in new[] { "vh1", "vh3" })
        {
            Assert.Equal("kept\n", (await MustAsync(lab, host, "cat", $"/vmfs/volumes/{host}/{Share}/kept")).Output);
        }

        Assert.Equal("ONLINE\n", (await lab.GuestAsync("uss1", "zpool", "list", "-H", "-o", "health", "sp1")).Output);
        Assert.Empty(
            (await HostService.PlanCompleteAsync(client, hosts[0], new HostServiceOptions(), default)).Changes);
        VimObject moved =
            (await client.RetrieveAsync([app], "VirtualMachine", ["config.files.vmPathName"], default))[0];
        Assert.StartsWith("[" + Share + "]", moved["config.files.vmPathName"].Text, StringComparison.Ordinal);
        Assert.NotEmpty(ring.Nodes);
        await client.CallAsync(app, "UnregisterVM", default);
    }

    private static async Task<MoRef> NewAsync(VimClient client, MoRef host)
    {
        MoRef template = (await Inventory.ResolveAsync(client, "VirtualMachine", ["debian-zfs"], default))[0];
        NewStorageVm wanted = new()
        {
            Name = "service-app", Host = host, Template = template,
            Memory = 256L << 20, NumCpu = 1, DataDisks = [64L << 20],
            Datastore = (await Inventory.ResolveAsync(client, "Datastore", [Share], default))[0],
        };
        await (await StorageVm.PlanNewAsync(client, [wanted], default)).RunAsync(SilentReporter.Instance, default);
        return (await Inventory.ResolveAsync(client, "VirtualMachine", ["service-app"], default))[0];
    }

    private static async Task<CommandResult> MustAsync(Lab lab, string host, params string[] words)
    {
        CommandResult result = await lab.HostsAsync(host, words);
        Assert.True(result.Succeeded, string.Join(' ', words) + ": " + result.Complaint);
        return result;
    }
}
