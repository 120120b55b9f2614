using System.Text;
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
        IReadOnlyList<Change> changes = AttachPlanner.Attach(
            Facts(vm), s_both, new AttachOptions { DisableMsi = true, Mmio64GB = 64 }, recorder);
        await Assert.Single(changes).ApplyAsync(SilentReporter.Instance, default);
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
        Change change = Assert.Single(
            AttachPlanner.Attach(Facts(VM()), ["0000:04:00.0"], new AttachOptions(), recorder));
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
        Assert.Null(recorder.Predicted);
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
            new Recorder()));
        Assert.Empty(AttachPlanner.Detach(vm, ["0000:09:00.0"], new Recorder()));
        ZfsEsxException refusal = Assert.Throws<ZfsEsxException>(() =>
            AttachPlanner.Detach(vm, ["0000:04:00.0"], new Recorder()));
        Assert.Equal("VmPoweredOn", refusal.Id);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-2)]
    [InlineData(48)]
    public void A_window_is_a_power_of_two(int size) => Assert.Equal(
        "InvalidMmioSize", Assert.Throws<ZfsEsxException>(() =>
            AttachPlanner.Check(new AttachOptions { Mmio64GB = size })).Id);

    private static VmFacts VM(string? recorded = null) => new()
    {
        Ref = new MoRef("VirtualMachine", "vm-47"),
        Name = "uss1",
        MemoryMB = 32,
        Devices = recorded is null ? [] : Recorded.Objects(recorded)[0]["config.hardware.device"].Items,
    };

    private static AttachFacts Facts(VmFacts vm) => new(
        vm, "vh1",
        Recorded.Objects("08-RetrievePropertiesEx-pci")[0]["config.pciPassthruInfo"].Items,
        [.. Recorded.Answer("19-QueryConfigTarget").All("pciPassthrough")],
        new Dictionary<string, string>());

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
            VmFacts vm, IReadOnlyList<string> ids, IReadOnlyList<string> predicted, IReporter reporter,
            CancellationToken ct)
        {
            Predicted = predicted;
            return Task.CompletedTask;
        }
    }
}
