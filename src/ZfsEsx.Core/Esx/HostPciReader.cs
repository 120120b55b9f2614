using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>Reads the PCI devices of hosts, and what uses them, in one call.</summary>
internal static class HostPciReader
{
    private static readonly string[] s_hostPaths =
    [
        "name", "runtime.connectionState", "runtime.inMaintenanceMode", "hardware.pciDevice", "config.pciPassthruInfo",
        "capability.deviceRebindWithoutRebootSupported", "configManager.pciPassthruSystem",
        "configManager.bootDeviceSystem",
        .. HostUse.Paths,
    ];

    private static readonly string[] s_vmPaths =
        ["name", "runtime.powerState", "runtime.host", "config.hardware.device"];

    /// <param name="client">The connection.</param>
    /// <param name="hosts">The hosts; the result is in their order.</param>
    /// <param name="forReboot">Also what runs on them, and who would move it.</param>
    /// <param name="ct">Ends the reading.</param>
    public static async Task<IReadOnlyList<HostPci>> ReadAsync(
        VimClient client, IEnumerable<MoRef> hosts, bool forReboot, CancellationToken ct)
    {
        MoRef[] order = hosts.Distinct().ToArray();
        if (order.Length == 0)
        {
            return [];
        }

        Arg vms = PropertyQuery.Step("HostSystem", "vm");
        PropertyQuery query = new PropertyQuery().Read("HostSystem", s_hostPaths);
        query = forReboot
            ? query.Read("VirtualMachine", [.. s_vmPaths, .. RunningVM.Paths])
                .Read("ClusterComputeResource", "host", "configurationEx")
                .Read("Datastore", "summary.multipleHostAccess")
                .From(
                    order,
                    vms,
                    PropertyQuery.Step("HostSystem", "parent"),
                    PropertyQuery.Step("HostSystem", "datastore"))
            : query.Read("VirtualMachine", s_vmPaths).From(order, vms);
        IReadOnlyList<VimObject> read = await client.RetrieveAsync(query, ct).ConfigureAwait(false);
        IReadOnlyList<HostPci> found = PciIdList.Complete(Read(read, order));
        return forReboot ? WithRunningVMs(client, found, read) : found;
    }

    /// <summary>The hosts among what was read, in the order wanted.</summary>
    internal static IReadOnlyList<HostPci> Read(IReadOnlyList<VimObject> read, MoRef[] order)
    {
        ILookup<MoRef, VimObject> vms = read.Where(o => o.Ref.Type == "VirtualMachine")
            .ToLookup(v => v["runtime.host"].Ref);
        return read.Where(o => o.Ref.Type == "HostSystem")
            .OrderBy(o => Array.IndexOf(order, o.Ref))
            .Select(h => Read(h, vms[h.Ref])).ToArray();
    }

    /// <summary>
    /// Asks a host which disk it boots from. Needed only where the other facts do not tell, and only before a storage
    /// controller is taken from it: it is a call for each host.
    /// </summary>
    public static async Task<HostPci> WithBootDeviceAsync(VimClient client, HostPci host, CancellationToken ct)
    {
        if (host.BootDeviceKnown || string.IsNullOrEmpty(host.BootDeviceSystem.Value))
        {
            return host;
        }

        string disk;
        try
        {
            disk = (await client.CallAsync(
                host.BootDeviceSystem, "QueryBootDevices", host.Name, "Find the boot device", ct)
                .ConfigureAwait(false))["currentBootDeviceKey"].Text;
        }
        catch (ZfsEsxException e) when (e.InnerException is VimFaultException)
        {
            return host; // the user is warned instead
        }

        string[] controllers = disk.Length == 0 ? [] : host.ControllersOf(disk).ToArray();
        return controllers.Length == 0
            ? host
            : host with
            {
                BootDeviceKnown = true,
                Devices = host.Devices
                    .Select(d => controllers.Contains(d.Id)
                        ? d with { UsedBy = new[] { HostUse.BootDevice }.Concat(d.UsedBy).ToArray() }
                        : d)
                    .ToArray(),
            };
    }

    private static HostPci[] WithRunningVMs(
        VimClient client, IReadOnlyList<HostPci> hosts, IReadOnlyList<VimObject> read)
    {
        HashSet<MoRef> evacuated =
        [
            .. read.Where(o => o.Ref.Type == "ClusterComputeResource"
                && MovesByItself(o["configurationEx"]["drsConfig"]))
                .SelectMany(c => c["host"].Items).Select(h => h.Ref),
        ];
        HashSet<MoRef> local =
        [
            .. read.Where(o => o.Ref.Type == "Datastore" && o["summary.multipleHostAccess"].Text == "false")
                .Select(d => d.Ref),
        ];
        HashSet<string> servers = new(read.SelectMany(HostUse.NfsServers), StringComparer.OrdinalIgnoreCase);
        ILookup<MoRef, RunningVM> running = read
            .Where(o => o.Ref.Type == "VirtualMachine" && o["runtime.powerState"].Text == "poweredOn")
            .ToLookup(
                v => v["runtime.host"].Ref,
                v => RunningVM.Read(v, PassedThrough(v).Any(), local, servers, client.Server.Uri.Host));
        return [.. hosts.Select(h => h with
        {
            RunningVMs = [.. running[h.Ref]],
            Evacuates = evacuated.Contains(h.Ref),
            OutlivesReboot = client.IsVCenter || client.OwnsSession,
        })];
    }

    internal static bool MovesByItself(VimValue drs) =>
        drs["enabled"].Bool && drs["defaultVmBehavior"].Text == "fullyAutomated";

    private static HostPci Read(VimObject host, IEnumerable<VimObject> vms)
    {
        Dictionary<string, VimValue> marks = host["config.pciPassthruInfo"].Items
            .GroupBy(i => i["id"].Text).ToDictionary(g => g.Key, g => g.First());
        VimValue[] devices = [.. host["hardware.pciDevice"].Items];
        ILookup<string, string> kinds = devices.ToLookup(d => d["id"].Text, Kind);
        ILookup<string, string> uses = HostUse.Find(host)
            .Concat(vms.SelectMany(PassedThrough, (vm, device) => (device.Id, HostUse.VM + vm.Name
                + (kinds[device.Id].Contains(device.Kind) ? "" : " (for " + device.Kind + ", which was here)"))))
            .ToLookup(u => u.Item1, u => u.Item2);
        return new HostPci
        {
            Ref = host.Ref,
            Name = host.Name,
            Connected = host["runtime.connectionState"].Text == "connected",
            InMaintenanceMode = host["runtime.inMaintenanceMode"].Bool,
            PassthruSystem = host["configManager.pciPassthruSystem"].Ref,
            BootDeviceSystem = host["configManager.bootDeviceSystem"].Ref,
            ControllersOf = disk => HostUse.ControllersOf(host, disk),
            BootDeviceKnown = uses.Any(u => u.Contains(HostUse.BootDevice)),
            Devices = [.. devices.Select(d => Read(host, d, marks, uses))],
        };
    }

    private static IEnumerable<AttachedDevice> PassedThrough(VimObject vm) => vm["config.hardware.device"].Items
        .Where(d => d.Is("VirtualPCIPassthrough")).Select(AttachedDevice.Read);

    private static string Kind(VimValue device) =>
        PciClass.Hex(device["vendorId"].Id16) + ":" + PciClass.Hex(device["deviceId"].Id16);

    private static VmDirectPathDevice Read(
        VimObject host, VimValue device, Dictionary<string, VimValue> marks, ILookup<string, string> uses)
    {
        string id = device["id"].Text;
        VimValue mark = marks.TryGetValue(id, out VimValue? m) ? m : VimValue.None;
        return new VmDirectPathDevice
        {
            VMHost = host.Name,
            VMHostId = host.Ref.Id,
            Id = id,
            Device = Known(device["deviceName"]),
            VendorName = Known(device["vendorName"]),
            VendorId = PciClass.Hex(device["vendorId"].Id16),
            DeviceId = PciClass.Hex(device["deviceId"].Id16),
            ClassId = PciClass.Hex(device["classId"].Id16),
            Class = PciClass.InWords(device["classId"].Id16, Known(device["deviceClassName"])),
            Capable = mark["passthruCapable"].Bool,
            Enabled = mark["passthruEnabled"].Bool,
            Active = mark["passthruActive"].Bool,
            DependentDevices = Siblings(id, mark, marks),
            UsedBy = uses[id].Distinct().ToArray(),
            RebindWithoutReboot = host["capability.deviceRebindWithoutRebootSupported"].Bool,
        };
    }

    // A host says so where its own list of names has nothing.
    private static string Known(VimValue name) =>
        name.Text.TrimStart('<').StartsWith("unknown", StringComparison.OrdinalIgnoreCase)
            ? string.Empty
            : name.Text.Trim();

    // Devices without a reset of their own name the device (often their bridge) whose reset they share; all of these
    // that can be passed through change together.
    private static string[] Siblings(string id, VimValue mark, Dictionary<string, VimValue> marks) =>
        mark["dependentDevice"].Text.Length == 0
            ? []
            : marks.Values
                .Where(o => o["passthruCapable"].Bool && o["id"].Text != id
                    && o["dependentDevice"].Text == mark["dependentDevice"].Text)
                .Select(o => o["id"].Text).ToArray();
}
