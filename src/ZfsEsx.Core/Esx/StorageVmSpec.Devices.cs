using System.Globalization;
using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

// Disks and adapters.
internal sealed partial class StorageVmSpec
{
    private void Disks(VmFacts current, IReadOnlyList<NewDisk>? wanted, int systemDisks, string controller)
    {
        if (wanted is null)
        {
            return;
        }

        VimValue[] data = current.Disks.Skip(systemDisks).ToArray();
        FreeUnits units = new(current, controller);
        for (int i = 0; i < wanted.Count; i++)
        {
            if (i >= data.Length)
            {
                (int key, int unit, Arg? added) = units.Next();
                if (added is not null)
                {
                    _devices.Add(added);
                }

                _devices.Add(DeviceSpec.NewDisk(_nextKey--, key, unit, wanted[i]));
                _words.Add((wanted[i].Format == VirtualDiskFormat.EagerZeroedThick ? "add an " : "add a ") + wanted[i]);
            }
            else
            {
                Existing(current, data[i], i + 1, wanted[i]);
            }
        }

        if (data.Length > wanted.Count)
        {
            _warnings.Add(current.Name + " has " + (data.Length - wanted.Count).ToString(CultureInfo.InvariantCulture)
                + " more data disks than asked for; they are left.");
        }
    }

    private void Existing(VmFacts current, VimValue disk, int number, NewDisk wanted)
    {
        ByteSize size = VmFacts.Capacity(disk);
        if (size > wanted.Size)
        {
            throw new ZfsEsxException(
                "DiskTooLarge", FailureKind.InvalidState, current.Name,
                "Data disk " + number + " of " + current.Name + " has " + size + ", more than the " + wanted.Size
                    + " wanted.",
                "Disks cannot be made smaller. Give its size, or remove the VM.");
        }

        if (size < wanted.Size)
        {
            _devices.Add(DeviceSpec.GrownDisk(disk, wanted.Size));
            _words.Add("grow " + disk["deviceInfo"]["label"].Text + " to " + wanted.Size);
        }

        VirtualDiskFormat format = VmFacts.FormatOf(disk);
        string datastore = VmFacts.DatastoreOf(disk["backing"]["fileName"].Text);
        if (wanted.Format is VirtualDiskFormat asked && asked != format)
        {
            _warnings.Add("Data disk " + number + " of " + current.Name + " is " + NewDisk.Words(format) + ", not "
                + NewDisk.Words(asked) + "; it is left.");
        }

        if (wanted.DatastoreName is string name && name != datastore)
        {
            _warnings.Add("Data disk " + number + " of " + current.Name + " is on datastore " + datastore + ", not on "
                + name + "; it is left.");
        }
    }

    private void Adapters(VmFacts current, StorageVmSettings wanted, bool fresh)
    {
        string?[] networks = [wanted.ManagementNetwork, wanted.StorageNetwork];
        IReadOnlyList<VimValue> have = current.Adapters;
        for (int i = 0; i < networks.Length; i++)
        {
            if (networks[i] is not string network)
            {
                continue;
            }

            wanted.Distributed.TryGetValue(network, out DistributedGroup? group);
            if (i >= have.Count)
            {
                _devices.Add(DeviceSpec.NewAdapter(_nextKey--, network, group));
                _words.Add("add an adapter on " + network);
                continue;
            }

            string label = have[i]["deviceInfo"]["label"].Text;
            bool otherKind = !have[i].Is("VirtualVmxnet3");
            if (otherKind && fresh)
            {
                _devices.Add(DeviceSpec.Remove(have[i]));
                _devices.Add(DeviceSpec.NewAdapter(_nextKey--, network, group));
                _words.Add("replace " + label + " by a VMXNET3 on " + network);
                continue;
            }

            if (otherKind)
            {
                _warnings.Add(label + " of " + current.Name
                    + " is not a VMXNET3; it is left, because a new one has another address.");
            }

            if (!string.Equals(VmFacts.Network(have[i]), group?.Key ?? network, StringComparison.Ordinal))
            {
                _devices.Add(DeviceSpec.MovedAdapter(have[i], network, group));
                _words.Add("move " + label + " to " + network);
            }
        }
    }
}
