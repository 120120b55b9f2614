using System.Text;
using System.Xml;

namespace ZfsEsx.Vim;

/// <summary>The SOAP envelope around a call and its answer.</summary>
internal static class VimEnvelope
{
    private static readonly XmlReaderSettings s_reading = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        IgnoreWhitespace = true,
        IgnoreComments = true,
        CheckCharacters = false,
    };

    public static byte[] Write(MoRef self, string method, Arg?[] args)
    {
        using MemoryStream stream = new(1024);
        using (XmlWriter writer = XmlWriter.Create(stream,
            new XmlWriterSettings { Encoding = new UTF8Encoding(false) }))
        {
            writer.WriteStartElement("soapenv", "Envelope", Soap.Envelope);
            writer.WriteAttributeString("xmlns", "xsd", null, Soap.Xsd);
            writer.WriteAttributeString("xmlns", "xsi", null, Soap.Xsi);
            writer.WriteStartElement("Body", Soap.Envelope);
            writer.WriteStartElement(string.Empty, method, Soap.Vim25);
            Arg.E("_this", self).Write(writer);
            foreach (Arg? arg in args)
            {
                arg?.Write(writer);
            }

            writer.WriteEndElement();
            writer.WriteEndElement();
            writer.WriteEndElement();
        }

        return stream.ToArray();
    }

    /// <summary>The result in an answer.</summary>
    /// <exception cref="VimFaultException">The answer is a fault.</exception>
    /// <exception cref="XmlException">The answer is none of vSphere's.</exception>
    public static VimValue Read(Stream stream)
    {
        using XmlReader reader = XmlReader.Create(stream, s_reading);
        if (!reader.ReadToFollowing("Body", Soap.Envelope))
        {
            throw new XmlException("The answer has no SOAP body.");
        }

        reader.Read();
        if (reader.MoveToContent() != XmlNodeType.Element)
        {
            throw new XmlException("The answer has an empty SOAP body.");
        }

        VimValue value = VimValue.Read(reader);
        return value.Name switch
        {
            "Fault" => throw Fault(value),
            _ when value.Items.Count == 1 && value.Items[0].Name == "returnval" => value.Items[0],
            _ => value,
        };
    }

    // detail/<XyzFault xsi:type="Xyz">; the element's name is the fall-back.
    private static VimFaultException Fault(VimValue fault)
    {
        VimValue detail = fault["detail"].Items is { Count: > 0 } items ? items[0] : VimValue.None;
        string type = detail.XsiType
            ?? (detail.Name.EndsWith("Fault", StringComparison.Ordinal)
                ? detail.Name.Substring(0, detail.Name.Length - 5) : detail.Name);
        return new VimFaultException(type.Length > 0 ? type : "SystemError", fault["faultstring"].Text, detail);
    }
}
