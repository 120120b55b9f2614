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
        (IReadOnlyList<Change> changes, IReadOnlyList<string> warned) = DirectPathPlanner.Compare(
            [host], [new(s_host, "0000:04:00.0")], true, new DirectPathOptions { AllowReboot = reboot }, recorder);
        Assert.Equal(warnings, warned.Count);
        foreach (Change change in changes.OrderBy(c => c.Stage))
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
        (IReadOnlyList<Change> changes, _) =
            DirectPathPlanner.Compare([host], [new(s_host, "0000:04:00.1")], true, new(), new Recorder());
        Assert.Equal(
            "vh1: Enable passthrough of DDRdrive X1 (0000:04:00.0), DDRdrive X1 (0000:04:00.1); devices that share "
                + "a reset change together",
            Assert.Single(changes).ToString());
    }

    [Fact]
    public void Hosts_are_rebooted_one_after_the_other()
    {
        HostPci[] hosts = [.. Enumerable.Range(1, 3)
            .Select(i => Host(Device()) with { Ref = new MoRef("HostSystem", "host-" + i), Name = "vh" + i })];
        (IReadOnlyList<Change> changes, _) = DirectPathPlanner.Compare(
            hosts, [.. hosts.Select(h => new DirectPathSelection(h.Ref, "*"))], true,
            new DirectPathOptions { AllowReboot = true }, new Recorder());
        Assert.Equal([0, 1, 0, 2, 0, 3], changes.Select(c => c.Stage));
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
        void Plan() => DirectPathPlanner.Compare(
            [host], [new(s_host, "0000:04:00.0")], true, new DirectPathOptions { Force = force }, new Recorder());
        if (id is null)
        {
            Plan();
            return;
        }

        ZfsEsxException refusal = Assert.Throws<ZfsEsxException>(Plan);
        Assert.Equal(id, refusal.Id);
        Assert.Contains("0000:04:00.0", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a, b", "", false, "HostNotEvacuated")]
    [InlineData("a, b", "", true, null)]
    [InlineData("a, b", "b", true, "HostNotEvacuated")]
    [InlineData("", "", false, null)]
    public void VMs_that_nothing_moves_hold_up_a_reboot(string running, string pinned, bool evacuates, string? id)
    {
        static string[] Split(string list) => list.Split(", ", StringSplitOptions.RemoveEmptyEntries);
        HostPci host = Host(Device()) with { PoweredOnVMs = Split(running), PinnedVMs = Split(pinned),
            Evacuates = evacuates };
        Exception? refusal = Record.Exception(() => DirectPathPlanner.Compare(
            [host], [new(s_host, "0000:04:00.0")], true, new DirectPathOptions { AllowReboot = true }, new Recorder()));
        Assert.Equal(id, (refusal as ZfsEsxException)?.Id);
    }

    [Fact]
    public void A_controller_is_warned_of_when_the_boot_device_is_not_known()
    {
        HostPci host = Host(Device()) with { BootDeviceKnown = false };
        (_, IReadOnlyList<string> warnings) = DirectPathPlanner.Compare(
            [host], [new(s_host, "0000:04:00.0")], true, new DirectPathOptions { AllowReboot = true }, new Recorder());
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
        ZfsEsxException? refusal = Record.Exception(
            () => DirectPathPlanner.Compare([asked], wanted, true, new(), new Recorder())) as ZfsEsxException;
        Assert.Equal(id, refusal?.Id);
    }

    [Fact]
    public void Without_a_capable_device_the_firmware_is_pointed_at()
    {
        HostPci host = Host(Device() with { Capable = false });
        ZfsEsxException refusal = Assert.Throws<ZfsEsxException>(
            () => DirectPathPlanner.Compare([host], [new(s_host, "0000:04:00.0")], true, new(), new Recorder()));
        Assert.Equal("DeviceNotCapable", refusal.Id);
        Assert.Contains("VT-d", refusal.Advice, StringComparison.Ordinal);
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

    [Theory]
    [InlineData(0x0100, "SCSI storage controller")]
    [InlineData(0x0108, "Non-volatile memory controller")]
    [InlineData(0x01ff, "Storage controller")]
    [InlineData(0x0200, "Ethernet controller")]
    [InlineData(0xff00, "Class ff00")]
    public void Classes_are_told_in_words(int classId, string words) =>
        Assert.Equal(words, PciClass.InWords((ushort)classId));

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

    private sealed class Recorder : IDirectPathActions
    {
        public List<string> Calls { get; } = [];

        public Task MarkAsync(HostPci host, IReadOnlyList<string> ids, bool enable, CancellationToken ct)
        {
            Calls.Add("mark");
            return Task.CompletedTask;
        }

        public Task RebootAsync(
            HostPci host, IReadOnlyList<string> ids, bool enable, DirectPathOptions options, IReporter reporter,
            CancellationToken ct)
        {
            Calls.Add("reboot");
            return Task.CompletedTask;
        }
    }
}
