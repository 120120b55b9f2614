using System.Globalization;
using ZfsEsx.Shell;

namespace ZfsEsx.Os;

/// <summary>What detect.sh found. Pure.</summary>
internal sealed record HostProbe
{
    public required HostSystem System { get; init; }

    public required string Release { get; init; }

    public required string UserName { get; init; }

    public required Elevation Elevation { get; init; }

    /// <summary>Whether sudo would give root's rights for a password.</summary>
    public bool AsksForPassword { get; init; }

    /// <summary>Why there is no way to root's rights; empty when there is one.</summary>
    public string Refusal { get; init; } = "";

    public required NfsServerState NfsServer { get; init; }

    public required string ZfsVersion { get; init; }

    public required ZfsFeatures Features { get; init; }

    public required DateTimeOffset Time { get; init; }

    public required IReadOnlyCollection<string> Tools { get; init; }

    /// <summary>The command that asks: of a user who can become root only for that, or for all.</summary>
    public static RemoteCommand Command(bool all) =>
        RemoteCommand.Script(Resource.Text("detect.sh"), all ? ["all"] : []);

    /// <summary>Reads its answer.</summary>
    /// <exception cref="ZfsEsxException"><c>SystemNotSupported</c>.</exception>
    public static HostProbe Parse(string name, CommandResult answer)
    {
        ILookup<string, string> found = answer.Lines
            .Select(l => l.Split([' '], 2)).ToLookup(w => w[0], w => w.Length > 1 ? w[1].Trim() : "");
        string One(string key) => found[key].FirstOrDefault() ?? "";
        HashSet<string> can = [.. found["can"]];
        return new HostProbe
        {
            System = SystemOf(name, One("system"), One("release"), One("build"), answer),
            Release = One("release"),
            UserName = One("user"),
            Elevation = One("elevation") switch
            {
                "root" => Elevation.Root,
                "sudo" => Elevation.Sudo,
                "doas" => Elevation.Doas,
                "pfexec" => Elevation.Pfexec,
                _ => Elevation.None,
            },
            AsksForPassword = One("elevation") == "password",
            Refusal = One("elevation") == "password" ? "sudo asks for a password" : One("refusal"),
            NfsServer = One("nfs") switch
            {
                "running" => NfsServerState.Running,
                "stopped" => NfsServerState.Stopped,
                _ => NfsServerState.Missing,
            },
            ZfsVersion = One("zfs"),
            Features = new ZfsFeatures(
                ParsableLists: can.Contains("parsable"), ResumeTokens: can.Contains("resume"),
                Bookmarks: can.Contains("bookmark"), Delegation: can.Contains("allow"), RawSend: can.Contains("raw"),
                ChannelPrograms: can.Contains("program")),
            Time = DateTimeOffset.TryParse(
                One("time"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
                    ? time : default,
            Tools = [.. found["tool"]],
        };
    }

    // OpenSolaris and Solaris call themselves SunOS 5.11 as illumos does; only the build text tells them apart.
    private static HostSystem SystemOf(
        string name, string system, string release, string build, CommandResult answer) => system switch
    {
        "Linux" => HostSystem.Linux,
        "FreeBSD" => HostSystem.FreeBsd,
        "SunOS" when build.StartsWith("snv_", StringComparison.Ordinal)
            || build.StartsWith("11.", StringComparison.Ordinal)
            => HostSystem.OpenSolaris,
        "SunOS" => HostSystem.Illumos,
        _ => throw new ZfsEsxException(
            "SystemNotSupported", FailureKind.NotSupported, name,
            name + " runs "
                + (system.Length == 0 ? "no Unix-like system (" + answer.Complaint + ")" : system + " " + release)
            + "; storage VMs run Linux, illumos, OpenSolaris or FreeBSD."),
    };
}
