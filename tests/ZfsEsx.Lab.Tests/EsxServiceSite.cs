using ZfsEsx.Esx;
using ZfsEsx.Vim;

namespace ZfsEsx.Lab.Tests;

/// <summary>
/// Three hosts, each with a storage VM that serves a share to all, and VMs on the first one's. A storage VM that is off
/// serves nothing: that is what the simulator's hook sees to.
/// </summary>
public sealed class EsxServiceSite : IAsyncDisposable
{
    private readonly string _directory;

    private EsxServiceSite(EsxInventory lab, string directory)
    {
        Lab = lab;
        _directory = directory;
    }

    public EsxInventory Lab { get; }

    public VimClient Client => Lab.Client;

    public MoRef Host => Lab.Hosts[0];

    public static NfsMount Share(int n) => new()
    {
        Name = $"uss{n}-nas-vol0", RemoteHost = $"10.99.0.1{n}", RemotePath = $"/export/uss{n}-nas-vol0",
    };

    /// <summary>
    /// The site: app1 and tpl on vh1, app2 on vh2, off on vh3, all on uss1's share; loner on vh1, on uss2's.
    /// </summary>
    public static async Task<EsxServiceSite> StartAsync(params string[] switches)
    {
        string directory = Directory.CreateTempSubdirectory("zfsesx-site-").FullName;
        string hook = Path.Combine(LabPaths.Sources, "tests", "esxsim", "site-hook.sh");
        EsxInventory lab = await EsxInventory.StartAsync(new SimulatorOptions
        {
            Rebind = true, Switches = ["-hook", "sh " + hook + " " + directory, "-nas-check", "250ms", .. switches],
        });
        EsxServiceSite site = new(lab, directory);
        try
        {
            await site.BuildAsync();
            return site;
        }
        catch
        {
            await site.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Lab.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>What a share says of its size, from its next check on.</summary>
    public Task SetFreeAsync(int n, long free) => File.WriteAllTextAsync(
        Path.Combine(_directory, "size-10.99.0.1" + n), "{\"capacity\":100000000000,\"freeSpace\":" + free + "}");

    /// <summary>A guest that does not go down when it is told to.</summary>
    public void Deaf() => File.WriteAllText(Path.Combine(_directory, "deaf"), "");

    public string FileOn(int n, string path)
    {
        NfsMount share = Share(n);
        return Path.Combine(Lab.Simulator.NasRoot, share.RemoteHost, share.RemotePath.TrimStart('/'), path);
    }

    public async Task<MoRef> DatastoreAsync(int n) =>
        (await Inventory.ResolveAsync(Client, "Datastore", [Share(n).Name], default))[0];

    public Task<Plan<EncapsulatedHostService>> StartPlanAsync(HostServiceOptions? options = null) =>
        HostService.PlanStartAsync(Client, Host, options ?? new HostServiceOptions(), default);

    public Task<Plan<EncapsulatedHostService>> CompletePlanAsync() =>
        HostService.PlanCompleteAsync(Client, Host, new HostServiceOptions(), default);

    /// <summary>
    /// "VM host datastore power" of all VMs, then "datastore: hosts": all that a service changes and brings back.
    /// </summary>
    public async Task<string> StateAsync()
    {
        IReadOnlyList<VimObject> read = await Client.FindAsync(
            ["VirtualMachine", "Datastore", "HostSystem"],
            new PropertyQuery()
                .Read("VirtualMachine", "name", "runtime.host", "runtime.powerState", "datastore", "config.template",
                    "config.files.vmPathName", "config.hardware.device", "config.extraConfig")
                .Read("Datastore", "name", "host", "info").Read("HostSystem", "name", "runtime.inMaintenanceMode"),
            default);
        Dictionary<MoRef, string> names = read.GroupBy(o => o.Ref).ToDictionary(g => g.Key, g => g.First().Name);
        IEnumerable<string> vms = read.Where(o => o.Ref.Type == "VirtualMachine").Select(v => string.Join(' ',
            v.Name, names.GetValueOrDefault(v["runtime.host"].Ref), v["runtime.powerState"].Text,
            v["config.template"].Bool ? "template" : "vm", v["config.files.vmPathName"].Text,
            string.Join(
                ' ',
                v["config.hardware.device"].Items
                    .Where(d => d.Is("VirtualDisk"))
                    .Select(d => d["backing"]["fileName"].Text)),
            string.Join(' ', v["datastore"].Items.Select(d => names.GetValueOrDefault(d.Ref)).Order()),
            string.Join(
                ' ',
                v["config.extraConfig"].Items
                    .Where(o => o["key"].Text.StartsWith("zfsesx.", StringComparison.Ordinal))
                    .Select(o => o["key"].Text))).TrimEnd());
        IEnumerable<string> stores = read.Where(o => o["info"]["nas"].Exists).Select(d =>
            d.Name + ": "
            + string.Join(' ', d["host"].Items.Select(m => names.GetValueOrDefault(m["key"].Ref)).Order()));
        IEnumerable<string> hosts =
            read.Where(o => o["runtime.inMaintenanceMode"].Bool).Select(h => h.Name + " in maintenance");
        return string.Join('\n', vms.Order().Concat(stores.Order()).Concat(hosts.Order()));
    }

    public async Task<MoRef> NewVmAsync(string name, int host, int share, bool on = true)
    {
        NewStorageVm wanted = (await EsxStorageVmTests.WantedAsync(Lab))[host - 1] with
        {
            Name = name, Datastore = await DatastoreAsync(share), DataDisks = [64L << 20], Memory = 256L << 20,
            GuestInfo = new Dictionary<string, string>(),
        };
        await RunAsync(await StorageVm.PlanNewAsync(Client, [wanted], default));
        MoRef vm = await Lab.VMAsync(name);
        if (on)
        {
            await RunAsync(await StorageVm.PlanPowerOnAsync(Client, [vm], default));
        }

        return vm;
    }

    /// <summary>Begins a move without waiting, as another tool would.</summary>
    public async Task<MoRef> BeginMoveAsync(MoRef vm, int share) => (await Client.CallAsync(
        vm, "RelocateVM_Task", default,
        Arg.O("spec", Arg.E("datastore", await DatastoreAsync(share))), Arg.E("priority", "defaultPriority"))).Ref;

    public static Task RunAsync<T>(Plan<T> plan) => plan.RunAsync(SilentReporter.Instance, default);

    private async Task BuildAsync()
    {
        await SetFreeAsync(1, 70_000_000_000);
        await SetFreeAsync(2, 60_000_000_000);
        await SetFreeAsync(3, 50_000_000_000);
        await EsxStorageVmTests.NetworkAsync(Lab);
        NewStorageVm[] wanted = await EsxStorageVmTests.WantedAsync(Lab);
        await RunAsync(await StorageVm.PlanNewAsync(Client, wanted, default));
        await RunAsync(await DirectPath.PlanEnableAsync(
            Client, [new DirectPathSelection(Host, "0000:04:00.0")], new DirectPathOptions(), default));
        await RunAsync(await StorageVm.PlanAttachAsync(
            Client, await Lab.VMAsync("uss1"), ["0000:04:00.0"], new AttachOptions(), default));
        MoRef[] vms = [.. await Inventory.ResolveAsync(Client, "VirtualMachine", ["uss1", "uss2", "uss3"], default)];
        await RunAsync(await StorageVm.PlanPowerOnAsync(Client, vms, default));
        for (int n = 1; n <= 3; n++)
        {
            await RunAsync(await NfsDatastore.PlanMountAsync(Client, Lab.Hosts, Share(n), default));
        }

        await NewVmAsync("app1", host: 1, share: 1);
        await NewVmAsync("app2", host: 2, share: 1);
        await NewVmAsync("off", host: 3, share: 1, on: false);
        await NewVmAsync("loner", host: 1, share: 2);
        MoRef template = await NewVmAsync("tpl", host: 1, share: 1, on: false);
        await Client.CallAsync(template, "MarkAsTemplate", default);
    }
}
