using System.Text.Json;

namespace ZfsEsx.Lab;

/// <summary>What the lab knows of a guest over its starts.</summary>
/// <param name="Name">Its name.</param>
/// <param name="SshPort">Port on 127.0.0.1 that leads to its sshd.</param>
/// <param name="Uuid">The machine whose disks these are; null before the first start.</param>
internal sealed record GuestRecord(string Name, int SshPort, string? Uuid)
{
    /// <summary>Reads it; null when the guest is not known.</summary>
    public static GuestRecord? Read(GuestFiles files) =>
        File.Exists(files.Record)
            ? JsonSerializer.Deserialize<GuestRecord>(File.ReadAllText(files.Record))
            : null;

    /// <summary>Writes it.</summary>
    public void Write(GuestFiles files) => LabPaths.WritePrivate(files.Record, JsonSerializer.Serialize(this));
}
