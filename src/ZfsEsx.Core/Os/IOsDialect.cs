using ZfsEsx.Zfs;

namespace ZfsEsx.Os;

/// <summary>
/// What differs between the systems of storage VMs: command lines out, values in. Nothing here runs anything.
/// </summary>
internal interface IOsDialect
{
    /// <summary>
    /// A script that asks for disks and all that uses them. Its arguments are files that shall serve as disks too.
    /// </summary>
    string DisksScript { get; }

    /// <summary>Reads the answer to <see cref="DisksScript"/>.</summary>
    DiskInventory ParseDisks(string host, string text);

    /// <summary>A script that asks for interfaces, and how the system keeps their addresses.</summary>
    string NetworkScript { get; }

    /// <summary>Reads the answer to <see cref="NetworkScript"/>.</summary>
    NetworkState ParseNetwork(string host, string text);

    /// <summary>The steps that lead to what is wanted; none when all is so now and after a restart.</summary>
    IReadOnlyList<NetworkStep> CompareNetwork(string host, NetworkState observed, HostNetworkRequest request);

    /// <summary>The system's own part of guard.sh and guard-keep.sh.</summary>
    string GuardScript { get; }

    /// <summary>The value of <c>sharenfs</c> that shares a file system as wanted.</summary>
    string ShareOptions(NfsShareRequest request);

    /// <summary>The clients that a value of <c>sharenfs</c> names; none for <c>off</c>, "*" for everybody.</summary>
    IReadOnlyList<string> ShareClients(string options);

    /// <summary>What the NFS server really exports: path to clients. Reads the part "exports" of shares.sh.</summary>
    IReadOnlyDictionary<string, IReadOnlyList<string>> ParseExports(string text);
}

/// <summary>A system that we can talk to but not yet set up.</summary>
internal class UnknownDialect(HostSystem system) : IOsDialect
{
    public virtual string DisksScript => throw NotYet("Listing disks");

    public virtual DiskInventory ParseDisks(string host, string text) => throw NotYet("Listing disks");

    public virtual string NetworkScript => throw NotYet("Reading and setting addresses");

    public virtual string GuardScript => throw NotYet("Setting addresses");

    public virtual IReadOnlyList<NetworkStep> CompareNetwork(
        string host, NetworkState observed, HostNetworkRequest request) => throw NotYet("Setting addresses");

    public virtual NetworkState ParseNetwork(string host, string text) => throw NotYet("Reading and setting addresses");

    public virtual string ShareOptions(NfsShareRequest request) => throw NotYet("Sharing by NFS");

    public virtual IReadOnlyList<string> ShareClients(string options) => throw NotYet("Sharing by NFS");

    public virtual IReadOnlyDictionary<string, IReadOnlyList<string>> ParseExports(string text) =>
        throw NotYet("Sharing by NFS");

    private ZfsEsxException NotYet(string what) => new(
        "SystemNotSupportedYet", FailureKind.NotSupported, system.ToString(),
        what + " is not supported on " + system + " yet.", "Do this step by hand on this system.");
}
