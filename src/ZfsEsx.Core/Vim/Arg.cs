using System.Globalization;
using System.Xml;

namespace ZfsEsx.Vim;

/// <summary>
/// An element of a request. vim25 types are xsd sequences: children are written in the order given here and must stand
/// in the order of the type, fields of base types first. A null child is left out.
/// </summary>
internal sealed class Arg
{
    private readonly string _name;
    private readonly string? _xsiType;
    private readonly string? _text;
    private readonly string? _refType;
    private readonly IReadOnlyList<Arg?> _items;

    private Arg(string name, string? xsiType, string? text, string? refType, IReadOnlyList<Arg?> items)
    {
        _name = name;
        _xsiType = xsiType;
        _text = text;
        _refType = refType;
        _items = items;
    }

    /// <summary>A simple field.</summary>
    public static Arg E(string name, string value) => new(name, null, value, null, []);

    /// <inheritdoc cref="E(string, string)"/>
    public static Arg E(string name, bool value) => E(name, value ? "true" : "false");

    /// <inheritdoc cref="E(string, string)"/>
    public static Arg E(string name, long value) => E(name, value.ToString(CultureInfo.InvariantCulture));

    /// <summary>A reference to a managed object.</summary>
    public static Arg E(string name, MoRef value) => new(name, null, value.Value, value.Type, []);

    /// <summary>An object whose type is the field's own.</summary>
    public static Arg O(string name, params Arg?[] items) => new(name, null, null, null, items);

    /// <inheritdoc cref="O(string, Arg?[])"/>
    public static Arg O(string name, IEnumerable<Arg?> items) => new(name, null, null, null, items.ToArray());

    /// <summary>An object of a derived type: the server takes the type from xsi:type.</summary>
    public static Arg T(string name, string xsiType, params Arg?[] items) => new(name, xsiType, null, null, items);

    /// <summary>A string in a field of any type, as the value of an OptionValue.</summary>
    public static Arg Str(string name, string value) => new(name, "xsd:string", value, null, []);

    /// <summary>
    /// A number in a field of any type. A server wants the very type that it gave: <c>int</c>, <c>long</c>.
    /// </summary>
    public static Arg Number(string name, string xsdType, long value) =>
        new(name, "xsd:" + xsdType, value.ToString(CultureInfo.InvariantCulture), null, []);

    /// <summary>What was read, sent back as it is: for specs that a server wants whole.</summary>
    public static Arg Echo(VimValue value, string? name = null) => new(
        name ?? value.Name,
        value.XsiType,
        value.Items.Count == 0 ? value.Text : null,
        value.RefType,
        value.Items.Select(i => (Arg?)Echo(i)).ToArray());

    /// <summary>Writes the element.</summary>
    internal void Write(XmlWriter writer)
    {
        writer.WriteStartElement(_name, Soap.Vim25);
        if (_refType is not null)
        {
            writer.WriteAttributeString("type", _refType);
        }

        if (_xsiType is not null)
        {
            writer.WriteAttributeString("xsi", "type", Soap.Xsi, _xsiType);
        }

        if (_text is not null)
        {
            writer.WriteString(Checked(_text));
        }

        foreach (Arg? item in _items)
        {
            item?.Write(writer);
        }

        writer.WriteEndElement();
    }

    // XML 1.0 cannot carry most control characters; saying so beats a server's parser error.
    private string Checked(string text)
    {
        try
        {
            return XmlConvert.VerifyXmlChars(text);
        }
        catch (XmlException)
        {
            throw new ZfsEsxException(
                "InvalidCharacter", FailureKind.InvalidArgument, _name,
                "The value for '" + _name + "' has a control character, which cannot be sent to vSphere.",
                "Give it without; a line end copied along is the usual cause.");
        }
    }
}
