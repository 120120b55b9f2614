using System.Collections.Concurrent;
using ZfsEsx.Core.Tests.Vim;
using ZfsEsx.Esx;
using ZfsEsx.Vim;

namespace ZfsEsx.Core.Tests.Esx;

public class DirectPathPlannerTests
{
    private static readonly MoRef s_host = new("HostSystem", "host-1");

    /// <summary>State of the device, what is allowed, and the changes and warnings that follow.</summary>
    [Theory]
    [InlineData(false, false, false, false, "mark", 1)]
    [InlineData(false, false, false, true, "mark reboot", 0)]
    [InlineData(false, false, true, false, "mark", 0)]
    [InlineData(false, false, true, true, "mark", 0)]
    [InlineData(true, false, false, false, "", 1)]
    [InlineData(true, false, false, true, "reboot", 0)]
    [InlineData(true, false, true, true, "reboot", 0)]
    [InlineData(true, true, false, true, "", 0)]
    [InlineData(false, true, false, true, "mark reboot", 0)]
    public async Task Enabling(bool enabled, bool active, bool rebind, bool reboot, string expected, int warnings)
    {
        HostPci host = Host(Device() with { Enabled = enabled, Active = active, RebindWithoutReboot = rebind });
        Recorder recorder = new();
        DirectPathComparison found = DirectPathPlanner.Compare(
            [host], [new(s_host, "0000:04:00.0")], true, new DirectPathOptions { AllowReboot = reboot }, recorder);
        Assert.Equal(warnings, found.Warnings.Count);
        foreach (Change change in found.Changes.OrderBy(c => c.Stage))
        {
            await change.ApplyAsync(SilentReporter.Instance, default);
        }

        Assert.Equal(expected, string.Join(' ', recorder.Calls));
    }

    [Fact]
    public void Siblings_go_along_in_one_change_and_are_named()
    {
        HostPci host = Host(
            Device() with { DependentDevices = ["0000:04:00.1"] },
            Device() with { Id = "0000:04:00.1", DependentDevices = ["0000:04:00.0"] });
        DirectPathComparison found =
            DirectPathPlanner.Compare([host], [new(s_host, "0000:04:00.1")], true, new(), new Recorder());
        Assert.Equal(
            "vh1: Enable passthrough of DDRdrive X1 (0000:04:00.0), DDRdrive X1 (0000:04:00.1); devices that share "
                + "a reset change together",
            Assert.Single(found.Changes).ToString());
    }

    [Fact]
    public async Task Hosts_are_rebooted_one_after_the_other()
    {
        HostPci[] hosts = [.. Enumerable.Range(1, 3)
            .Select(i => Host(Device()) with { Ref = new MoRef("HostSystem", "host-" + i), Name = "vh" + i })];
        Recorder recorder = new() { FailsOn = "vh2" };
        DirectPathComparison found = DirectPathPlanner.Compare(
            hosts, [.. hosts.Select(h => new DirectPathSelection(h.Ref, "*"))], true,
            new DirectPathOptions { AllowReboot = true }, recorder);
        Assert.Equal([0, 1, 0, 2, 0, 3], found.Changes.Select(c => c.Stage));

        // Two hosts that are away are worse than one: the third is not booted.
        IReadOnlyList<ChangeFailure> failures =
            await ChangeRunner.ApplyAsync(found.Changes, 8, SilentReporter.Instance, default);
        Assert.Equal(["Test", "EarlierRebootFailed"], failures.Select(f => ((ZfsEsxException)f.Cause).Id));
        Assert.Equal("vh3", failures[1].Change.Target);
        Assert.Equal(["mark", "mark", "mark", "reboot", "reboot"], recorder.Calls.Order());
    }

    [Fact]
    public void A_refused_host_leaves_the_others()
    {
        HostPci[] hosts =
        [
            Host(Device()),
            Host(Device() with { UsedBy = ["boot device"] }) with { Ref = new("HostSystem", "host-2"), Name = "vh2" },
            Host() with { Ref = new("HostSystem", "host-3"), Name = "vh3" },
            Host(Device()) with { Ref = new("HostSystem", "host-4"), Name = "vh4", Connected = false },
        ];
        DirectPathComparison found = DirectPathPlanner.Compare(
            hosts, [.. hosts.Select(h => new DirectPathSelection(h.Ref, "*drive*"))], true, new(), new Recorder());
        Assert.Equal("vh1", Assert.Single(found.Changes).Target);
        Assert.Equal("vh1", Assert.Single(found.Hosts).Name);
        Assert.Equal(["BootDevice", "DeviceNotFound", "HostNotConnected"], found.Refusals.Select(r => r.Id));
    }

    [Theory]
    [InlineData("boot device", false, "BootDevice")]
    [InlineData("boot device", true, "BootDevice")]
    [InlineData("VMFS datastore local", false, "DeviceInUse")]
    [InlineData("uplink vmnic0 of vmk0", false, "DeviceInUse")]
    [InlineData("VMFS datastore local", true, null)]
    public void What_the_host_needs_is_refused(string use, bool force, string? id)
    {
        HostPci host = Host(Device() with { UsedBy = [use] });
        ZfsEsxException? refusal = Refusal(host, true, new DirectPathOptions { Force = force });
        Assert.Equal(id, refusal?.Id);
        Assert.True(refusal is null || refusal.Message.Contains("0000:04:00.0", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("VMFS datastore local", "VMs off VMFS datastore local", "the controller", "nothing on the disks is erased")]
    [InlineData("uplink vmnic0 of vmk0", "another uplink", "the card", "no other uplink is cut off")]
    public void What_Force_does_is_said(string use, params string[] said)
    {
        string advice = Refusal(Host(Device() with { UsedBy = [use] }), true, new())!.Advice!;
        Assert.All(said.Append("With -Force"), s => Assert.Contains(s, advice, StringComparison.Ordinal));
        Assert.Equal(use.StartsWith("VMFS", StringComparison.Ordinal), advice.Contains("disks", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true, null)] // the host has lost the mark of a device that a VM has: it gets it back
    [InlineData(false, "DeviceInUse")]
    public void A_VM_that_has_the_device_hinders_only_its_return(bool enable, string? id) => Assert.Equal(
        id, Refusal(Host(Device() with { Enabled = !enable, UsedBy = ["VM uss1"] }), enable, new())?.Id);

    [Theory]
    [InlineData("a b", false, "HostNotEvacuated")]
    [InlineData("a b", true, null)]
    [InlineData("a b!", true, "HostNotEvacuated")]
    [InlineData("", false, null)]
    public void VMs_that_nothing_moves_hold_up_a_reboot(string running, bool evacuates, string? id)
    {
        HostPci host = Host(Device()) with
        {
            RunningVMs = [.. running.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(n => new RunningVM(n, n.EndsWith('!')))],
            Evacuates = evacuates,
        };
        Assert.Equal(id, Refusal(host, true, new DirectPathOptions { AllowReboot = true })?.Id);
    }

    [Fact]
    public void A_borrowed_session_that_dies_with_the_host_is_refused_before_anything_is_done()
    {
        HostPci host = Host(Device()) with { OutlivesReboot = false };
        ZfsEsxException? refusal = Refusal(host, true, new DirectPathOptions { AllowReboot = true });
        Assert.Equal("SessionEndsWithReboot", refusal?.Id);
        Assert.Contains("Connect-ZfsEsxServer vh1", refusal?.Advice, StringComparison.Ordinal);
        Assert.Null(Refusal(host, true, new()));
    }

    [Fact]
    public void To_move_the_vCenter_Server_is_asked_about()
    {
        HostPci host =
            Host(Device()) with { RunningVMs = [new("vc", Role: "vCenter Server"), new("app")], Evacuates = true };
        Change reboot = DirectPathPlanner.Compare(
            [host], [new(s_host, "*")], true, new DirectPathOptions { AllowReboot = true }, new Recorder()).Changes[1];
        Assert.Equal(ChangeRisk.DataLoss, reboot.Risk);
        Assert.Equal(
            "Enter maintenance mode, which moves vc (vCenter Server) away, and reboot, so that the passthrough of "
                + "0000:04:00.0 takes effect",
            reboot.Action);
    }

    [Fact]
    public void A_controller_is_warned_of_when_the_boot_device_is_not_known()
    {
        HostPci host = Host(Device()) with { BootDeviceKnown = false };
        IReadOnlyList<string> warnings = DirectPathPlanner.Compare(
            [host], [new(s_host, "0000:04:00.0")], true, new DirectPathOptions { AllowReboot = true }, new Recorder())
            .Warnings;
        Assert.Contains("boots from", Assert.Single(warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("t10.boot", "BootDevice")]
    [InlineData("t10.other", null)] // behind no controller that we know
    [InlineData("", null)]
    public async Task A_host_whose_facts_do_not_tell_is_asked_for_its_boot_device(string disk, string? id)
    {
        using ReplayServer server = new();
        server.Add(
            "QueryBootDevices", 200,
            "<e:Envelope xmlns:e='" + Soap.Envelope
                + "'><e:Body><QueryBootDevicesResponse xmlns='urn:vim25'><returnval>"
            + "<currentBootDeviceKey>" + disk
                + "</currentBootDeviceKey></returnval></QueryBootDevicesResponse></e:Body></e:Envelope>");
        using VimClient client = await server.LoginAsync();
        HostPci host = Host(Device()) with
        {
            BootDeviceKnown = false,
            BootDeviceSystem = new MoRef("HostBootDeviceSystem", "boot"),
            ControllersOf = name => name == "t10.boot" ? ["0000:04:00.0"] : [],
        };
        DirectPathSelection[] wanted = [new(s_host, "0000:04:00.0")];
        Assert.True(DirectPathPlanner.TakesController(host, wanted));
        HostPci asked = await HostPciReader.WithBootDeviceAsync(client, host, default);
        Assert.Equal(id, Refusal(asked, true, new())?.Id);
    }

    [Fact]
    public void Without_a_capable_device_the_firmware_is_pointed_at()
    {
        HostPci host = Host(Device() with { Capable = false });
        ZfsEsxException? refusal = Refusal(host, true, new());
        Assert.Equal("DeviceNotCapable", refusal?.Id);
        Assert.Contains("VT-d", refusal?.Advice, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0000:04:00.0", true)]
    [InlineData("04:00.0", true)]
    [InlineData("19E3:5801", true)]
    [InlineData("*DDRdrive*", true)]
    [InlineData("ddrdrive x?", true)]
    [InlineData("DDRdrive, LLC. DDRdrive X1", true)]
    [InlineData("DDRdrive", false)]
    [InlineData("4:00.0", false)]
    [InlineData(".*", false)]
    [InlineData("", false)]
    public void Devices_are_chosen_by_address_ids_or_name(string wanted, bool matches) =>
        Assert.Equal(matches, DeviceMatch.Matches(Device(), wanted));

    private static VmDirectPathDevice Device() => new()
    {
        VMHost = "vh1",
        VMHostId = s_host.Id,
        Id = "0000:04:00.0",
        Device = "DDRdrive X1",
        VendorName = "DDRdrive, LLC.",
        VendorId = "19e3",
        DeviceId = "5801",
        ClassId = "0180",
        Class = "Mass storage controller",
        Capable = true,
    };

    private static HostPci Host(params VmDirectPathDevice[] devices) =>
        new() { Ref = s_host, Name = "vh1", Devices = devices };

    private static ZfsEsxException? Refusal(HostPci host, bool enable, DirectPathOptions options) => DirectPathPlanner
        .Compare([host], [new(s_host, "0000:04:00.0")], enable, options, new Recorder()).Refusals.SingleOrDefault();

    private sealed class Recorder : IDirectPathActions
    {
        public ConcurrentQueue<string> Calls { get; } = [];

        public string? FailsOn { get; init; }

        public Task MarkAsync(
            HostPci host, IReadOnlyList<VmDirectPathDevice> devices, bool enable, IReporter reporter,
            CancellationToken ct)
        {
            Calls.Enqueue("mark");
            return Task.CompletedTask;
        }

        public Task RebootAsync(
            HostPci host, IReadOnlyList<VmDirectPathDevice> devices, bool enable, DirectPathOptions options,
            IReporter reporter, CancellationToken ct)
        {
            Calls.Enqueue("reboot");
            return host.Name != FailsOn ? Task.CompletedTask
                : throw new ZfsEsxException("Test", FailureKind.Timeout, host.Name, "It did not come back.");
        }
    }
}
