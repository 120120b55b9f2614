using System.Text;
using System.Xml;
using System.Xml.Linq;
using ZfsEsx.Vim;

namespace ZfsEsx.Core.Tests.Vim;

/// <summary>Recorded exchanges, and a way to compare requests with them.</summary>
internal static class Recorded
{
    private static readonly XNamespace s_soap = Soap.Envelope;

    public static string Text(string name) =>
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Fixtures", "vim25", name + ".xml"));

    /// <summary>What a recorded answer holds.</summary>
    public static VimValue Answer(string name)
    {
        using MemoryStream stream = new(Encoding.UTF8.GetBytes(Text(name + ".res")));
        return VimEnvelope.Read(stream);
    }

    /// <summary>The objects of a recorded RetrievePropertiesEx.</summary>
    public static IReadOnlyList<VimObject> Objects(string name) => [.. Answer(name).All("objects").Select(content =>
    {
        VimObject read = new(content["obj"].Ref);
        foreach (VimValue property in content.All("propSet"))
        {
            read.Set(property["name"].Text, property["val"]);
        }

        return read;
    })];

    /// <summary>
    /// The call in a request, in a form in which equal requests are equal texts: order, types and values count,
    /// prefixes do not.
    /// </summary>
    public static string Canonical(string envelope)
    {
        XElement body = XDocument.Parse(envelope).Root!.Element(s_soap + "Body")!;
        StringBuilder text = new();
        Write(body.Elements().Single(), string.Empty, text);
        return text.ToString();
    }

    public static string Request(string name) => Canonical(Text(name + ".req"));

    /// <summary>An element as a server would answer it.</summary>
    public static VimValue Element(string xml)
    {
        using XmlReader reader = XmlReader.Create(new StringReader(xml));
        reader.MoveToContent();
        return VimValue.Read(reader);
    }

    /// <summary>An element as it would be sent.</summary>
    public static string Canonical(Arg arg) =>
        Canonical(Encoding.UTF8.GetString(VimEnvelope.Write(new MoRef("T", "t"), "M", [arg])));

    private static void Write(XElement element, string indent, StringBuilder text)
    {
        text.Append(indent).Append(element.Name.LocalName);
        foreach (XAttribute attribute in element.Attributes().Where(a => a.Name.LocalName == "type"))
        {
            text.Append(attribute.Name.NamespaceName == Soap.Xsi ? " xsi:" : " ref:").Append(attribute.Value);
        }

        text.Append(element.HasElements ? string.Empty : " = " + element.Value).Append('\n');
        foreach (XElement child in element.Elements()
            .Where(e => e.Name.LocalName != "name" || element.Name.LocalName != "selectSet"))
        {
            Write(child, indent + "  ", text);
        }
    }
}
