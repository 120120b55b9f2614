namespace ZfsEsx.Vim;

/// <summary>The namespaces of the protocol.</summary>
internal static class Soap
{
    public const string Envelope = "http://schemas.xmlsoap.org/soap/envelope/";
    public const string Vim25 = "urn:vim25";
    public const string Xsi = "http://www.w3.org/2001/XMLSchema-instance";
    public const string Xsd = "http://www.w3.org/2001/XMLSchema";
}
