using ZfsEsx.Shell;

namespace ZfsEsx.Lab;

/// <summary>Storage hosts with zfs-fuse, the older ZFS, in namespaces of this machine. No NFS, no simulator.</summary>
public sealed class FuseLab
{
    /// <summary>Its name.</summary>
    public string Name => throw new NotImplementedException();

    /// <summary>The hosts' names: uss1…ussN; each is reached by <c>ssh -F SshConfigPath NAME</c>.</summary>
    public IReadOnlyList<string> Hosts => throw new NotImplementedException();

    /// <summary>An ssh client configuration that leads to each host by its name.</summary>
    public string SshConfigPath => throw new NotImplementedException();

    /// <summary>The address of a host in the network that the hosts share.</summary>
    public string AddressOf(string host) => throw new NotImplementedException();

    /// <summary>Brings the hosts up; a lab that runs already is left as it is.</summary>
    public static Task<FuseLab> UpAsync(LabOptions options, Action<string> say, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>Ends the hosts of that lab and removes what they wrote.</summary>
    public static Task DownAsync(string name, Action<string> say, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>Ends this lab.</summary>
    public Task DownAsync() => throw new NotImplementedException();

    /// <summary>Runs a command on a host as root; a minute at most.</summary>
    public Task<CommandResult> RunAsync(string host, params string[] words) => throw new NotImplementedException();
}
