using System.Globalization;
using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>What a plan for a VM's devices does.</summary>
internal interface IAttachActions
{
    Task ReconfigureAsync(VmFacts vm, string doing, Arg spec, IReporter reporter, CancellationToken ct);

    /// <summary>
    /// Reads the keys that the devices got, and moves their MSI settings there if they were predicted wrongly.
    /// </summary>
    Task SettleMsiAsync(VmFacts vm, IReadOnlyList<string> ids, IReadOnlyList<string> predicted, IReporter reporter,
        CancellationToken ct);
}

/// <summary>Compares the devices of a VM with those wanted. Pure.</summary>
internal static class AttachPlanner
{
    private const string Mmio = "pciPassthru.use64bitMMIO";
    private const string MmioSize = "pciPassthru.64bitMMIOSizeGB";

    /// <exception cref="ZfsEsxException"><c>InvalidMmioSize</c>.</exception>
    public static void Check(AttachOptions options)
    {
        if (options.Mmio64GB is int size && (size < 1 || (size & (size - 1)) != 0))
        {
            throw new ZfsEsxException(
                "InvalidMmioSize", FailureKind.InvalidArgument, "Mmio64GB",
                "A 64-bit MMIO window of " + size + " GB is not possible: it is a power of two.");
        }
    }

    public static IReadOnlyList<Change> Attach(
        AttachFacts facts, IReadOnlyList<string> deviceIds, AttachOptions options, IAttachActions actions)
    {
        VmFacts vm = facts.VM;
        string[] ids = deviceIds.Select(i => i.Trim().ToLowerInvariant()).Distinct().ToArray();
        Dictionary<string, int> keys = vm.Passthrough.GroupBy(VmFacts.PassthroughId)
            .ToDictionary(g => g.Key, g => g.First()["key"].Int);
        List<string> words = [];
        List<Arg> devices = [];
        foreach (string id in ids.Where(i => !keys.ContainsKey(i)))
        {
            VimValue target = Find(facts, id);
            devices.Add(DeviceSpec.NewPassthrough(-1 - devices.Count, target));
            words.Add("attach " + target["pciDevice"]["deviceName"].Text + " (" + id + ")");
            keys[id] = FreeKey(keys.Values); // a guess, read back afterwards
        }

        if (!vm.MemoryReserved)
        {
            words.Add("reserve all of its memory (" + (ByteSize)((long)vm.MemoryMB << 20) + ")");
        }

        List<Arg> settings = [];
        List<string> predicted = [];
        foreach (string name in ids.Where(_ => options.DisableMsi).Select(i => VmFacts.MsiKey(keys[i]))
            .Where(n => !vm.ExtraConfig.TryGetValue(n, out string? value) || !VmFacts.IsFalse(value)))
        {
            predicted.Add(name);
            Set(name, "FALSE");
        }

        if (options.Mmio64GB is int size)
        {
            SetIfOther(Mmio, "TRUE");
            SetIfOther(MmioSize, size.ToString(CultureInfo.InvariantCulture));
        }

        if (words.Count == 0)
        {
            return [];
        }

        CheckOff(vm, words);
        string action = string.Join(", ", words);
        Arg spec = Arg.O(
            "spec",
            devices
                .Concat(vm.MemoryReserved ? [] : new[] { DeviceSpec.Reservation(vm.MemoryMB) })
                .Concat(settings)
                .Concat(vm.MemoryReserved ? [] : new[] { Arg.E("memoryReservationLockedToMax", true) }));
        return
        [
            new Change(
                vm.Name, char.ToUpperInvariant(action[0]) + action.Substring(1),
                async (reporter, ct) =>
                {
                    await actions.ReconfigureAsync(vm, "Attach devices", spec, reporter, ct).ConfigureAwait(false);
                    if (options.DisableMsi && devices.Count > 0)
                    {
                        await actions.SettleMsiAsync(vm, ids, predicted, reporter, ct).ConfigureAwait(false);
                    }
                }),
        ];

        void Set(string name, string value)
        {
            settings.Add(DeviceSpec.Option(name, value));
            words.Add("set " + name + " to " + value);
        }

        void SetIfOther(string name, string value)
        {
            if (!vm.ExtraConfig.TryGetValue(name, out string? old)
                || !string.Equals(old, value, StringComparison.OrdinalIgnoreCase))
            {
                Set(name, value);
            }
        }
    }

    public static IReadOnlyList<Change> Detach(VmFacts vm, IReadOnlyList<string> deviceIds, IAttachActions actions)
    {
        VimValue[] leaving = vm.Passthrough
            .Where(p => deviceIds.Contains(VmFacts.PassthroughId(p), StringComparer.OrdinalIgnoreCase)).ToArray();
        if (leaving.Length == 0)
        {
            return [];
        }

        string action = "Detach " + string.Join(", ", leaving.Select(VmFacts.PassthroughId));
        CheckOff(vm, [action]);

        // An empty value removes the setting: the key may belong to another device next time.
        IEnumerable<Arg> settings = leaving.Select(p => VmFacts.MsiKey(p["key"].Int))
            .Where(vm.ExtraConfig.ContainsKey).Select(name => DeviceSpec.Option(name, string.Empty));
        Arg spec = Arg.O("spec", leaving.Select(DeviceSpec.Remove).Concat(settings));
        return [new Change(vm.Name, action, (reporter, ct) =>
            actions.ReconfigureAsync(vm, "Detach devices", spec, reporter, ct), ChangeRisk.Disruptive)];
    }

    private static int FreeKey(IEnumerable<int> used)
    {
        int key = VmFacts.FirstPassthroughKey;
        while (used.Contains(key))
        {
            key++;
        }

        return key;
    }

    private static void CheckOff(VmFacts vm, IReadOnlyList<string> words)
    {
        if (!vm.IsOff)
        {
            throw new ZfsEsxException(
                "VmPoweredOn", FailureKind.InvalidState, vm.Name,
                "The VM " + vm.Name + " is " + vm.PowerState + "; devices cannot be changed while it runs ("
                    + string.Join(", ", words) + ").",
                "Shut it down and repeat the command.");
        }
    }

    private static VimValue Find(AttachFacts facts, string id)
    {
        string device = id + " of " + facts.HostName;
        if (facts.Owners.TryGetValue(id, out string? owner))
        {
            throw new ZfsEsxException(
                "DeviceInUse", FailureKind.InUse, device, "The device " + device + " belongs to the VM " + owner + ".",
                "Take it from there first: Remove-VmDirectPath.");
        }

        if (facts.Targets.FirstOrDefault(t => t["pciDevice"]["id"].Text == id) is VimValue target)
        {
            return target;
        }

        VimValue mark = facts.Marks.FirstOrDefault(m => m["id"].Text == id) ?? VimValue.None;
        throw !mark.Exists
            ? new ZfsEsxException(
                "DeviceNotFound", FailureKind.NotFound, device,
                "The host " + facts.HostName + " has no PCI device '" + id + "'.", "See Get-VmDirectPath.")
            : mark["passthruEnabled"].Bool
                ? new ZfsEsxException(
                    "DeviceRebootPending", FailureKind.InvalidState, device,
                    "The device " + device + " is enabled for passthrough, but not active before the host's next boot.",
                    "Reboot the host: Enable-VmDirectPath -Reboot does it.")
                : new ZfsEsxException(
                    "DeviceNotEnabled", FailureKind.InvalidState, device,
                    "The device " + device + " is not enabled for passthrough.",
                    "Enable it first: Enable-VmDirectPath.");
    }
}
