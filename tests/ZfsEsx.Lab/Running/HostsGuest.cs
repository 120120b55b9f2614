namespace ZfsEsx.Lab;

/// <summary>The guest that plays the ESXi hosts' NFS clients: a network namespace per host, made when first needed.</summary>
internal static class HostsGuest
{
    public const string Name = "hosts";

    /// <summary>Mounts, unmounts and checks NFS in it.</summary>
    public const string NasProgram = "/lab/nas";

    /// <summary>What it is made of.</summary>
    public static GuestConfig Configuration(int memoryMB) =>
        new()
        {
            Name = Name,
            HostName = Name,
            Uuid = Guid.NewGuid().ToString(),
            Role = "hosts",
            MemoryMB = memoryMB,
            Nics =
            [
                new GuestNic("52:54:00:00:00:01", GuestConfig.ManagementNetwork),
                new GuestNic("52:54:00:00:00:02", GuestConfig.StorageNetwork),
            ],
        };
}
