namespace ZfsEsx.Os;

/// <summary>The kind of system a storage VM runs.</summary>
public enum HostSystem
{
    /// <summary>Linux with OpenZFS.</summary>
    Linux,

    /// <summary>illumos: OmniOS, OpenIndiana, SmartOS.</summary>
    Illumos,

    /// <summary>OpenSolaris (snv builds) and Solaris.</summary>
    OpenSolaris,

    /// <summary>FreeBSD.</summary>
    FreeBsd,
}

/// <summary>How the shell that commands run in became root's.</summary>
public enum Elevation
{
    /// <summary>There is no way: only reading works.</summary>
    None,

    /// <summary>The user is root.</summary>
    Root,

    /// <summary><c>sudo</c>.</summary>
    Sudo,

    /// <summary><c>doas</c>.</summary>
    Doas,

    /// <summary><c>pfexec</c> (Solaris role-based access control).</summary>
    Pfexec,
}

/// <summary>What a storage VM's NFS server does.</summary>
public enum NfsServerState
{
    /// <summary>Not installed.</summary>
    Missing,

    /// <summary>Installed, not running.</summary>
    Stopped,

    /// <summary>Running.</summary>
    Running,
}

/// <summary>
/// What this system's ZFS can do, found out by doing (usage texts lie: zfs-fuse 0.7 hides <c>receive -u</c>).
/// </summary>
/// <param name="ParsableLists"><c>zfs list -p</c> and <c>zpool list -p</c> print plain numbers.</param>
/// <param name="ResumeTokens">A broken receive can go on: <c>zfs receive -s</c>.</param>
/// <param name="Bookmarks"><c>zfs bookmark</c>.</param>
/// <param name="Delegation"><c>zfs allow</c>.</param>
/// <param name="RawSend"><c>zfs send -w</c>.</param>
/// <param name="ChannelPrograms"><c>zfs program</c>.</param>
public sealed record ZfsFeatures(
    bool ParsableLists, bool ResumeTokens, bool Bookmarks, bool Delegation, bool RawSend, bool ChannelPrograms);
