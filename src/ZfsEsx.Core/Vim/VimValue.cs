using System.Globalization;
using System.Xml;

namespace ZfsEsx.Vim;

/// <summary>
/// One element of a vim25 answer: its name, xsi:type, text and children. Unknown fields are simply there, so a newer
/// server disturbs nobody.
/// </summary>
internal sealed class VimValue
{
    /// <summary>What a missing field reads as: no text, no children, false.</summary>
    public static readonly VimValue None = new(string.Empty, null, null, string.Empty, []);

    private VimValue(string name, string? xsiType, string? refType, string text, IReadOnlyList<VimValue> items)
    {
        Name = name;
        XsiType = xsiType;
        RefType = refType;
        Text = text;
        Items = items;
    }

    public string Name { get; }

    /// <summary>The xsi:type without its prefix, or null.</summary>
    public string? XsiType { get; }

    /// <summary>The plain type attribute of a managed object reference, or null.</summary>
    public string? RefType { get; }

    public string Text { get; }

    public IReadOnlyList<VimValue> Items { get; }

    /// <summary>False for <see cref="None"/>.</summary>
    public bool Exists => Name.Length > 0;

    public MoRef Ref => new(RefType ?? string.Empty, Text);

    public bool Bool => Text is "true" or "1";

    /// <summary>A number; 0 when the field is missing or empty.</summary>
    public int Int => (int)Long;

    /// <inheritdoc cref="Int"/>
    public long Long =>
        long.TryParse(Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : 0;

    /// <summary>
    /// A PCI id. vim25 carries it in a signed short, so 0x8086 arrives as -32634; both readings give the same 16 bits.
    /// </summary>
    public ushort Id16 => unchecked((ushort)Long);

    /// <summary>The field at a dotted path, or <see cref="None"/>.</summary>
    public VimValue this[string path]
    {
        get
        {
            VimValue value = this;
            foreach (string part in path.Split('.'))
            {
                VimValue? next = value.Items.FirstOrDefault(i => i.Name == part);
                if (next is null)
                {
                    return None;
                }

                value = next;
            }

            return value;
        }
    }

    /// <summary>All children of one name: how vim25 writes an array field.</summary>
    public IEnumerable<VimValue> All(string name) => Items.Where(i => i.Name == name);

    /// <summary>True when the server says that the field is of that very type.</summary>
    public bool Is(string type) => XsiType == type;

    public override string ToString() => Text;

    /// <summary>Reads the element that the reader stands on, and moves behind it.</summary>
    internal static VimValue Read(XmlReader reader)
    {
        string name = reader.LocalName;
        (string? xsiType, string? refType) = ReadTypes(reader);
        if (reader.IsEmptyElement)
        {
            reader.Read();
            return new VimValue(name, xsiType, refType, string.Empty, []);
        }

        string text = string.Empty;
        List<VimValue>? items = null;
        reader.Read();
        while (reader.NodeType != XmlNodeType.EndElement)
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Element:
                    (items ??= []).Add(Read(reader));
                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace:
                    text += reader.Value;
                    reader.Read();
                    break;
                case XmlNodeType.None:
                    throw new XmlException("The answer ends in the middle of <" + name + ">.");
                default:
                    reader.Read();
                    break;
            }
        }

        reader.Read();
        return new VimValue(name, xsiType, refType, text, (IReadOnlyList<VimValue>?)items ?? []);
    }

    // Attributes are told apart by namespace: servers differ in prefix and order.
    private static (string? XsiType, string? RefType) ReadTypes(XmlReader reader)
    {
        string? xsiType = null;
        string? refType = null;
        while (reader.MoveToNextAttribute())
        {
            if (reader.LocalName != "type")
            {
                continue;
            }

            if (reader.NamespaceURI == Soap.Xsi)
            {
                xsiType = reader.Value.Substring(reader.Value.IndexOf(':') + 1);
            }
            else if (reader.NamespaceURI.Length == 0)
            {
                refType = reader.Value;
            }
        }

        reader.MoveToElement();
        return (xsiType, refType);
    }
}
