using ZfsEsx.Core.Tests.Vim;
using ZfsEsx.Esx;
using ZfsEsx.Vim;

namespace ZfsEsx.Core.Tests.Esx;

/// <summary>The start order of a host with a storage VM, and a share that comes back.</summary>
public class AutoStartPlannerTests
{
    private static readonly MoRef s_hostRef = new("HostSystem", "host-1");
    private static readonly MoRef s_uss = new("VirtualMachine", "vm-1");
    private static readonly MoRef s_old = new("VirtualMachine", "vm-2");
    private static readonly MoRef s_app = new("VirtualMachine", "vm-3");
    private static readonly MoRef s_late = new("VirtualMachine", "vm-4");

    private static readonly AutoStartVm s_storage =
        new(s_uss, "uss1", s_hostRef, "poweredOn", false, true, ["10.99.0.11"]);
    private static readonly AutoStartVm s_appVm = new(s_app, "app", s_hostRef, "poweredOn", false, true, []);

    public static TheoryData<string, int[], bool, bool, string> Orders => new()
    {
        // order before (vm numbers), storage VM on, its Tools, order and heartbeat after
        { "none", [], true, true, "1=1 yes" },
        { "no tools", [], true, false, "1=1 no" },
        { "off", [], false, false, "1=1 yes" },
        { "others first", [2, 1], true, true, "1=1 yes, 2=2 no" },
        { "others only", [2, 3], true, true, "1=1 yes, 2=2 no, 3=3 no" },
    };

    [Theory, MemberData(nameof(Orders))]
    public void The_storage_VM_comes_first_and_the_others_keep_their_order(
        string name, int[] before, bool on, bool tools, string after)
    {
        Assert.NotEmpty(name);
        HostAutoStart now = Order([.. before.Select((v, i) => Entry(new MoRef("VirtualMachine", "vm-" + v), i + 1))]);
        AutoStartVm vm = s_storage with { PowerState = on ? "poweredOn" : "poweredOff", ToolsRunning = tools };
        Assert.Equal(after, string.Join(", ", AutoStartPlanner.Wanted(now, vm, [], new AutoStartOptions())
            .Select(e => e.Vm.Value.Split('-')[1] + "=" + e.Order + " " + e.WaitForHeartbeat)));
    }

    [Fact]
    public void Running_VMs_on_the_share_come_after_it_and_unnumbered_ones_stay_last()
    {
        HostAutoStart now = Order([Entry(s_old, 1), Entry(s_late, -1)]);
        IReadOnlyList<AutoStartEntry> wanted =
            AutoStartPlanner.Wanted(now, s_storage, [s_appVm], new AutoStartOptions());
        Assert.Equal([(s_uss, 1), (s_old, 2), (s_app, 3), (s_late, -1)], wanted.Select(e => (e.Vm, e.Order)));
        Assert.Equal((120, 300, "guestShutdown"), (wanted[0].StartDelay, wanted[0].StopDelay, wanted[0].StopAction));
    }

    [Fact]
    public void Nothing_is_done_twice()
    {
        HostAutoStart done = Order(
            [.. AutoStartPlanner.Wanted(HostAutoStart.None, s_storage, [s_appVm], new AutoStartOptions())]);
        Assert.Empty(Compare(Inventory(done), out _));
        Assert.Single(Compare(Inventory(done with { Defaults = VimValue.None }), out _));
        Assert.Equal(
            "uss1: Let vh1 start it first after a boot, the next one 120 s later or when its Tools run: app",
            Compare(Inventory(Order([])), out _)[0].ToString());
    }

    [Fact]
    public void A_cluster_with_HA_and_an_unknown_address_are_told()
    {
        AutoStartInventory inventory = Inventory(Order([]), cluster: "C1");
        Compare(inventory, out List<string> warnings);
        Assert.Contains("C1", Assert.Single(warnings), StringComparison.Ordinal);
        AutoStartInventory deaf = Inventory(Order([]), storage: s_storage with { Addresses = [] });
        Assert.DoesNotContain("app", Compare(deaf, out warnings)[0].Action, StringComparison.Ordinal);
        Assert.Contains("-Datastore", Assert.Single(warnings), StringComparison.Ordinal);
        Assert.Contains(
            "app",
            Compare(deaf, out warnings, new AutoStartOptions { Datastores = [deaf.Shares[0].Ref] })[0].Action,
            StringComparison.Ordinal);
        Assert.Empty(warnings);
    }

    [Fact]
    public void Two_first_ones_on_a_host_are_refused()
    {
        AutoStartInventory inventory = Inventory(Order([]));
        Assert.Equal("TwoStorageVms", Assert.Throws<ZfsEsxException>(() => AutoStartPlanner.Compare(
            inventory, s_uss, [s_uss, s_app], new AutoStartOptions(), new Nothing(), [])).Id);
    }

    [Fact]
    public void The_request_is_in_the_order_of_the_type()
    {
        string sent = Recorded.Canonical(AutoStartActions.ToArg(
            HostAutoStart.None, AutoStartPlanner.Wanted(HostAutoStart.None, s_storage, [], new AutoStartOptions())));
        Assert.Equal(
            """
            M
              _this ref:T = t
              spec
                defaults
                  enabled = true
                powerInfo
                  key ref:VirtualMachine = vm-1
                  startOrder = 1
                  startDelay = 120
                  waitForHeartbeat = yes
                  startAction = powerOn
                  stopDelay = 300
                  stopAction = guestShutdown
            """.ReplaceLineEndings("\n") + "\n",
            sent);
    }

    [Theory]
    [InlineData(true, "connected", "poweredOff", false, "")]
    [InlineData(true, "inaccessible", "poweredOff", false, "1 s: app: Read it again from [s] app/app.vmx")]
    [InlineData(false, "connected", "poweredOn", true, "0 s: Refresh until vh1 reaches it, for at most 300 s")]
    [InlineData(
        false, "invalid", "poweredOff", true,
        "0 s: Refresh until vh1 reaches it, for at most 300 s|1 s: app: Read it again from [s] app/app.vmx"
            + "|2 s: app: Power on")]
    [InlineData(true, "connected", "poweredOff", true, "2 s: app: Power on")]
    public void A_share_is_brought_back_by_what_is_missing(
        bool accessible, string connection, string power, bool powerOn, string changes)
    {
        ShareFacts facts = new(
            [new ShareDatastore(new MoRef("Datastore", "ds"), "s", true, "10.99.0.11",
                [new ShareMount(s_hostRef, "vh1", true, accessible)], [s_app])],
            [new ShareVm(s_app, "app", s_hostRef, connection, power, "[s] app/app.vmx", false),
                new ShareVm(s_old, "not-in-the-order", s_hostRef, "connected", "poweredOff", "[s] o/o.vmx", false)],
            new Dictionary<MoRef, HostAutoStart> { [s_hostRef] = Order([Entry(s_uss, 1), Entry(s_app, 2)]) });
        Assert.Equal(changes, string.Join("|", RevivePlanner.Compare(
            facts, new ReviveOptions { PowerOn = powerOn }, new Nothing(), []).Select(c => c.Stage + " " + c)));
    }

    private static AutoStartInventory Inventory(
        HostAutoStart start, string? cluster = null, AutoStartVm? storage = null) =>
        new(
            new Dictionary<MoRef, AutoStartHost> { [s_hostRef] = new(s_hostRef, "vh1", start, cluster) },
            new Dictionary<MoRef, AutoStartVm> { [s_uss] = storage ?? s_storage, [s_app] = s_appVm },
            [new ShareDatastore(new MoRef("Datastore", "ds"), "uss1-nas-vol0", true, "10.99.0.11", [], [s_app])]);

    private static IReadOnlyList<Change> Compare(
        AutoStartInventory inventory, out List<string> warnings, AutoStartOptions? options = null)
    {
        warnings = [];
        return AutoStartPlanner.Compare(
            inventory, s_uss, [s_uss], options ?? new AutoStartOptions(), new Nothing(), warnings);
    }

    private static AutoStartEntry Entry(MoRef vm, int order) =>
        new(vm, order, -1, "no", "powerOn", -1, "systemDefault");

    private static HostAutoStart Order(AutoStartEntry[] entries) =>
        new(
            new MoRef("HostAutoStartManager", "m"),
            Recorded.Element("<defaults><enabled>true</enabled></defaults>"),
            entries);

    private sealed class Nothing : IAutoStartActions, IReviveActions
    {
        public Task SetAsync(AutoStartHost host, IReadOnlyList<AutoStartEntry> entries, CancellationToken ct) =>
            Task.CompletedTask;

        public Task AwaitAsync(ShareDatastore share, TimeSpan timeout, IReporter reporter, CancellationToken ct) =>
            Task.CompletedTask;

        public Task ReloadAsync(ShareVm vm, IReporter reporter, CancellationToken ct) => Task.CompletedTask;

        public Task PowerOnAsync(ShareVm vm, IReporter reporter, CancellationToken ct) => Task.CompletedTask;
    }
}
