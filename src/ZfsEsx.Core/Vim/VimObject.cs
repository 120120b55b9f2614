namespace ZfsEsx.Vim;

/// <summary>
/// A managed object with the properties that were asked for. A property that is not set reads as
/// <see cref="VimValue.None"/>.
/// </summary>
internal sealed class VimObject(MoRef reference)
{
    private readonly Dictionary<string, VimValue> _properties = new(StringComparer.Ordinal);

    public MoRef Ref { get; } = reference;

    /// <summary>The value at a path exactly as it was asked for.</summary>
    public VimValue this[string path] => _properties.TryGetValue(path, out VimValue? value) ? value : VimValue.None;

    /// <summary>The <c>name</c> property as people see it.</summary>
    public string Name => VimName.Unescape(this["name"].Text);

    internal void Set(string path, VimValue value) => _properties[path] = value;
}
