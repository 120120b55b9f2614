namespace ZfsEsx.Lab;

/// <summary>Where a guest's files are.</summary>
/// <param name="Directory">What is kept: disks, keys, seed, console.</param>
/// <param name="RunPrefix">Beginning of the names of its socket and process id.</param>
internal sealed record GuestFiles(string Directory, string RunPrefix)
{
    public string PidFile => RunPrefix + ".pid";

    public string Qmp => RunPrefix + ".qmp";

    public string Console => Path.Combine(Directory, "console");

    public string Seed => Path.Combine(Directory, "seed");

    public string SystemDisk => Path.Combine(Directory, "sys");

    public string HostKey => Path.Combine(Directory, "host");

    /// <summary>The guest's machine: which one it is, and its port.</summary>
    public string Record => Path.Combine(Directory, "guest.json");
}
