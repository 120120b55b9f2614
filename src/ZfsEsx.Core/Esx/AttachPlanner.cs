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
    /// <param name="vm">The VM.</param>
    /// <param name="lines">Devices by address or kind, and whether they use an interrupt line.</param>
    /// <param name="predicted">The settings that were made.</param>
    /// <param name="reporter">Hears how it goes.</param>
    /// <param name="ct">Ends the wait.</param>
    Task SettleMsiAsync(
        VmFacts vm, IReadOnlyDictionary<string, bool> lines, IReadOnlyList<string> predicted, IReporter reporter,
        CancellationToken ct);
}

/// <summary>Compares the devices of a VM with those wanted. Pure.</summary>
internal static class AttachPlanner
{
    private const string Mmio = "pciPassthru.use64bitMMIO";
    private const string MmioSize = "pciPassthru.64bitMMIOSizeGB";

    public static (IReadOnlyList<Change> Changes, IReadOnlyList<string> Warnings) Attach(
        AttachFacts facts, IReadOnlyList<string> deviceIds, AttachOptions options, IAttachActions actions)
    {
        VmFacts vm = facts.VM;
        AttachRefusals.CheckAbilities(facts, options);
        string[] ids = [.. deviceIds.Select(i => i.Trim().ToLowerInvariant()).Distinct()];
        IReadOnlyList<AttachedDevice> attached = AttachedDevice.Of(vm);
        IReadOnlyList<string> warnings = Stale(facts, attached, ids);
        List<string> words = [];
        List<string> settingWords = [];
        List<Arg> devices = [];
        List<Arg> settings = [];
        List<string> predicted = [];
        Dictionary<string, bool> lines = [];
        HashSet<int> taken = [.. attached.Select(a => a.Key)];
        List<AttachedDevice> free = [.. attached];
        foreach (string id in ids)
        {
            // A dynamic one of its kind will do for each device that is wanted dynamically.
            AttachedDevice? have = free.FirstOrDefault(a => a.IsCalled(id))
                ?? (options.Dynamic ? free.FirstOrDefault(a => a.IsDynamic && a.Kind == Kind(facts, id)) : null);
            int key = have?.Key ?? Enumerable.Range(VmFacts.FirstPassthroughKey, taken.Count + 1).First(taken.Add);
            if (have is not null)
            {
                free.Remove(have);
            }
            else
            {
                VimValue target = AttachRefusals.Find(facts, id);
                devices.Add(DeviceSpec.NewPassthrough(-1 - devices.Count, target, options.Dynamic));
                words.Add("attach " + target["pciDevice"]["deviceName"].Text + " (" + id + ")"
                    + (options.Dynamic ? " or another of its kind" : ""));
            }

            string setting = VmFacts.MsiKey(key); // of a new device a guess, read back afterwards
            vm.ExtraConfig.TryGetValue(setting, out string? now);
            bool line = UsesLine(facts, id, options, have is not null, now) ?? VmFacts.IsFalse(now);
            lines[options.Dynamic ? Kind(facts, id) : id] = line;
            if (line != VmFacts.IsFalse(now))
            {
                predicted.Add(setting);
                Set(setting, line ? "FALSE" : string.Empty);
            }
        }

        AttachRefusals.CheckLimit(facts, attached.Count, devices.Count);
        if (!vm.MemoryReserved)
        {
            words.Add("reserve all of its memory (" + (ByteSize)((long)vm.MemoryMB << 20) + ")");
        }

        if (options.Mmio64GB is int size)
        {
            SetIfOther(Mmio, "TRUE");
            SetIfOther(MmioSize, size.ToString(CultureInfo.InvariantCulture));
        }

        words.AddRange(settingWords);
        if (words.Count == 0)
        {
            return ([], warnings);
        }

        AttachRefusals.CheckOff(vm, words);
        Arg spec = facts.Spec(
            devices
                .Concat(vm.MemoryReserved ? [] : new[] { DeviceSpec.Reservation(vm.MemoryMB) })
                .Concat(settings)
                .Concat(vm.MemoryReserved ? [] : new[] { Arg.E("memoryReservationLockedToMax", true) }));
        Change change = new(
            vm.Name, Sentence(words),
            async (reporter, ct) =>
            {
                await actions.ReconfigureAsync(vm, "Attach devices", spec, reporter, ct).ConfigureAwait(false);
                if (devices.Count > 0)
                {
                    await actions.SettleMsiAsync(vm, lines, predicted, reporter, ct).ConfigureAwait(false);
                }
            });
        return ([change], warnings);

        void Set(string name, string value)
        {
            settings.Add(DeviceSpec.Option(name, value));
            settingWords.Add(value.Length > 0 ? "set " + name + " to " + value : "remove " + name);
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

    public static (IReadOnlyList<Change> Changes, IReadOnlyList<string> Warnings) Detach(
        AttachFacts facts, IReadOnlyList<string> deviceIds, IAttachActions actions)
    {
        VmFacts vm = facts.VM;
        IReadOnlyList<AttachedDevice> attached = AttachedDevice.Of(vm);
        AttachedDevice[] leaving = [.. attached.Where(a => deviceIds.Any(i => a.IsCalled(i.Trim())))];
        if (leaving.Length == 0)
        {
            return ([], []);
        }

        // What attaching has set goes along: the key may belong to another device next time.
        bool all = leaving.Length == attached.Count;
        string[] settings = [.. leaving.Select(p => VmFacts.MsiKey(p.Key)).Concat(all ? [Mmio, MmioSize] : [])
            .Where(vm.ExtraConfig.ContainsKey)];
        List<string> words =
            ["detach " + string.Join<AttachedDevice>(", ", leaving), .. settings.Select(s => "remove " + s)];
        AttachRefusals.CheckOff(vm, words);
        Arg spec = facts.Spec(
            leaving.Select(d => DeviceSpec.Remove(d.Device))
                .Concat(settings.Select(name => DeviceSpec.Option(name, string.Empty))));
        string[] warnings = !all || !vm.ReservationLocked ? [] :
        [
            vm.Name + " keeps all of its memory (" + (ByteSize)((long)vm.MemoryMB << 20)
                + ") reserved, though it has no passed-through device any more. Whoever needs the memory elsewhere can "
                + "take the reservation back in the vSphere client.",
        ];
        return (
            [
                new Change(vm.Name, Sentence(words), (reporter, ct) =>
                    actions.ReconfigureAsync(vm, "Detach devices", spec, reporter, ct), ChangeRisk.Disruptive),
            ],
            warnings);
    }

    // An entry whose address has become another device's, or whose VM has come to another host: it does not start.
    private static string[] Stale(AttachFacts facts, IReadOnlyList<AttachedDevice> attached, string[] wanted)
    {
        List<string> warnings = [];
        foreach (AttachedDevice device in attached.Where(a => a.Id.Length > 0 && !a.IsDynamic
            && facts.HostDevices.Count > 0))
        {
            VimValue there = HostDevice(facts, device.Id);
            VimValue target =
                facts.Targets.FirstOrDefault(t => t["pciDevice"]["id"].Text == device.Id) ?? VimValue.None;
            bool same = there.Exists && KindOf(there) == device.Kind;
            if (same && (!target.Exists || target["systemId"].Text == device.SystemId))
            {
                continue;
            }

            string[] now = [.. facts.HostDevices.Where(d => KindOf(d) == device.Kind && d["id"].Text != device.Id)
                .Select(d => d["id"].Text)];
            string found = facts.VM.Name + " has the device " + device.Kind + " at " + device.Id + " in its "
                + "configuration; on " + facts.HostName
                + (same ? " there is one, but the entry was made on another host"
                    : there.Exists ? " there is " + there["deviceName"].Text + " (" + KindOf(there) + ") now"
                    : " there is none now")
                + (now.Length > 0 ? "; devices of its kind are at " + string.Join(", ", now) : "") + ".";
            if (wanted.Contains(device.Id))
            {
                throw AttachRefusals.Renumbered(facts, device, found);
            }

            warnings.Add(found + " It will not start like that: Remove-VmDirectPath -VM " + facts.VM.Name + " -Id "
                + device.Id + ".");
        }

        return [.. warnings];
    }

    /// <summary>Whether the device shall use an interrupt line; null leaves it as it is.</summary>
    private static bool? UsesLine(AttachFacts facts, string id, AttachOptions options, bool attached, string? now) =>
        options.DisableMsi
            ?? (attached && !string.IsNullOrEmpty(now) ? null
                : PciClass.WantsInterruptLine(HostDevice(facts, id)["classId"].Id16) ? true
                : attached ? null : false);

    private static VimValue HostDevice(AttachFacts facts, string id) =>
        facts.HostDevices.FirstOrDefault(d => d["id"].Text == id) ?? VimValue.None;

    private static string Kind(AttachFacts facts, string id) => KindOf(HostDevice(facts, id));

    private static string KindOf(VimValue device) =>
        PciClass.Hex(device["vendorId"].Id16) + ":" + PciClass.Hex(device["deviceId"].Id16);

    private static string Sentence(IReadOnlyList<string> words)
    {
        string text = string.Join(", ", words);
        return char.ToUpperInvariant(text[0]) + text.Substring(1);
    }
}
