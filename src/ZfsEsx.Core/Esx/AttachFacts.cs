using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>What the planner must know to give a VM devices.</summary>
/// <param name="VM">The VM.</param>
internal sealed record AttachFacts(VmFacts VM)
{
    private static readonly string[] s_computePaths = ["environmentBrowser"];
    private static readonly string[] s_vmPaths =
        [.. VmFacts.Paths.Concat(["config.changeVersion", "config.version", "config.firmware"]).Distinct()];

    /// <summary>
    /// Its configuration's state: a change that names it is refused when somebody else has been faster.
    /// </summary>
    public string ChangeVersion { get; init; } = string.Empty;

    /// <summary><c>vmx-17</c>.</summary>
    public string Hardware { get; init; } = string.Empty;

    /// <summary><c>bios</c> or <c>efi</c>.</summary>
    public string Firmware { get; init; } = string.Empty;

    /// <summary>Its host.</summary>
    public string HostName { get; init; } = string.Empty;

    /// <summary>The host's version: <c>8.0.1</c>.</summary>
    public string HostVersion { get; init; } = string.Empty;

    /// <summary>The host's passthrough marks (HostPciPassthruInfo).</summary>
    public IReadOnlyList<VimValue> Marks { get; init; } = [];

    /// <summary>All the host's devices (HostPciDevice).</summary>
    public IReadOnlyList<VimValue> HostDevices { get; init; } = [];

    /// <summary>The devices that a VM can have (VirtualMachinePciPassthroughInfo); only active ones.</summary>
    public IReadOnlyList<VimValue> Targets { get; init; } = [];

    /// <summary>Which other VM of the host has which device.</summary>
    public IReadOnlyDictionary<string, string> Owners { get; init; } = new Dictionary<string, string>();

    /// <summary>The VM and its host.</summary>
    public static async Task<AttachFacts> ReadAsync(VimClient client, MoRef vm, CancellationToken ct)
    {
        PropertyQuery query = new PropertyQuery()
            .Read("VirtualMachine", s_vmPaths)
            .Read("HostSystem", "name", "config.pciPassthruInfo", "hardware.pciDevice", "config.product.version")
            .Read("ComputeResource", s_computePaths)
            .Read("ClusterComputeResource", s_computePaths)
            .From([vm], PropertyQuery.Step(
                "VirtualMachine", "runtime.host", PropertyQuery.Step("HostSystem", "vm"),
                PropertyQuery.Step("HostSystem", "parent")));
        IReadOnlyList<VimObject> read = await client.RetrieveAsync(query, ct).ConfigureAwait(false);
        VimObject host = read.First(o => o.Ref.Type == "HostSystem");
        MoRef browser = read.First(o => o["environmentBrowser"].Exists)["environmentBrowser"].Ref;

        // systemId is known to this call only; it is not the host's hardware uuid.
        VimValue target = await client.CallAsync(
            browser, "QueryConfigTarget", host.Name, "List devices for VMs", ct, Arg.E("host", host.Ref))
                .ConfigureAwait(false);
        return Read(read.First(o => o.Ref == vm)) with
        {
            HostName = host.Name,
            HostVersion = host["config.product.version"].Text,
            Marks = host["config.pciPassthruInfo"].Items,
            HostDevices = host["hardware.pciDevice"].Items,
            Targets = [.. target.All("pciPassthrough")],
            Owners = read.Where(o => o.Ref.Type == "VirtualMachine" && o.Ref != vm).Select(VmFacts.Read)
                .SelectMany(v => v.Passthrough.Select(p => (Id: VmFacts.PassthroughId(p), v.Name)))
                .Where(p => p.Id.Length > 0)
                .GroupBy(p => p.Id).ToDictionary(g => g.Key, g => g.First().Name),
        };
    }

    /// <summary>The VM alone.</summary>
    public static async Task<AttachFacts> ReadVMAsync(VimClient client, MoRef vm, CancellationToken ct) =>
        Read((await client.RetrieveAsync([vm], "VirtualMachine", s_vmPaths, ct).ConfigureAwait(false))[0]);

    /// <summary>
    /// A ConfigSpec of these fields that does not overwrite somebody else's change (ConcurrentAccess).
    /// </summary>
    public Arg Spec(IEnumerable<Arg> fields) => Arg.O(
        "spec", ChangeVersion.Length > 0 ? fields.Prepend(Arg.E("changeVersion", ChangeVersion)) : fields);

    private static AttachFacts Read(VimObject vm) => new(VmFacts.Read(vm))
    {
        ChangeVersion = vm["config.changeVersion"].Text,
        Hardware = vm["config.version"].Text,
        Firmware = vm["config.firmware"].Text,
    };
}
