using System.Globalization;
using ZfsEsx.Os;

namespace ZfsEsx.Zfs;

/// <summary>What a storage VM's ZFS says it can do with pools; read by zpool-features.sh.</summary>
internal sealed class ZpoolFeatures
{
    private readonly HashSet<string> _properties;
    private readonly HashSet<string> _flags;
    private readonly int _version;

    private ZpoolFeatures(IEnumerable<string> properties, IEnumerable<string> features)
    {
        _properties = [.. properties];
        _flags = [.. features];
        _version = _flags
            .Select(f => int.TryParse(f, NumberStyles.None, CultureInfo.InvariantCulture, out int v) ? v : 0)
            .DefaultIfEmpty(0).Max();
    }

    /// <summary>
    /// Reads the parts "properties" and "features". Where the system says nothing, all is taken as there.
    /// </summary>
    public static ZpoolFeatures Parse(IReadOnlyDictionary<string, string> parts) =>
        new(parts.Lines("properties"), parts.Lines("features"));

    /// <summary>True when pools have this property, as far as the system says.</summary>
    public bool HasProperty(string name) => _properties.Count == 0 || _properties.Contains(name);

    /// <summary>Refuses what the system lacks.</summary>
    /// <param name="host">The storage VM.</param>
    /// <param name="what">What is wanted, in words: "Special disks".</param>
    /// <param name="flag">The feature that it takes; empty for one of old versions.</param>
    /// <param name="version">The version that it came with; 0 for a feature without a version.</param>
    /// <exception cref="ZfsEsxException"><c>NotOnThisSystem</c>.</exception>
    public void Require(string host, string what, string flag, int version = 0)
    {
        bool there = _flags.Count == 0 || _flags.Contains(flag) || (version > 0 && _version >= version);
        if (!there)
        {
            throw Missing(host, what);
        }
    }

    /// <summary>The refusal of something that this system's ZFS does not know.</summary>
    public static ZfsEsxException Missing(string host, string what) => new(
        "NotOnThisSystem", FailureKind.NotSupported, host, what + " are not on this system: the ZFS of " + host
            + " does not know them.", "Leave them out, or use a storage VM with a newer ZFS.");
}
