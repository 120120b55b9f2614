using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>A part of a VM that lies on a datastore of its own: its configuration, or one of its disks.</summary>
/// <param name="Key"><see cref="Home"/>, or the disk's device key.</param>
/// <param name="Datastore">The datastore's name.</param>
/// <param name="Folder">Its folder there.</param>
internal sealed record VmPart(string Key, string Datastore, string Folder)
{
    /// <summary>The configuration and what lies beside it.</summary>
    public const string Home = "home";

    /// <summary>Reads <c>[uss1-nas-vol0] app/app.vmdk</c>; null for what is no path on a datastore.</summary>
    public static VmPart? Read(string key, string file)
    {
        int end = file.IndexOf(']');
        if (!file.StartsWith("[", StringComparison.Ordinal) || end < 0)
        {
            return null;
        }

        string path = file.Substring(end + 1).Trim();
        int slash = path.LastIndexOf('/');
        return new VmPart(key, file.Substring(1, end - 1), slash < 0 ? string.Empty : path.Substring(0, slash));
    }
}

/// <summary>What must be known of a VM to move it.</summary>
internal sealed record ServiceVm
{
    public static readonly string[] Paths =
    [
        "name", "runtime.host", "runtime.powerState", "runtime.connectionState", "config.template",
        "config.instanceUuid", "config.files.vmPathName", "config.hardware.device", "config.hardware.memoryMB",
        "datastore", "snapshot", "storage.perDatastoreUsage", "guest.toolsRunningStatus", "guest.net",
        "guest.ipAddress", "resourcePool", ServiceNotes.Path(ServiceNotes.Home),
        ServiceNotes.Path(ServiceNotes.Service),
    ];

    public required MoRef Ref { get; init; }

    public required string Name { get; init; }

    public MoRef Host { get; init; }

    public MoRef Pool { get; init; }

    public string PowerState { get; init; } = "poweredOff";

    public bool Connected { get; init; } = true;

    public bool IsTemplate { get; init; }

    public bool HasSnapshots { get; init; }

    public bool ToolsRunning { get; init; }

    public string InstanceUuid { get; init; } = string.Empty;

    public int MemoryMB { get; init; }

    public IReadOnlyList<VmPart> Parts { get; init; } = [];

    /// <summary>Images in drives and files behind ports: label, and path on a datastore.</summary>
    public IReadOnlyList<(string Device, string File)> Media { get; init; } = [];

    public bool HasPassthrough { get; init; }

    /// <summary>Port groups of its adapters: names of standard ones, keys of distributed ones.</summary>
    public IReadOnlyList<string> Networks { get; init; } = [];

    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>Bytes that its files take, by datastore.</summary>
    public IReadOnlyDictionary<MoRef, long> Committed { get; init; } = new Dictionary<MoRef, long>();

    public IReadOnlyList<MoRef> Datastores { get; init; } = [];

    public string HomeNote { get; init; } = string.Empty;

    public string ServiceNote { get; init; } = string.Empty;

    /// <summary>A move of it that somebody has begun and that has not ended.</summary>
    public MoRef? Moving { get; init; }

    public bool IsOn => PowerState == "poweredOn";

    /// <summary>The datastore of its configuration.</summary>
    public string HomeDatastore => Parts.FirstOrDefault(p => p.Key == VmPart.Home)?.Datastore ?? string.Empty;

    public IEnumerable<VmPart> On(string datastore) =>
        Parts.Where(p => string.Equals(p.Datastore, datastore, StringComparison.Ordinal));

    /// <summary>VMs, with the moves of them that are under way, in one call.</summary>
    public static async Task<IReadOnlyList<ServiceVm>> ReadAsync(
        VimClient client, IEnumerable<MoRef> vms, CancellationToken ct)
    {
        MoRef[] order = [.. vms.Distinct()];
        if (order.Length == 0)
        {
            return [];
        }

        IReadOnlyList<VimObject> read = await client.RetrieveAsync(
            new PropertyQuery().Read("VirtualMachine", Paths)
                .Read("Task", "info.state", "info.descriptionId", "info.entity")
                .From(order, PropertyQuery.Step("VirtualMachine", "recentTask")), ct).ConfigureAwait(false);
        Dictionary<MoRef, MoRef> moving = read
            .Where(t => t.Ref.Type == "Task" && t["info.state"].Text is "running" or "queued"
                && t["info.descriptionId"].Text.EndsWith(".relocate", StringComparison.Ordinal))
            .GroupBy(t => t["info.entity"].Ref).ToDictionary(g => g.Key, g => g.Last().Ref);
        return [.. read.Where(o => o.Ref.Type == "VirtualMachine").OrderBy(o => Array.IndexOf(order, o.Ref))
            .Select(o => Read(o) with { Moving = moving.TryGetValue(o.Ref, out MoRef task) ? task : null })];
    }

    public static ServiceVm Read(VimObject vm)
    {
        IReadOnlyList<VimValue> devices = vm["config.hardware.device"].Items;
        IEnumerable<VmPart?> parts = devices.Where(d => d.Is("VirtualDisk"))
            .Select(d => VmPart.Read(d["key"].Text, d["backing"]["fileName"].Text))
            .Prepend(VmPart.Read(VmPart.Home, vm["config.files.vmPathName"].Text));
        return new ServiceVm
        {
            Ref = vm.Ref,
            Name = vm.Name,
            Host = vm["runtime.host"].Ref,
            Pool = vm["resourcePool"].Ref,
            PowerState = vm["runtime.powerState"].Text,
            Connected = vm["runtime.connectionState"].Text is "connected" or "",
            IsTemplate = vm["config.template"].Bool,
            HasSnapshots = vm["snapshot"].Items.Count > 0,
            ToolsRunning = vm["guest.toolsRunningStatus"].Text == "guestToolsRunning",
            InstanceUuid = vm["config.instanceUuid"].Text,
            MemoryMB = vm["config.hardware.memoryMB"].Int,
            Parts = [.. parts.OfType<VmPart>()],
            Media =
            [
                .. devices.Where(d => !d.Is("VirtualDisk")
                && VmPart.Read("", d["backing"]["fileName"].Text) is not null)
                    .Select(d => (d["deviceInfo"]["label"].Text, d["backing"]["fileName"].Text)),
            ],
            HasPassthrough = devices.Any(d => d.Is("VirtualPCIPassthrough")),
            Networks = [.. devices.Where(d => d["macAddress"].Exists).Select(VmFacts.Network).Where(n => n.Length > 0)],
            Addresses =
            [
                .. vm["guest.net"].Items.SelectMany(n => n.All("ipAddress")).Select(a => a.Text)
                    .Append(vm["guest.ipAddress"].Text).Where(a => a.Length > 0).Distinct(),
            ],
            Committed = vm["storage.perDatastoreUsage"].Items.GroupBy(u => u["datastore"].Ref)
                .ToDictionary(g => g.Key, g => g.Sum(u => u["committed"].Long)),
            Datastores = [.. vm["datastore"].Items.Select(d => d.Ref)],
            HomeNote = vm[ServiceNotes.Path(ServiceNotes.Home)]["value"].Text,
            ServiceNote = vm[ServiceNotes.Path(ServiceNotes.Service)]["value"].Text,
        };
    }
}
