using System.Text;
using ZfsEsx.Shell;

namespace ZfsEsx.Os;

/// <summary>A name and the address it stands for.</summary>
/// <param name="Name">Host name, with or without domain.</param>
/// <param name="Address">IPv4 or IPv6 address.</param>
public sealed record HostEntry(string Name, string Address)
{
    /// <inheritdoc/>
    public override string ToString() => Name + " = " + Address;
}

/// <summary>The names a storage VM knows by itself.</summary>
/// <param name="ZfsHost">The storage VM.</param>
/// <param name="HostName">What it calls itself.</param>
/// <param name="Entries">The entries of its hosts file that ZfsEsx keeps.</param>
/// <param name="OtherEntries">All other entries of its hosts file.</param>
public sealed record ZfsHostName(
    string ZfsHost, string HostName, IReadOnlyList<HostEntry> Entries, IReadOnlyList<HostEntry> OtherEntries);

/// <summary>Host name and hosts file of a storage VM.</summary>
public static class HostNames
{
    // The same path leads to the file on every system: OpenSolaris links /etc/hosts to inet/hosts.
    private const string Path = "/etc/hosts";

    private const string ReadScript = """
        printf '\036name\n'; hostname
        printf '\036hosts\n'; cat /etc/hosts
        """;

    private const string NameScript = """
        if command -v hostnamectl >/dev/null 2>&1 && hostnamectl set-hostname "$1" 2>/dev/null; then exit 0; fi
        hostname "$1" || exit
        case $(uname -s) in
          Linux) printf '%s\n' "$1" >/etc/hostname;;
          SunOS) printf '%s\n' "$1" >/etc/nodename;;
          *) echo "the name cannot be kept after a restart on this system yet" >&2; exit 1;;
        esac
        """;

    /// <summary>Reads them.</summary>
    /// <exception cref="ZfsEsxException"><c>HostNamesNotRead</c>.</exception>
    public static async Task<ZfsHostName> GetAsync(ZfsHost host, CancellationToken ct)
    {
        (string name, string hosts) = await ReadAsync(host, ct).ConfigureAwait(false);
        (IReadOnlyList<HostEntry> ours, IReadOnlyList<HostEntry> others) = HostNamesText.Parse(hosts);
        return new ZfsHostName(host.Name, name, ours, others);
    }

    /// <summary>
    /// Plans to set the host name (null: leave it) and to add entries to the hosts file. Entries of other names stay,
    /// and so
    /// does everything that ZfsEsx has not written.
    /// </summary>
    /// <exception cref="ZfsEsxException">
    /// <c>InvalidHostName</c>, <c>InvalidAddress</c>, <c>HostEntryConflict</c>.
    /// </exception>
    public static async Task<Plan<ZfsHostName>> PlanSetAsync(
        ZfsHost host, string? hostName, IReadOnlyList<HostEntry> entries, CancellationToken ct)
    {
        if (hostName is not null)
        {
            HostRules.CheckedName(hostName);
        }

        foreach (HostEntry entry in entries)
        {
            HostRules.CheckedName(entry.Name);
            HostNamesText.CheckAddress(entry);
        }

        if (entries.GroupBy(e => e.Name, StringComparer.OrdinalIgnoreCase)
            .FirstOrDefault(g => g.Distinct().Skip(1).Any()) is { } twice)
        {
            throw new ZfsEsxException(
                "HostEntryConflict", FailureKind.InvalidArgument, twice.Key,
                "The name " + twice.Key + " is given several addresses: "
                    + string.Join(", ", twice.Select(e => e.Address)) + ".");
        }

        (string name, string hosts) = await ReadAsync(host, ct).ConfigureAwait(false);
        List<Change> changes = [];
        if (hostName is not null && hostName != name)
        {
            changes.Add(new Change(
                host.Name, "Set the host name from " + name + " to " + hostName,
                (_, token) => host.CheckAsync(
                    RemoteCommand.Script(NameScript, hostName), "HostNameNotSet", host.Name,
                        "The host name cannot be set", null, token)));
        }

        if (HostNamesText.Merge(host.Name, hosts, entries) is not null)
        {
            IReadOnlyList<HostEntry> known = HostNamesText.Parse(hosts).Ours;
            changes.Add(new Change(
                host.Name, "Set in its hosts file: " + string.Join(", ", entries.Except(known)),
                async (reporter, token) =>
                {
                    // Read again: between asking and doing the file may have got other lines.
                    string now = (await ReadAsync(host, token).ConfigureAwait(false)).Hosts;
                    if (HostNamesText.Merge(host.Name, now, entries) is string text)
                    {
                        await host.UploadAsync(Path, Encoding.UTF8.GetBytes(text), "0644", token).ConfigureAwait(false);
                    }
                }));
        }

        return new Plan<ZfsHostName>(changes, token => GetAsync(host, token));
    }

    /// <summary>
    /// What the storage VM itself makes of names: every name with its IPv4 addresses, none when it does not resolve.
    /// </summary>
    /// <exception cref="ZfsEsxException"><c>InvalidHostName</c>.</exception>
    public static async Task<IReadOnlyDictionary<string, IReadOnlyList<string>>> ResolveAsync(
        ZfsHost host, IReadOnlyList<string> names, CancellationToken ct)
    {
        foreach (string name in names)
        {
            HostRules.CheckedName(name);
        }

        CommandResult answer = await host.RunAsUserAsync(
            RemoteCommand.Script(Resource.Text("resolve.sh"), [.. names]), ct).ConfigureAwait(false);
        return HostNamesText.Resolved(answer.Lines);
    }

    private static async Task<(string Name, string Hosts)> ReadAsync(ZfsHost host, CancellationToken ct)
    {
        CommandResult answer = await host.RunAsUserAsync(RemoteCommand.Script(ReadScript), ct).ConfigureAwait(false);
        if (!answer.Succeeded)
        {
            throw new ZfsEsxException(
                "HostNamesNotRead", FailureKind.Failed, host.Name,
                "Host name and hosts file of " + host.Name + " cannot be read: " + answer.Complaint + ".");
        }

        IReadOnlyDictionary<string, string> parts = Sections.Split(answer.Output);
        return (parts.Get("name").Trim(), parts.Get("hosts"));
    }
}
