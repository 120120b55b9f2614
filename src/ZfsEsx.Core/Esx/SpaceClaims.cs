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
        Claim(wanted.Name, parts, warnings);
    }

    /// <summary>Adds what an existing VM takes in addition: new disks, and the growth of those it has.</summary>
    /// <exception cref="ZfsEsxException"><c>DatastoreFull</c>.</exception>
    public void Add(VmFacts vm, StorageVmSettings wanted, VmHost host, List<string> warnings)
    {
        VimValue[] data = [.. vm.Disks.Skip(wanted.SystemDisks)];
        string home = vm.Disks.Count > 0 ? VmFacts.DatastoreOf(vm.Disks[0]["backing"]["fileName"].Text) : string.Empty;
        var parts =
            from part in (wanted.DataDisks ?? []).Select(
                (disk, i) => (Disk: disk, Have: i < data.Length ? data[i] : null))
            let bytes = part.Disk.Size.Bytes - (part.Have is null ? 0 : VmFacts.Capacity(part.Have).Bytes)
            where bytes > 0
            let name = part.Have is null ? part.Disk.DatastoreName ?? home
                : VmFacts.DatastoreOf(part.Have["backing"]["fileName"].Text)
            from datastore in host.Datastores
            where datastore.Name == name
            select (datastore, bytes, part.Have is null ? !part.Disk.Thin
                : VmFacts.FormatOf(part.Have) != VirtualDiskFormat.Thin);
        Claim(vm.Name, parts, warnings);
    }

    /// <summary>Adds parts that are taken at once (<c>Now</c>) or may grow.</summary>
    /// <exception cref="ZfsEsxException"><c>DatastoreFull</c>.</exception>
    public void Claim(
        string vm, IEnumerable<(VmDatastore Datastore, long Bytes, bool Now)> parts, List<string> warnings)
    {
        foreach (var part in parts.GroupBy(p => p.Datastore))
        {
            (long now, long later) = _claims.TryGetValue(part.Key.Ref, out var before) ? before : (0, 0);
            now += part.Where(p => p.Now).Sum(p => p.Bytes);
            later += part.Sum(p => p.Bytes);
            long free = part.Key.FreeSpace.Bytes;
            if (now > free)
            {
                throw new ZfsEsxException(
                    "DatastoreFull", FailureKind.LimitReached, vm,
                    "The datastore " + part.Key.Name + " has " + part.Key.FreeSpace + " free; with " + vm
                        + " it would need " + (ByteSize)now + " (disks that are not thin, and as much as its memory).",
                    "Choose another datastore, smaller or thin disks.");
            }

            if (later > free)
            {
                warnings.Add("The thin disks of " + vm + " can grow beyond datastore " + part.Key.Name
                    + ", which has " + part.Key.FreeSpace + " free: ZFS fills its disks in time.");
            }

            _claims[part.Key.Ref] = (now, later);
        }
    }
}
