namespace ZfsEsx.Os;

/// <summary>What network.sh or network-sunos.sh found.</summary>
internal sealed record NetworkState
{
    /// <summary>The interfaces.</summary>
    public required IReadOnlyList<ZfsHostNetwork> Interfaces { get; init; }

    /// <summary>Interface of the default route, or null.</summary>
    public string? DefaultRoute { get; init; }

    /// <summary>What looks after addresses: <c>ifupdown</c>, <c>NetworkManager</c>…</summary>
    public required IReadOnlyList<string> Managers { get; init; }

    /// <summary>Configuration files by path.</summary>
    public required IReadOnlyDictionary<string, string> Files { get; init; }

    /// <summary>systemd-networkd's file by interface.</summary>
    public IReadOnlyDictionary<string, string> NetworkdFiles { get; init; } = new Dictionary<string, string>();

    /// <summary>netplan's definitions of Ethernet interfaces, as <c>netplan get</c> prints them.</summary>
    public string Netplan { get; init; } = "";

    /// <summary>What is kept over a restart without a file: routes and illumos' addresses.</summary>
    public IReadOnlyList<string> Persistent { get; init; } = [];

    /// <summary>Paths in the order of the answer, each with its text.</summary>
    internal static IReadOnlyDictionary<string, string> FilesOf(IReadOnlyDictionary<string, string> parts)
    {
        Dictionary<string, string> files = new(StringComparer.Ordinal);
        foreach (KeyValuePair<string, string> part in parts)
        {
            if (part.Key.StartsWith("file ", StringComparison.Ordinal))
            {
                files[part.Key.Substring(5)] = part.Value;
            }
        }

        return files;
    }
}

/// <summary>What an interface shall have in the end: the request, filled up with what stays as it is.</summary>
/// <param name="Nic">As it is now.</param>
/// <param name="Address">With prefix length.</param>
/// <param name="Mtu">Largest packet.</param>
/// <param name="Gateway">Default gateway, or null.</param>
/// <param name="Routes">Other networks.</param>
internal sealed record WantedNetwork(
    ZfsHostNetwork Nic, string Address, int Mtu, string? Gateway, IReadOnlyList<NetworkRoute> Routes)
{
    /// <summary>True when all is so at this moment.</summary>
    public bool Live => Met(Nic);

    /// <summary>In words.</summary>
    public string Words => Address + ", MTU " + Invariant(Mtu) + (Gateway is null ? "" : ", gateway " + Gateway)
        + (Routes.Count == 0 ? "" : ", routes " + string.Join(", ", Routes));

    /// <summary>
    /// For the guard: network and gateway of each route, and with "-" in front of those that shall be gone.
    /// </summary>
    public IEnumerable<string> RouteWords => Routes.SelectMany(r => new[] { r.Destination, r.Gateway })
        .Concat(Nic.Routes.Except(Routes).SelectMany(r => new[] { "-" + r.Destination, r.Gateway }));

    /// <summary>True when the interface has what is wanted.</summary>
    public bool Met(ZfsHostNetwork nic) =>
        nic.Up && nic.Mtu == Mtu && nic.Addresses.Count == 1 && nic.Addresses[0] == Address && nic.Gateway == Gateway
        && new HashSet<NetworkRoute>(nic.Routes).SetEquals(Routes);

    /// <summary>A number as every system reads it.</summary>
    public static string Invariant(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>A change that is tried under a guard.</summary>
/// <param name="Way">How: <c>ifupdown</c>, <c>networkd</c>, <c>netplan</c>, <c>ifconfig</c>, <c>ipadm</c>.</param>
/// <param name="Wanted">What it shall lead to.</param>
/// <param name="Text">The file that the system's tool reads while it is tried.</param>
/// <param name="TrialFile">Where that file lies while it is tried, to be removed once the lasting one is there.</param>
/// <param name="KeepFile">
/// Where the guard puts the text once the change is confirmed, when that cannot be a step of its own: what keeps the
/// addresses so far ends with the guard.
/// </param>
internal sealed record NetworkTrial(
    string Way, WantedNetwork Wanted, string Text, string? TrialFile = null, string? KeepFile = null);

/// <summary>A file as it shall be.</summary>
internal sealed record NetworkFile(string Path, string Content, string Mode = "0644");

/// <summary>
/// A step towards an interface's address: files to write, in this order, and then a trial. Files that only hold
/// together are one step: none of them is declined alone.
/// </summary>
internal sealed record NetworkStep(string Action, ChangeRisk Risk, NetworkTrial? Trial, params NetworkFile[] Files);
