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

/// <summary>The names a storage VM knows by itself, and whom it asks for others.</summary>
/// <param name="ZfsHost">The storage VM.</param>
/// <param name="HostName">What it calls itself.</param>
/// <param name="Entries">The entries of its hosts file that ZfsEsx keeps.</param>
/// <param name="OtherEntries">All other entries of its hosts file.</param>
public sealed record ZfsHostName(
    string ZfsHost, string HostName, IReadOnlyList<HostEntry> Entries, IReadOnlyList<HostEntry> OtherEntries)
{
    /// <summary>The name servers it asks, in this order.</summary>
    public IReadOnlyList<string> NameServers { get; init; } = [];

    /// <summary>The domains in which it looks for short names.</summary>
    public IReadOnlyList<string> SearchDomains { get; init; } = [];

    /// <summary>
    /// What keeps its name servers: <c>resolv.conf</c>, <c>systemd-resolved</c>, <c>NetworkManager</c>,
    /// <c>resolvconf</c>.
    /// </summary>
    public string ResolverKeptBy { get; init; } = "";

    /// <summary>
    /// Where it looks names up, in this order: <c>files</c>, <c>dns</c>; empty when that cannot be told.
    /// </summary>
    public IReadOnlyList<string> Lookup { get; init; } = [];
}

/// <summary>The names a storage VM shall know.</summary>
public sealed record HostNameRequest
{
    /// <summary>What it calls itself; left as it is when null.</summary>
    public string? HostName { get; init; }

    /// <summary>Entries for its hosts file; those of other names stay.</summary>
    public IReadOnlyList<HostEntry> Entries { get; init; } = [];

    /// <summary>All name servers; left as they are when null.</summary>
    public IReadOnlyList<string>? NameServers { get; init; }

    /// <summary>All search domains; left as they are when null.</summary>
    public IReadOnlyList<string>? SearchDomains { get; init; }
}

/// <summary>Host name and hosts file of a storage VM.</summary>
public static class HostNames
{
    // The same path leads to the file on every system: OpenSolaris links /etc/hosts to inet/hosts.
    private const string Path = "/etc/hosts";

    private const string ReadScript = """
        part() { printf '\036%s\n' "$1"; }
        part name; hostname
        part kept; cat /etc/hostname /etc/nodename 2>/dev/null
        part link; if [ -h /etc/resolv.conf ]; then ls -l /etc/resolv.conf; fi
        part resolv; cat /etc/resolv.conf 2>/dev/null
        part servers; cat /run/systemd/resolve/resolv.conf 2>/dev/null
        part resolved; cat /etc/systemd/resolved.conf.d/zfsesx.conf 2>/dev/null
        part nsswitch; cat /etc/nsswitch.conf 2>/dev/null
        part hosts; cat /etc/hosts
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
        IReadOnlyDictionary<string, string> parts = await ReadAsync(host, ct).ConfigureAwait(false);
        (IReadOnlyList<HostEntry> ours, IReadOnlyList<HostEntry> others) = HostNamesText.Parse(parts.Get("hosts"));
        ResolverState resolver = HostResolver.Parse(parts);
        return new ZfsHostName(host.Name, parts.Get("name").Trim(), ours, others)
        {
            NameServers = resolver.NameServers,
            SearchDomains = resolver.SearchDomains,
            ResolverKeptBy = resolver.KeptBy,
            Lookup = resolver.Lookup,
        };
    }

    /// <summary>The same without name servers.</summary>
    public static Task<Plan<ZfsHostName>> PlanSetAsync(
        ZfsHost host, string? hostName, IReadOnlyList<HostEntry> entries, CancellationToken ct) =>
        PlanSetAsync(host, new HostNameRequest { HostName = hostName, Entries = entries }, ct);

    /// <summary>
    /// Plans to set the host name, to add entries to the hosts file and to set the name servers. Entries of other names
    /// stay, and so does everything that ZfsEsx has not written.
    /// </summary>
    /// <exception cref="ZfsEsxException">
    /// <c>InvalidHostName</c>, <c>InvalidAddress</c>, <c>HostEntryConflict</c>, <c>ResolverKeptElsewhere</c>.
    /// </exception>
    public static async Task<Plan<ZfsHostName>> PlanSetAsync(
        ZfsHost host, HostNameRequest request, CancellationToken ct)
    {
        Check(request);
        (string? hostName, IReadOnlyList<HostEntry> entries) = (request.HostName, request.Entries);
        IReadOnlyDictionary<string, string> parts = await ReadAsync(host, ct).ConfigureAwait(false);
        (string name, string hosts) = (parts.Get("name").Trim(), parts.Get("hosts"));
        List<Change> changes = [];
        if (hostName is not null && (hostName != name || hostName != parts.Get("kept").Trim()))
        {
            changes.Add(new Change(
                host.Name,
                hostName == name ? "Keep the host name " + hostName + " after a restart"
                    : "Set the host name from " + name + " to " + hostName,
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
                    string now = (await ReadAsync(host, token).ConfigureAwait(false)).Get("hosts");
                    if (HostNamesText.Merge(host.Name, now, entries) is string text)
                    {
                        await host.UploadAsync(Path, Encoding.UTF8.GetBytes(text), "0644", token).ConfigureAwait(false);
                    }
                }));
        }

        bool solaris = host.System is HostSystem.Illumos or HostSystem.OpenSolaris;
        changes.AddRange(HostResolver.Compare(host.Name, parts, request, solaris).Select(step => new Change(
            host.Name, step.Action, (_, token) => HostResolver.ApplyAsync(host, step, token))));
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

    private static void Check(HostNameRequest request)
    {
        IReadOnlyList<HostEntry> entries = request.Entries;
        IEnumerable<string> names = entries.Select(e => e.Name).Concat(request.SearchDomains ?? []);
        foreach (string name in request.HostName is null ? names : names.Prepend(request.HostName))
        {
            HostRules.CheckedName(name);
        }

        IEnumerable<HostEntry> servers = (request.NameServers ?? []).Select(a => new HostEntry("name server", a));
        foreach (HostEntry entry in entries.Concat(servers))
        {
            HostNamesText.CheckAddress(entry);
        }

        if (entries.GroupBy(e => e.Name, StringComparer.OrdinalIgnoreCase)
            .FirstOrDefault(g => g.Distinct().Skip(1).Any()) is { } twice)
        {
            throw new ZfsEsxException(
                "HostEntryConflict", FailureKind.InvalidArgument, twice.Key,
                "The name " + twice.Key + " is given several addresses: "
                    + string.Join(", ", twice.Select(e => e.Address)) + ".",
                "Give each name one address; one address may have many names.");
        }
    }

    private static async Task<IReadOnlyDictionary<string, string>> ReadAsync(ZfsHost host, CancellationToken ct)
    {
        CommandResult answer = await host.RunAsUserAsync(RemoteCommand.Script(ReadScript), ct).ConfigureAwait(false);
        return answer.Succeeded ? Sections.Split(answer.Output) : throw new ZfsEsxException(
            "HostNamesNotRead", FailureKind.Failed, host.Name,
            "Host name and hosts file of " + host.Name + " cannot be read: " + answer.Complaint + ".");
    }
}
