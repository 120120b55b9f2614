using System.Text.Json;

namespace ZfsEsx.Lab;

/// <summary>The description of a lab that its processes share: lab.json.</summary>
internal sealed record LabFile
{
    public required string Name { get; init; }

    public required LabOptions Options { get; init; }

    /// <summary>Port of the networks among its guests.</summary>
    public required int NetworkPort { get; init; }

    /// <summary>Directory of the guests' image.</summary>
    public string Image { get; init; } = "";

    public required string RootPassword { get; init; }

    public required string RootPasswordHash { get; init; }

    /// <summary>True once everything ran.</summary>
    public bool Complete { get; init; }

    /// <summary>Reads it; null when there is no such lab.</summary>
    public static LabFile? Read(LabPaths paths) =>
        File.Exists(paths.LabFile) ? JsonSerializer.Deserialize<LabFile>(File.ReadAllText(paths.LabFile)) : null;

    /// <summary>Writes it.</summary>
    public void Write(LabPaths paths) => LabPaths.WritePrivate(paths.LabFile, JsonSerializer.Serialize(this));
}
