using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>Space that new VMs take at once and may take later, by datastore. Pure.</summary>
internal sealed class SpaceClaims
{
    private readonly Dictionary<MoRef, (long Now, long Later)> _claims = [];

    /// <summary>Adds what a new VM takes.</summary>
    /// <exception cref="ZfsEsxException"><c>DatastoreFull</c>.</exception>
    public void Add(VmFacts? template, NewStorageVm wanted, StorageVmPlace place, List<string> warnings)
    {
        List<(VmDatastore Datastore, long Bytes, bool Now)> parts =
        [
            (place.Datastore, wanted.Memory.Bytes, true), // the swap file of a running VM
            .. (template?.Disks ?? []).Select(d =>
                (place.Datastore, VmFacts.Capacity(d).Bytes, VmFacts.FormatOf(d) != VirtualDiskFormat.Thin)),
            .. wanted.DataDisks.Append(wanted.SystemDisk).OfType<NewDisk>().Select(d => (
                d.Datastore is MoRef other ? place.Host.DatastoreOf(other)! : place.Datastore, d.Size.Bytes, !d.Thin)),
        ];
        foreach (var part in parts.GroupBy(p => p.Datastore))
        {
            (long now, long later) = _claims.TryGetValue(part.Key.Ref, out var before) ? before : (0, 0);
            now += part.Where(p => p.Now).Sum(p => p.Bytes);
            later += part.Sum(p => p.Bytes);
            long free = part.Key.FreeSpace.Bytes;
            if (now > free)
            {
                throw new ZfsEsxException(
                    "DatastoreFull", FailureKind.LimitReached, wanted.Name,
                    "The datastore " + part.Key.Name + " has " + part.Key.FreeSpace + " free; with " + wanted.Name
                        + " it would need " + (ByteSize)now + " (disks that are not thin, and as much as its memory).",
                    "Choose another datastore, smaller or thin disks.");
            }

            if (later > free)
            {
                warnings.Add("The thin disks of " + wanted.Name + " can grow beyond datastore " + part.Key.Name
                    + ", which has " + part.Key.FreeSpace + " free: ZFS fills its disks in time.");
            }

            _claims[part.Key.Ref] = (now, later);
        }
    }
}
