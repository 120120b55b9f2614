namespace ZfsEsx.Esx;

/// <summary>
/// What the inventory cannot show while a host is in service, kept in extraConfig of the VMs concerned: it is in the
/// VM's
/// own file, moves with it, and can be read by whoever goes on.
/// </summary>
internal static class ServiceNotes
{
    /// <summary>On the storage VM: its shares and who has them mounted.</summary>
    public const string Service = "zfsesx.service";

    /// <summary>On a moved VM: where it belongs.</summary>
    public const string Home = "zfsesx.home";

    public static string Path(string key) => "config.extraConfig[\"" + key + "\"]";

    /// <summary>
    /// Words and their values in one line that people can read: <c>datastore=uss1-nas-vol0&amp;host=host-17</c>.
    /// </summary>
    public static string Write(IEnumerable<(string Key, string Value)> words) => string.Join(
        "&", words.Where(w => w.Value.Length > 0).Select(w => w.Key + "=" + Uri.EscapeDataString(w.Value)));

    public static ILookup<string, string> Read(string text) => text.Split('&')
        .Select(w => w.Split(['='], 2)).Where(w => w.Length == 2)
        .ToLookup(w => w[0], w => Uri.UnescapeDataString(w[1]));
}

/// <summary>Where a moved VM belongs.</summary>
/// <param name="StorageVm">Instance UUID of the storage VM whose host is serviced.</param>
/// <param name="Datastore">Name of the datastore that its files go back to; empty: they stay where they are.</param>
/// <param name="Parts">What of it goes back: <see cref="VmPart.Home"/> and keys of disks.</param>
/// <param name="Host">The value of the host's reference; empty: it stays where it is.</param>
/// <param name="Pool">The value of its resource pool's reference, where the move changes it.</param>
internal sealed record HomeNote(
    string StorageVm, string Datastore, IReadOnlyList<string> Parts, string Host, string Pool)
{
    public static HomeNote? Read(string text)
    {
        ILookup<string, string> words = ServiceNotes.Read(text);
        string One(string key) => words[key].FirstOrDefault() ?? string.Empty;
        return One("storageVm").Length == 0 ? null : new HomeNote(
            One("storageVm"), One("datastore"), One("parts").Split([','], StringSplitOptions.RemoveEmptyEntries),
            One("host"), One("pool"));
    }

    public override string ToString() => ServiceNotes.Write(
    [
        ("storageVm", StorageVm), ("datastore", Datastore), ("parts", string.Join(",", Parts)), ("host", Host),
        ("pool", Pool),
    ]);
}

/// <summary>A share as it was mounted before the service.</summary>
/// <param name="Mount">The datastore.</param>
/// <param name="Hosts">The values of the hosts' references.</param>
internal sealed record ShareNote(NfsMount Mount, IReadOnlyList<string> Hosts)
{
    public static IReadOnlyList<ShareNote> Read(string text) => [.. ServiceNotes.Read(text)["share"].Select(share =>
    {
        ILookup<string, string> words = ServiceNotes.Read(share);
        string One(string key) => words[key].FirstOrDefault() ?? string.Empty;
        return new ShareNote(
            new NfsMount
            {
                Name = One("name"), RemoteHost = One("server"), RemotePath = One("path"), Nfs41 = One("nfs") == "4.1",
                ReadOnly = One("mode") == "readOnly",
            },
            One("hosts").Split([','], StringSplitOptions.RemoveEmptyEntries));
    })];

    /// <summary>
    /// The note on a storage VM: its shares, and the templates on them, which are VMs while they are moved.
    /// </summary>
    public static string Write(IEnumerable<ShareNote> shares, IEnumerable<string> templates) => ServiceNotes.Write(
        shares.Select(s => ("share", s.ToString())).Concat(templates.Select(t => ("template", t))));

    /// <summary>The values of the templates' references.</summary>
    public static IEnumerable<string> Templates(string text) => ServiceNotes.Read(text)["template"];

    public override string ToString() => ServiceNotes.Write(
    [
        ("name", Mount.Name), ("server", Mount.RemoteHost), ("path", Mount.RemotePath),
        ("nfs", Mount.Nfs41 ? "4.1" : "3"), ("mode", Mount.ReadOnly ? "readOnly" : string.Empty),
        ("hosts", string.Join(",", Hosts)),
    ]);
}
