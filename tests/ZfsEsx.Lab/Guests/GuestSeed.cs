using System.Formats.Tar;
using System.Text;
using ZfsEsx.Shell;

namespace ZfsEsx.Lab;

/// <summary>
/// What differs from guest to guest, handed in as a file of the firmware: a tar of fixed size, so that a saved
/// machine's empty one can be replaced.
/// </summary>
internal static class GuestSeed
{
    private const int Size = 32768;
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Readable = Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>A template's seed: nothing.</summary>
    public static byte[] Empty => new byte[Size];

    /// <summary>A guest's seed.</summary>
    /// <param name="config">The guest.</param>
    /// <param name="files">Where its host key is.</param>
    /// <param name="adminKey">The public key that may log in as root.</param>
    /// <param name="passwordHash">Root's password in the form of /etc/shadow.</param>
    /// <param name="now">What its clock shall show at least.</param>
    public static byte[] Create(
        GuestConfig config, GuestFiles files, string adminKey, string passwordHash, DateTimeOffset now)
    {
        IEnumerable<string> hosts =
            config.Nics.Where(n => n.HostName is not null).Select(n => n.HostName + "=" + n.Mac);
        var settings = new Dictionary<string, string>
        {
            ["NAME"] = config.HostName,
            ["HOSTID"] = config.Uuid.Replace("-", "", StringComparison.Ordinal)[..8],
            ["NOW"] = now.ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["ROLE"] = config.Role,
            ["DISKS"] = string.Join(' ', config.Disks.Select(d => d.Serial)),
            ["PASSWORD"] = passwordHash,
            ["HOSTS"] = string.Join(' ', hosts),
        };
        using var content = new MemoryStream();
        using (var tar = new TarWriter(content, TarEntryFormat.Ustar, leaveOpen: true))
        {
            IEnumerable<string> lines = settings.Select(s => s.Key + "=" + ShellQuote.Quote(s.Value) + "\n");
            Add("etc/lab.conf", Private, string.Concat(lines));
            Add("etc/lab.net", Readable, string.Concat(config.Nics.Select(n => NetLine(n) + "\n")));
            Add("etc/hosts", Readable, $"127.0.0.1\tlocalhost\n127.0.1.1\t{config.HostName}\n");
            Add("etc/ssh/ssh_host_ed25519_key", Private, File.ReadAllText(files.HostKey));
            Add("etc/ssh/ssh_host_ed25519_key.pub", Readable, File.ReadAllText(files.HostKey + ".pub"));
            Add("root/.ssh/authorized_keys", Private, adminKey);

            void Add(string name, UnixFileMode mode, string text) =>
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name)
                {
                    Mode = mode,
                    DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)),
                });
        }

        return content.Length <= Size
            ? [.. content.ToArray(), .. new byte[Size - content.Length]]
            : throw new LabException($"The seed of {config.Name} has {content.Length} bytes, {Size} are possible.");
    }

    // mac, address/prefix, gateway, mtu; "-" for what the guest shall leave alone
    private static string NetLine(GuestNic nic) =>
        nic.Mac + (nic.Network == GuestConfig.ManagementNetwork ? " 10.0.2.15/24 10.0.2.2 1500" : " - - -");
}
