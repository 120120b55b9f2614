using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>What a host says about a guest system.</summary>
/// <param name="Id"><c>debian12_64Guest</c>.</param>
/// <param name="Controller">The disk controller that it is best installed on.</param>
/// <param name="Firmware"><c>bios</c>, <c>efi</c>.</param>
internal sealed record GuestFact(string Id, string Controller, IReadOnlyList<string> Firmware)
{
    /// <summary>
    /// What each host knows of the systems asked for: one question for all hosts of one release in one cluster.
    /// </summary>
    public static async Task<IReadOnlyDictionary<MoRef, IReadOnlyList<GuestFact>>> ReadAsync(
        VimClient client, StorageVmInventory inventory, IReadOnlyList<NewStorageVm> wanted, CancellationToken ct)
    {
        string[] ids = [.. wanted.Select(w => w.GuestId).OfType<string>().SelectMany(GuestSystem.Ids).Distinct()];
        if (ids.Length == 0)
        {
            return new Dictionary<MoRef, IReadOnlyList<GuestFact>>();
        }

        var alike = inventory.Hosts.Where(h => h.Connected).GroupBy(h => (h.Browser, h.Version)).ToArray();
        IReadOnlyList<GuestFact>[] known = await Task.WhenAll(alike.Select(g => AskAsync(client, g.First(), ids, ct)))
            .ConfigureAwait(false);
        return alike.SelectMany((g, i) => g.Select(h => (h.Ref, Known: known[i])))
            .ToDictionary(p => p.Ref, p => p.Known);
    }

    private static async Task<IReadOnlyList<GuestFact>> AskAsync(
        VimClient client, VmHost host, string[] ids, CancellationToken ct)
    {
        VimValue option = await client.CallAsync(
            host.Browser, "QueryConfigOptionEx", host.Name, "Ask for the guest systems that it knows", ct,
            Arg.O("spec", ids.Select(i => Arg.E("guestId", i)).Prepend(Arg.E("host", host.Ref)))).ConfigureAwait(false);

        // Where the host knows none of them, it answers with all that it knows.
        return [.. option.All("guestOSDescriptor").Where(d => ids.Contains(d["id"].Text)).Select(d => new GuestFact(
            d["id"].Text, d["recommendedSCSIController"].Text, [.. d.All("supportedFirmware").Select(f => f.Text)]))];
    }
}

/// <summary>The image that a system is installed from.</summary>
internal static class InstallationImage
{
    /// <summary>Splits <c>[datastore] iso/debian.iso</c>.</summary>
    /// <exception cref="ZfsEsxException"><c>InvalidImage</c>.</exception>
    public static (string Datastore, string Folder, string File) Split(string vm, string image)
    {
        string datastore = VmFacts.DatastoreOf(image);
        string path = datastore.Length == 0 ? string.Empty : image.Substring(datastore.Length + 2).Trim();
        if (path.Length == 0 || path.EndsWith("/", StringComparison.Ordinal) || path.Any(char.IsControl)
            || path.IndexOfAny(['*', '?']) >= 0)
        {
            throw new ZfsEsxException(
                "InvalidImage", FailureKind.InvalidArgument, vm,
                "'" + new string([.. image.Select(c => char.IsControl(c) ? '?' : c)])
                    + "' does not name an image on a datastore.",
                "Write it as in '[LocalDS_1] iso/debian-13.iso'.");
        }

        int slash = path.LastIndexOf('/');
        return (datastore, slash < 0 ? string.Empty : path.Substring(0, slash), path.Substring(slash + 1));
    }

    /// <summary>Looks for the images on the datastores of their hosts, all at the same time.</summary>
    public static async Task<IReadOnlyCollection<string>> MissingAsync(
        VimClient client, StorageVmInventory inventory, IReadOnlyList<NewStorageVm> wanted, CancellationToken ct)
    {
        (string Image, VmDatastore Datastore)[] images =
        [
            .. (from vm in wanted
                where vm.InstallationImage is not null
                from host in inventory.Hosts
                where host.Ref == vm.Host
                from datastore in host.Datastores
                where datastore.Accessible && datastore.Name == Split(vm.Name, vm.InstallationImage!).Datastore
                select (vm.InstallationImage!, datastore)).Distinct(),
        ];
        bool[] found = await Task.WhenAll(images.Select(i => IsThereAsync(client, i.Image, i.Datastore, ct)))
            .ConfigureAwait(false);
        return [.. images.Where((_, i) => !found[i]).Select(i => i.Image)];
    }

    private static async Task<bool> IsThereAsync(
        VimClient client, string image, VmDatastore datastore, CancellationToken ct)
    {
        (_, string folder, string file) = Split(datastore.Name, image);
        try
        {
            VimValue result = await client.RunTaskAsync(
                datastore.Browser, "SearchDatastore_Task", datastore.Name, "Look for " + file,
                SilentReporter.Instance, ct,
                Arg.E("datastorePath", "[" + datastore.Name + "] " + folder),
                Arg.O("searchSpec", Arg.E("matchPattern", file))).ConfigureAwait(false);
            return result.All("file").Any(f => f["path"].Text == file);
        }
        catch (ZfsEsxException e) when (e.IsFault("FileNotFound", "NotADirectory"))
        {
            return false;
        }
    }
}
