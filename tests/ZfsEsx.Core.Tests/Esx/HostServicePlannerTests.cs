using ZfsEsx.Core.Tests.Vim;
using ZfsEsx.Esx;
using ZfsEsx.Vim;

namespace ZfsEsx.Core.Tests.Esx;

public class HostServicePlannerTests
{
    private const long GB = 1L << 30;

    private static readonly ShareNote s_share = new(Mount(1), ["host-1", "host-2", "host-3"]);

    /// <summary>
    /// VMs as "name host power store size [flag]…", and what is planned for them or why it is refused. Storage VM uss1
    /// on host 1 serves vol1; vol2 has 100 GB free and vol3 80, host 2 has more memory than host 3.
    /// </summary>
    [Theory]
    [InlineData("", "")]
    [InlineData("a 2 on vol1 10", "a: Move from datastore vol1 to vol2, note its home in it")]
    [InlineData("a 1 on vol1 10", "a: Move from datastore vol1 to vol2 and from host vh1 to vh2, note its home in it")]
    [InlineData("a 1 off vol1 10", "a: Move from datastore vol1 to vol2, note its home in it")]
    [InlineData("a 1 off vol2 10", "")]
    [InlineData("a 2 on vol2 10", "")]
    [InlineData("a 1 on vol2 10", "a: Move from host vh1 to vh2, note its home in it")]
    [InlineData("a 1 on vol2 10 drs", "")]
    [InlineData(
        "a 1 on vol1 10 drs", "a: Move from datastore vol1 to vol2 and from host vh1 to vh2, note its home in it")]
    [InlineData("a 1 on local1 10", "NoPlaceForVm a: vh2 lacks datastore local1; vh3 lacks datastore local1")]
    [InlineData("a 1 on vol2 10 net=net3", "a: Move from host vh1 to vh3, note its home in it")]
    [InlineData("a 1 on vol2 10 net=none", "NoPlaceForVm a: vh2 lacks network none; vh3 lacks network none")]
    [InlineData(
        "a 2 on vol1 90|b 2 on vol1 20",
        "a: Move from datastore vol1 to vol2, note its home in it"
            + "|b: Move from datastore vol1 to vol3, note its home in it")]
    [InlineData(
        "a 2 on vol1 120",
        "NoPlaceForVm a: it takes 120 GB, and vol2 has 100 GB left; it takes 120 GB, and vol3 has 80 GB left")]
    [InlineData(
        "a 2 on vol1 90|b 2 on vol1 85",
        "NoPlaceForVm b: it takes 85 GB, and vol2 has 10 GB left; it takes 85 GB, and vol3 has 80 GB left")]
    [InlineData("taken 2 on vol1 10", "taken: Move from datastore vol1 to vol3, note its home in it")]
    [InlineData("a 2 on vol1 10 to=vol3", "a: Move from datastore vol1 to vol3, note its home in it")]
    [InlineData("a 2 on vol1 10 to=vol1", "NoPlaceForVm a: there is no other datastore for it")]
    [InlineData(
        "a 2 on vol1 10 moving", "a: Wait until its move that is under way (task-9) has ended, note its home in it")]
    [InlineData("a 2 on vol1 10 template", "a: Move from datastore vol1 to vol2, note its home in it")]
    [InlineData("a 2 on vol2+vol1 10", "a: Move disk 2001 from datastore vol1 to vol2, note its home in it")]
    [InlineData(
        "a 2 on vol2+vol1 10 snapshot",
        "VmsCannotMove a: it has snapshots and files on several datastores; remove the snapshots")]
    [InlineData("a 2 on vol1 10 snapshot", "a: Move from datastore vol1 to vol2, note its home in it")]
    [InlineData(
        "a 2 on vol1 10 pci", "VmsCannotMove a: it has passed-through devices and cannot be moved; shut it down")]
    [InlineData(
        "a 1 on vol2 10 pci", "VmsCannotMove a: it has passed-through devices and cannot be moved; shut it down")]
    [InlineData("a 2 off vol1 10 pci", "a: Move from datastore vol1 to vol2, note its home in it")]
    [InlineData("a 2 on vol2 10 iso", "VmsCannotMove a: CD/DVD drive 1 uses [vol1] iso/x.iso; take it out")]
    [InlineData(
        "a 2 on vol2 10 base",
        "VmsCannotMove a: it uses the share, but neither its configuration nor one of its disks is there")]
    [InlineData("a 2 on vol1 10 lost", "VmsCannotMove a: it cannot be read now")]
    [InlineData("a 2 on vol1 10 noted", "a: Move from datastore vol1 to vol2")]
    [InlineData("a 2 on vol1 10 esxi", "NeedsVCenter a")]
    [InlineData("a 2 off vol2 10 esxi", "")]
    public void Where_VMs_go(string vms, string expected)
    {
        string planned = Planned(vms);
        Assert.Equal(
            expected,
            planned.StartsWith("VmsCannotMove", StringComparison.Ordinal)
                || planned.StartsWith("NeedsVCenter", StringComparison.Ordinal)
                ? planned[..Math.Min(expected.Length, planned.Length)]
                : planned);
    }

    [Theory]
    [InlineData(true, true, false, false, "Shut its system down")]
    [InlineData(true, false, true, false, "Shut its system down over ssh")]
    [InlineData(true, false, false, true, "Power off without a shutdown")]
    [InlineData(true, true, false, true, "Shut its system down, and power off if that takes longer than 300 s")]
    [InlineData(true, false, false, false, "ToolsNotRunning")]
    [InlineData(false, false, false, false, "")]
    public void How_the_storage_VM_goes_down(bool on, bool tools, bool ssh, bool force, string expected)
    {
        HostServiceFacts facts = Facts("") with
        {
            StorageVm = StorageVm with { PowerState = on ? "poweredOn" : "poweredOff", ToolsRunning = tools }
        };
        HostServiceOptions options = new() { Force = force, ShutDown = ssh ? _ => Task.CompletedTask : null };
        string found;
        try
        {
            found = string.Concat(HostServicePlanner.Start(facts, options, new Actions()).Changes
                .Where(c => c.Stage == HostServicePlanner.ShutdownStage).Select(c => c.Action));
        }
        catch (ZfsEsxException refusal)
        {
            found = refusal.Id;
        }

        Assert.Equal(expected, found);
    }

    [Fact]
    public void A_nearly_full_pool_is_warned_of()
    {
        HostServiceFacts facts = Facts("a 2 on vol1 97");
        Assert.Equal(
            ["vol2 will have only 3 GB left of 1000 GB; ZFS gets slow when a pool is nearly full."],
            HostServicePlanner.Start(facts, new HostServiceOptions(), new Actions()).Warnings);
    }

    [Theory]
    [InlineData("vol1", "10.0.0.1", "/export/vol1")]
    [InlineData("a&b=c;d,e|f", "[fe80::1]", "/export/ä ö/%41")]
    public void Notes_are_read_as_they_were_written(string name, string server, string path)
    {
        ShareNote share = new(
            new NfsMount { Name = name, RemoteHost = server, RemotePath = path, Nfs41 = true }, ["host-1", "host-22"]);
        string text = ShareNote.Write([share, s_share], ["vm-3"]);
        IReadOnlyList<ShareNote> read = ShareNote.Read(text);
        Assert.Equal([share.Mount, s_share.Mount], read.Select(s => s.Mount));
        Assert.Equal(["host-1", "host-22"], read[0].Hosts);
        Assert.Equal(["vm-3"], ShareNote.Templates(text));
        HomeNote home = new("50-uuid", name, ["home", "2000"], "host-1", "resgroup-8");
        Assert.Equal(home.ToString(), HomeNote.Read(home.ToString())!.ToString());
        Assert.Null(HomeNote.Read(""));
        Assert.Null(HomeNote.Read("some other text"));
    }

    [Fact]
    public void A_move_to_one_datastore_is_the_recorded_request()
    {
        ServiceVm vm = Vm("app 1 on vol1 1");
        MoRef target = new("Datastore", "10.0.0.11:/tank/nfs1@folder-5");
        VmMove move = new() { Vm = vm, Parts = vm.Parts, Datastore = "nfs1" };
        string recorded = Recorded.Request("44-RelocateVM-sv");
        string spec = Recorded.Canonical(move.Spec(vm, target, new Dictionary<string, MoRef>()));
        Assert.Contains(string.Join('\n', spec.Split('\n').Skip(2)).TrimEnd(), recorded, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "home",
        "spec|datastore ref:Datastore = new|pool ref:ResourcePool = pool-9|host ref:HostSystem = host-2"
            + "|disk|diskId = 2001|datastore ref:Datastore = ds-2")]
    [InlineData(
        "2001",
        "spec|pool ref:ResourcePool = pool-9|host ref:HostSystem = host-2"
            + "|disk|diskId = 2001|datastore ref:Datastore = new")]
    [InlineData("", "spec|pool ref:ResourcePool = pool-9|host ref:HostSystem = host-2")]
    public void Parts_that_stay_are_named(string part, string expected)
    {
        ServiceVm vm = part == "2001" ? Vm("app 1 on vol2+vol1 1") : Vm("app 1 on vol1+vol2 1");
        VmMove move = new()
        {
            Vm = vm, Parts = [.. vm.Parts.Where(p => p.Key == part || (part == "home" && p.Key == "2000"))],
            Datastore = "new", Host = Host(2), Pool = new MoRef("ResourcePool", "pool-9"),
        };
        string spec = Recorded.Canonical(move.Spec(
            vm, new MoRef("Datastore", "new"), new Dictionary<string, MoRef> { ["vol2"] = new("Datastore", "ds-2") }));
        Assert.Equal(expected, string.Join('|', spec.TrimEnd().Split('\n').Skip(2).Select(l => l.Trim())));
    }

    private static ServiceVm StorageVm =>
        Vm("uss1 1 on local1 5 pci") with { InstanceUuid = "50-uss1", ToolsRunning = true };

    private static string Planned(string vms)
    {
        HostServiceFacts facts = Facts(vms);
        string? to = vms.Split(' ').FirstOrDefault(w => w.StartsWith("to=", StringComparison.Ordinal));
        HostServiceOptions options = new() { Datastores = to is null ? [] : [new MoRef("Datastore", "ds-" + to[^1])] };
        try
        {
            return string.Join('|', HostServicePlanner.Start(facts, options, new Actions()).Changes
                .Where(c => c.Stage == HostServicePlanner.MoveStage)
                .Select(c => c.ToString())
                .Order(StringComparer.Ordinal));
        }
        catch (ZfsEsxException refusal)
        {
            string[] marks = ["or its share. ", "a hand: ", "run on it: "];
            int start = marks
                .Select(m => refusal.Message.IndexOf(m, StringComparison.Ordinal) is >= 0 and int i ? i + m.Length : -1)
                .Max();
            return refusal.Id + " " + refusal.Message[start..].TrimEnd('.');
        }
    }

    private static HostServiceFacts Facts(string vms) => new()
    {
        Host = Host(1) with { Evacuates = vms.Contains("drs", StringComparison.Ordinal) },
        Hosts = [Host(1), Host(2), Host(3)],
        Stores = [Store(1, 70), Store(2, 100) with { Folders = ["taken"] }, Store(3, 80), new ServiceStore
        {
            Ref = new MoRef("Datastore", "ds-local1"), Name = "local1", Hosts = [HostRef(1)], Writers = [HostRef(1)],
        }],
        StorageVm = StorageVm,
        VMs = [.. vms.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(Vm)],
        Shares = [s_share],
        Templates = vms.Contains("template", StringComparison.Ordinal) ? ["a"] : [],
        IsVCenter = !vms.Contains("esxi", StringComparison.Ordinal),
        Server = "esx1",
    };

    private static ServiceVm Vm(string text)
    {
        string[] words = text.Split(' ');
        string[] stores = words[3].Split('+');
        string[] keys = stores.Length > 1 ? ["home", "2000", "2001"] : ["home", "2000"];
        bool Has(string flag) => words.Contains(flag);
        MoRef Ref(string store) =>
            new("Datastore", "ds-" + (store.StartsWith("vol", StringComparison.Ordinal) ? store[3..] : store));
        return new ServiceVm
        {
            Ref = new MoRef("VirtualMachine", words[0]),
            Name = words[0],
            Host = HostRef(words[1][0] - '0'),
            PowerState = words[2] == "on" ? "poweredOn" : "poweredOff",
            Parts = [.. keys.Select(k => new VmPart(k, k == "2001" ? stores[1] : stores[0], words[0]))],
            Datastores = [.. stores.Select(Ref), .. Has("iso") || Has("base") ? (MoRef[])[Ref("vol1")] : []],
            Committed = new Dictionary<MoRef, long> { [Ref(stores[^1])] = long.Parse(words[4], null) * GB },
            MemoryMB = 1024,
            HasPassthrough = Has("pci"),
            HasSnapshots = Has("snapshot"),
            IsTemplate = Has("template"),
            Connected = !Has("lost"),
            Media = Has("iso") ? [("CD/DVD drive 1", "[vol1] iso/x.iso")] : [],
            Networks = [.. words.Where(w => w.StartsWith("net=", StringComparison.Ordinal)).Select(w => w[4..])],
            Moving = Has("moving") ? new MoRef("Task", "task-9") : null,
            HomeNote = Has("noted") ? new HomeNote("50-other", "vol9", ["home"], "", "").ToString() : "",
        };
    }

    private static MoRef HostRef(int n) => new("HostSystem", "host-" + n);

    private static ServiceHost Host(int n) => new()
    {
        Ref = HostRef(n), Name = "vh" + n, Compute = new MoRef("ClusterComputeResource", "c1"),
        FreeMemoryMB = 90000 - (n * 1000), Networks = ["net" + n, "VM Network"],
    };

    private static NfsMount Mount(int n) =>
        new() { Name = "vol" + n, RemoteHost = "10.0.0." + n, RemotePath = "/export/vol" + n };

    private static ServiceStore Store(int n, long free) => new()
    {
        Ref = new MoRef("Datastore", "ds-" + n), Name = "vol" + n, Nfs = Mount(n),
        Free = free * GB, Capacity = 1000 * GB,
        Hosts = [HostRef(1), HostRef(2), HostRef(3)], Writers = [HostRef(1), HostRef(2), HostRef(3)], Folders = [],
    };

    private sealed class Actions : IHostServiceActions
    {
        public Task NoteAsync(ServiceVm storageVm, string note, IReporter reporter, CancellationToken ct) =>
            Task.CompletedTask;

        public Task MoveAsync(VmMove move, IReporter reporter, CancellationToken ct) => Task.CompletedTask;

        public Task ShutDownAsync(
            ServiceVm storageVm, HostServiceOptions options, IReporter reporter, CancellationToken ct) =>
            Task.CompletedTask;

        public Task EnterMaintenanceAsync(
            ServiceHost host, TimeSpan timeout, IReporter reporter, CancellationToken ct) =>
            Task.CompletedTask;

        public Task ExitMaintenanceAsync(ServiceHost host, IReporter reporter, CancellationToken ct) =>
            Task.CompletedTask;

        public Task PowerOnAsync(ServiceVm storageVm, IReporter reporter, CancellationToken ct) => Task.CompletedTask;
    }
}
