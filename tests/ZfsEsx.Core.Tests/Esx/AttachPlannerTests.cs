using System.Text;
using System.Xml.Linq;
using ZfsEsx.Core.Tests.Vim;
using ZfsEsx.Esx;
using ZfsEsx.Vim;

namespace ZfsEsx.Core.Tests.Esx;

/// <summary>
/// Devices for a VM; the request is compared with a recorded one, the facts come from recorded answers.
/// </summary>
public class AttachPlannerTests
{
    private static readonly string[] s_both = ["0000:04:00.0", "0000:03:00.0"];

    [Fact]
    public async Task Two_devices_go_in_one_request()
    {
        // Reserved already, and MSI is off for the second device: what is left is what was recorded.
        VmFacts vm = VM() with
        {
            ReservationLocked = true,
            ReservationMB = 32,
            ExtraConfig = new Dictionary<string, string> { ["pciPassthru1.msiEnabled"] = "false" },
        };
        Recorder recorder = new();
        Change change = Assert.Single(AttachPlanner.Attach(
            Facts(vm) with { Firmware = "efi" }, s_both, new AttachOptions { DisableMsi = true, Mmio64GB = 64 },
            recorder).Changes);
        await change.ApplyAsync(SilentReporter.Instance, default);
        string recorded = Recorded.Request("24-ReconfigVM-passthrough");
        Assert.Equal(
            recorded[recorded.IndexOf("  spec", StringComparison.Ordinal)..],
            recorder.Sent[recorder.Sent.IndexOf("  spec", StringComparison.Ordinal)..]);
        Assert.Equal(["pciPassthru0.msiEnabled"], recorder.Predicted);
    }

    [Fact]
    public async Task Memory_is_reserved_in_the_same_request()
    {
        Recorder recorder = new();
        Change change = Assert.Single(AttachPlanner.Attach(
            Facts(VM()) with { ChangeVersion = "v7" }, ["0000:04:00.0"], new AttachOptions { DisableMsi = false },
            recorder).Changes);
        Assert.Equal("Attach DDRdrive X1 (0000:04:00.0), reserve all of its memory (32 MB)", change.Action);
        await change.ApplyAsync(SilentReporter.Instance, default);
        Assert.EndsWith(
            """
                memoryAllocation
                  reservation = 32
                  limit = -1
                memoryReservationLockedToMax = true

            """.ReplaceLineEndings("\n"),
            recorder.Sent, StringComparison.Ordinal);
        Assert.Contains("spec\n    changeVersion = v7\n    deviceChange", recorder.Sent, StringComparison.Ordinal);
        Assert.Empty(recorder.Predicted!);
    }

    /// <summary>Device, setting that is there, what is asked for, and what becomes of pciPassthru0.msiEnabled.</summary>
    [Theory]
    [InlineData("0000:04:00.0", null, null, "set to FALSE")]
    [InlineData("0000:03:00.0", null, null, "")] // NVMe needs MSI-X
    [InlineData("0000:03:00.0", "FALSE", null, "remove")] // of a device that was there before
    [InlineData("0000:03:00.0", null, true, "set to FALSE")]
    [InlineData("0000:04:00.0", null, false, "")]
    [InlineData("0000:04:00.0", "FALSE", false, "remove")]
    [InlineData("0000:04:00.0", "TRUE", null, "set to FALSE")]
    public void The_class_decides_about_interrupts_unless_told(
        string id, string? now, bool? disable, string expected) =>
        Assert.Equal(expected, Msi(Config(VM(), now), id, disable));

    [Theory]
    [InlineData(null, null, "set to FALSE")]
    [InlineData("TRUE", null, "")] // somebody has set it so
    [InlineData("TRUE", true, "set to FALSE")]
    [InlineData("FALSE", false, "remove")]
    [InlineData("FALSE", null, "")]
    public void A_setting_of_a_device_that_is_there_stays_unless_told(string? now, bool? disable, string expected) =>
        Assert.Equal(expected, Msi(Config(VM("25-VM-config"), now), "0000:04:00.0", disable));

    [Fact]
    public async Task A_dynamic_device_is_named_by_its_kind_in_unsigned_numbers()
    {
        Recorder recorder = new();
        AttachFacts facts = Facts(VM()) with { HostVersion = "7.0.3", Hardware = "vmx-17" };
        AttachOptions dynamic = new() { Dynamic = true };
        Change change = Assert.Single(AttachPlanner.Attach(facts, ["0000:03:00.0"], dynamic, recorder).Changes);
        Assert.Contains("(0000:03:00.0) or another of its kind", change.Action, StringComparison.Ordinal);
        await change.ApplyAsync(SilentReporter.Instance, default);
        Assert.Contains(
            "backing xsi:VirtualPCIPassthroughDynamicBackingInfo\n          deviceName = \n          allowedDevice\n"
                + "            vendorId = 5197\n            deviceId = 43016\n",
            recorder.Sent, StringComparison.Ordinal);
        Assert.Equal("DynamicNotSupported", Refusal(facts with { Hardware = "vmx-15" }, "0000:03:00.0", dynamic)?.Id);
        Assert.Equal("DynamicNotSupported", Refusal(facts with { HostVersion = "6.7.0" }, "0000:03:00.0", dynamic)?.Id);
    }

    [Theory]
    [InlineData("7.0.3", "vmx-19", 16)]
    [InlineData("8.0.0", "vmx-20", 32)]
    [InlineData("8.0.1", "vmx-20", 64)]
    [InlineData("8.0.2", "vmx-20", 64)]
    [InlineData("8.0.3", "vmx-21", 128)]
    [InlineData("9.0", "vmx-22", 128)]
    [InlineData("", "", 16)]
    public void A_VM_takes_so_many_devices(string host, string hardware, int limit) =>
        Assert.Equal(limit, AttachLimits.Of(host, hardware));

    [Fact]
    public void What_the_VM_cannot_have_is_refused()
    {
        AttachFacts facts = Facts(VM());
        Assert.Equal("MmioNeedsEfi",
            Refusal(facts with { Firmware = "bios" }, "0000:04:00.0", new AttachOptions { Mmio64GB = 64 })?.Id);
        VmFacts full = VM("25-VM-config");
        full = full with { Devices = [.. Enumerable.Repeat(full.Passthrough[0], 16)] };
        Assert.Equal("TooManyDevices", Refusal(Facts(full), "0000:03:00.0", new())?.Id);
        Assert.Equal("DeviceInUse", Refusal(
            facts with { Owners = new Dictionary<string, string> { ["0000:04:00.0"] = "uss2" } },
            "0000:04:00.0", new())?.Id);
    }

    /// <summary>What is at the address now, and the other device that is asked for.</summary>
    [Theory]
    [InlineData("4:0.0", "0000:03:00.0", "there is none now; devices of its kind are at 4:0.0")]
    [InlineData("0000:04:00.0", "0000:03:00.0", null)]
    [InlineData("4:0.0", "0000:04:00.0", "DeviceRenumbered")]
    public void A_device_that_is_no_longer_at_its_address_is_told(string address, string wanted, string? said)
    {
        XElement device = new("device", new XElement("id", address), new XElement("vendorId", 0x19e3),
            new XElement("deviceId", 0x5801), new XElement("classId", 0x0180));
        AttachFacts facts = Facts(WithLogDevice()) with { HostDevices = [Value(device)] };
        if (said == "DeviceRenumbered")
        {
            ZfsEsxException? refusal = Refusal(facts, wanted, new());
            Assert.Equal(said, refusal?.Id);
            Assert.Contains("Remove-VmDirectPath -VM uss1 -Id 0000:04:00.0", refusal?.Advice, StringComparison.Ordinal);
            return;
        }

        IReadOnlyList<string> warnings = AttachPlanner.Attach(facts, [wanted], new(), new Recorder()).Warnings;
        Assert.Equal(said is null ? 0 : 1, warnings.Count);
        Assert.Contains(said ?? "", string.Concat(warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void An_entry_made_on_another_host_is_told()
    {
        AttachFacts facts = Facts(WithLogDevice());
        VimValue moved = Value(new XElement("t", new XElement("systemId", "other"),
            new XElement("pciDevice", new XElement("id", "0000:04:00.0"))));
        Assert.Contains("made on another host",
            Refusal(facts with { Targets = [moved] }, "0000:04:00.0", new())?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Taking_it_gives_back_what_giving_it_has_set()
    {
        VmFacts vm = WithLogDevice() with
        {
            ReservationLocked = true,
            ExtraConfig = new Dictionary<string, string>
            {
                ["pciPassthru0.msiEnabled"] = "FALSE", ["pciPassthru.use64bitMMIO"] = "TRUE", ["other"] = "1",
            },
        };
        Recorder recorder = new();
        (IReadOnlyList<Change> changes, IReadOnlyList<string> warnings) =
            AttachPlanner.Detach(Facts(vm), ["0000:04:00.0"], recorder);
        Assert.Equal(
            "Detach 0000:04:00.0, remove pciPassthru0.msiEnabled, remove pciPassthru.use64bitMMIO",
            Assert.Single(changes).Action);
        Assert.Contains("reserved", Assert.Single(warnings), StringComparison.Ordinal);
        await changes[0].ApplyAsync(SilentReporter.Instance, default);
        Assert.Contains(
            "key = pciPassthru.use64bitMMIO\n      value xsi:xsd:string = \n", recorder.Sent, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_follow_the_devices_that_got_other_numbers()
    {
        // Foretold was pciPassthru1, and the device has got 0.
        AttachFacts now = Facts(WithLogDevice() with
        {
            ExtraConfig = new Dictionary<string, string> { ["pciPassthru1.msiEnabled"] = "FALSE" },
        });
        Dictionary<string, bool> lines = new() { ["0000:04:00.0"] = true };
        Arg? spec = AttachActions.Settle(now, lines, ["pciPassthru1.msiEnabled"]);
        string sent = Recorded.Canonical(spec!);
        Assert.Contains(
            "key = pciPassthru0.msiEnabled\n      value xsi:xsd:string = FALSE", sent, StringComparison.Ordinal);
        Assert.Contains(
            "key = pciPassthru1.msiEnabled\n      value xsi:xsd:string = \n", sent, StringComparison.Ordinal);
        now = Facts(
            now.VM with { ExtraConfig = new Dictionary<string, string> { ["pciPassthru0.msiEnabled"] = "FALSE" } });
        Assert.Null(AttachActions.Settle(now, lines, ["pciPassthru0.msiEnabled"]));
    }

    [Fact]
    public void What_is_so_needs_nothing()
    {
        VmFacts vm = VM("25-VM-config") with
        {
            PowerState = "poweredOn",
            ReservationLocked = true,
            ReservationMB = 32,
            ExtraConfig = new Dictionary<string, string> { ["pciPassthru0.msiEnabled"] = "FALSE" },
        };
        Assert.Empty(AttachPlanner.Attach(Facts(vm), ["0000:04:00.0"], new AttachOptions { DisableMsi = true },
            new Recorder()).Changes);
        Assert.Empty(AttachPlanner.Detach(Facts(vm), ["0000:09:00.0"], new Recorder()).Changes);
        ZfsEsxException refusal = Assert.Throws<ZfsEsxException>(() =>
            AttachPlanner.Detach(Facts(vm), ["0000:04:00.0"], new Recorder()));
        Assert.Equal("VmPoweredOn", refusal.Id);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-2)]
    [InlineData(48)]
    public void A_window_is_a_power_of_two(int size) => Assert.Equal(
        "InvalidMmioSize", Assert.Throws<ZfsEsxException>(() =>
            AttachRefusals.Check(new AttachOptions { Mmio64GB = size })).Id);

    private static VmFacts VM(string? recorded = null) => new()
    {
        Ref = new MoRef("VirtualMachine", "vm-47"),
        Name = "uss1",
        MemoryMB = 32,
        Devices = recorded is null ? [] : Recorded.Objects(recorded)[0]["config.hardware.device"].Items,
    };

    private static VmFacts WithLogDevice()
    {
        VmFacts vm = VM("25-VM-config");
        return vm with { Devices = [vm.Passthrough[0]] };
    }

    private static VmFacts Config(VmFacts vm, string? msi) => msi is null ? vm
        : vm with { ExtraConfig = new Dictionary<string, string> { ["pciPassthru0.msiEnabled"] = msi } };

    private static AttachFacts Facts(VmFacts vm)
    {
        VimObject host = Recorded.Objects("08-RetrievePropertiesEx-pci")[0];
        return new AttachFacts(vm)
        {
            HostName = "vh1",
            HostVersion = "7.0.3",
            Marks = host["config.pciPassthruInfo"].Items,
            HostDevices = host["hardware.pciDevice"].Items,
            Targets = [.. Recorded.Answer("19-QueryConfigTarget").All("pciPassthrough")],
        };
    }

    /// <summary>What a plan would do with the interrupt setting of the first device.</summary>
    private static string Msi(VmFacts vm, string id, bool? disable)
    {
        const string Key = "pciPassthru0.msiEnabled";
        string action = AttachPlanner.Attach(Facts(vm), [id], new AttachOptions { DisableMsi = disable }, new Recorder())
            .Changes.SingleOrDefault()?.Action ?? "";
        return action.Contains("emove " + Key, StringComparison.Ordinal) ? "remove"
            : action.Contains("et " + Key, StringComparison.Ordinal)
                ? "set" + action[(action.IndexOf(Key, StringComparison.Ordinal) + Key.Length)..]
            : "";
    }

    private static ZfsEsxException? Refusal(AttachFacts facts, string id, AttachOptions options) =>
        Record.Exception(() => AttachPlanner.Attach(facts, [id], options, new Recorder())) as ZfsEsxException;

    private static VimValue Value(XElement element)
    {
        using System.Xml.XmlReader reader = element.CreateReader();
        reader.MoveToContent();
        return VimValue.Read(reader);
    }

    private sealed class Recorder : IAttachActions
    {
        public string Sent { get; private set; } = string.Empty;

        public IReadOnlyList<string>? Predicted { get; private set; }

        public Task ReconfigureAsync(VmFacts vm, string doing, Arg spec, IReporter reporter, CancellationToken ct)
        {
            Sent = Recorded.Canonical(Encoding.UTF8.GetString(VimEnvelope.Write(vm.Ref, "ReconfigVM_Task", [spec])));
            return Task.CompletedTask;
        }

        public Task SettleMsiAsync(
            VmFacts vm, IReadOnlyDictionary<string, bool> lines, IReadOnlyList<string> predicted, IReporter reporter,
            CancellationToken ct)
        {
            Predicted = predicted;
            return Task.CompletedTask;
        }
    }
}
