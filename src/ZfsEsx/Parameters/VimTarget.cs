using System.Management.Automation;
using ZfsEsx.Interop;

namespace ZfsEsx.Parameters;

/// <summary>
/// A host, virtual machine or datastore as a user says it: a PowerCLI object, a view, an id, a name, or one of our own
/// objects. Nothing is called to make one; names are resolved later, all together.
/// </summary>
public sealed class VimTarget
{
    private VimTarget(string type, string? value, string? name, object source)
    {
        Type = type;
        Value = value;
        Name = name;
        Source = source;
    }

    /// <summary>The managed type, <c>HostSystem</c>.</summary>
    internal string Type { get; }

    /// <summary>The managed object's value, <c>host-10</c>; null when only a name is known.</summary>
    internal string? Value { get; }

    /// <summary>Its name, where the source says one.</summary>
    internal string? Name { get; }

    /// <summary>What it was made from: says which connection it belongs to.</summary>
    internal object Source { get; }

    /// <summary>
    /// Why the source is nothing of the kind wanted; null when it is. Said only when the target is used: a
    /// transformation that throws on pipeline input makes PowerShell say "cannot be bound" and nothing more.
    /// </summary>
    internal ZfsEsxException? Fault { get; private init; }

    /// <summary>Whether the name can stand for many, where the cmdlet only reads.</summary>
    internal bool HasWildcards => Value is null && Source is string && Name!.IndexOfAny(['*', '?']) >= 0;

    /// <inheritdoc/>
    public override string ToString() => Name ?? (Type + "-" + Value);

    /// <exception cref="ZfsEsxException"><c>WrongObject</c>.</exception>
    internal void ThrowIfWrong()
    {
        if (Fault is not null)
        {
            throw Fault;
        }
    }

    /// <summary>Every object of a type.</summary>
    internal static VimTarget All(string type) => new(type, null, "*", "*");

    /// <summary>The target, or one that carries the fault.</summary>
    internal static VimTarget FromAny(object? input, VimKind kind)
    {
        try
        {
            return From(input, kind);
        }
        catch (ZfsEsxException fault)
        {
            return new VimTarget(kind.Type, null, fault.Target, input ?? "") { Fault = fault };
        }
    }

    /// <summary>Reads the target from whatever the user or the pipeline gives.</summary>
    /// <exception cref="ZfsEsxException">It is nothing of that kind: <c>WrongObject</c>.</exception>
    internal static VimTarget From(object? input, VimKind kind)
    {
        object source = Duck.Bare(input) ?? throw Wrong(kind, "nothing", null);
        if (source is VimTarget target)
        {
            return target.Type == kind.Type ? target : throw Wrong(kind, target.ToString(), "it is a " + target.Type);
        }

        if (source is string text)
        {
            return FromText(text.Trim(), kind, text);
        }

        // Our own objects and copies of them carry the id of what they are about under its own name.
        string? name = Duck.Text(source, kind.NameProperty);
        if (Duck.Text(source, kind.IdProperty) is string ownId)
        {
            return FromId(ownId, name, kind, source);
        }

        if (Duck.Text(source, "Value") is string value && Duck.Text(source, "Type") is string type)
        {
            return FromId(type + "-" + value, null, kind, source);
        }

        string? ownName = Duck.Text(source, "Name");
        if (Duck.Text(source, "Id") is string id && VimKind.TrySplitId(id, out _, out _))
        {
            return FromId(id, ownName, kind, source);
        }

        if (Duck.Get(source, "MoRef") is object reference)
        {
            return FromId(Duck.Text(reference, "Type") + "-" + Duck.Text(reference, "Value"), ownName, kind, source);
        }

        // A copy that kept no id at all still has a name.
        return (name ?? ownName) is string onlyName
            ? new VimTarget(kind.Type, null, onlyName, source)
            : throw Wrong(kind, source.ToString() ?? "", "it has neither an id nor a name");
    }

    private static VimTarget FromText(string text, VimKind kind, object source)
    {
        if (text.Length == 0)
        {
            throw Wrong(kind, "an empty text", null);
        }

        return VimKind.TrySplitId(text, out _, out _)
            ? FromId(text, null, kind, source)
            : new VimTarget(kind.Type, null, text, source);
    }

    private static VimTarget FromId(string id, string? name, VimKind kind, object source)
    {
        if (!VimKind.TrySplitId(id, out string type, out string value))
        {
            throw Wrong(kind, id, "an id looks like " + kind.Type + "-12");
        }

        return type == kind.Type
            ? new VimTarget(type, value, name, source)
            : throw Wrong(kind, name ?? id, "it is a " + type);
    }

    private static ZfsEsxException Wrong(VimKind kind, string found, string? why) => new(
        "WrongObject", FailureKind.InvalidArgument, found,
        "'" + found + "' is not " + kind.Words + (why is null ? "." : ": " + why + "."),
        "Give its name, its id or the object itself.");
}
