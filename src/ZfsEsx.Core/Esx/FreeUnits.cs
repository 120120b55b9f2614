using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>Free places for disks on a VM's controllers.</summary>
internal sealed class FreeUnits
{
    /// <summary>A bus for each of the four SCSI controllers that a VM can have.</summary>
    private const int Buses = 4;

    private const int FirstKey = -1;

    // Unit 7 of a SCSI bus is the controller itself.
    private static readonly Dictionary<string, int[]> s_units = new()
    {
        ["ParaVirtualSCSIController"] = Units(16, 7),
        ["VirtualLsiLogicController"] = Units(16, 7),
        ["VirtualLsiLogicSASController"] = Units(16, 7),
        ["VirtualBusLogicController"] = Units(16, 7),
        ["VirtualAHCIController"] = Units(30, -1),
        ["VirtualNVMEController"] = Units(15, -1),
    };

    private readonly Queue<(int Key, int Unit)> _free;
    private readonly Queue<int> _buses;
    private readonly string _name;
    private readonly string _controller;
    private int _nextKey = FirstKey;

    /// <summary>Looks at what the VM has.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="controller">The type of a controller that has to be added.</param>
    public FreeUnits(VmFacts vm, string controller)
    {
        _name = vm.Name;
        _controller = controller;
        _buses = new(Enumerable.Range(0, Buses).Except(vm.Devices.Where(IsScsi).Select(d => d["busNumber"].Int)));
        HashSet<(int, int)> used = [.. vm.Devices.Select(d => (d["controllerKey"].Int, d["unitNumber"].Int))];
        int? preferred = vm.Disks.Count > 0 ? vm.Disks[0]["controllerKey"].Int : null;
        _free = new(vm.Devices
            .Where(d => d.XsiType is not null && s_units.ContainsKey(d.XsiType))
            .OrderBy(d => d["key"].Int != preferred)
            .SelectMany(d => s_units[d.XsiType!].Select(unit => (d["key"].Int, unit)))
            .Where(place => !used.Contains(place)));
    }

    /// <summary>The next free place, and the controller that has to be added for it where there was none.</summary>
    /// <exception cref="ZfsEsxException"><c>TooManyDisks</c>.</exception>
    public (int Key, int Unit, Arg? Controller) Next()
    {
        Arg? added = null;
        if (_free.Count == 0)
        {
            if (_buses.Count == 0)
            {
                throw new ZfsEsxException(
                    "TooManyDisks", FailureKind.LimitReached, _name,
                    "There is no place for another disk in " + _name + ": all of its controllers are full.",
                    "Give it fewer and larger disks.");
            }

            int key = _nextKey--;
            added = DeviceSpec.NewController(_controller, key, _buses.Dequeue());
            foreach (int unit in Units(16, 7))
            {
                _free.Enqueue((key, unit));
            }
        }

        (int controller, int place) = _free.Dequeue();
        return (controller, place, added);
    }

    private static bool IsScsi(VimValue device) =>
        device.XsiType is string type && s_units.ContainsKey(type)
        && type is not ("VirtualAHCIController" or "VirtualNVMEController");

    private static int[] Units(int count, int without) => Enumerable.Range(0, count).Where(u => u != without).ToArray();
}
