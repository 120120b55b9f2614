namespace ZfsEsx.Lab;

/// <summary>The guest that plays the ESXi hosts' NFS clients: a network namespace with a card per host.</summary>
internal static class HostsGuest
{
    public const string Name = "hosts";

    /// <summary>Mounts, unmounts and checks NFS in it.</summary>
    public const string NasProgram = "/lab/nas";

    /// <summary>What it is made of.</summary>
    /// <remarks>
    /// A card per host and no bridge: a multicast network gives each frame back to its sender too, and a bridge would
    /// learn from that that its own ports are on the other side.
    /// </remarks>
    public static GuestConfig Configuration(int memoryMB, int nodes) =>
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
                .. Enumerable.Range(1, nodes).Select(
                    n => new GuestNic($"52:54:00:99:00:{n:x2}", GuestConfig.StorageNetwork, "vh" + n)),
            ],
        };
}
