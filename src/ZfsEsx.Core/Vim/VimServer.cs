namespace ZfsEsx.Vim;

/// <summary>Where a vCenter Server or an ESXi host is, and how its certificate is checked.</summary>
public sealed record VimServer
{
    /// <summary>The service, as in <c>https://vcenter.example/sdk</c>.</summary>
    public required Uri Uri { get; init; }

    /// <summary>
    /// SHA-256 or SHA-1 thumbprint of the certificate, with or without colons: no other one is taken, trusted by the
    /// system or not. Without it the system decides.
    /// </summary>
    public string? Thumbprint { get; init; }

    /// <summary>Takes any certificate. For laboratories.</summary>
    public bool SkipCertificateCheck { get; init; }

    /// <summary>How long the first answer may take.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long an answer may take after that. A host answers a mount or a switch change only when it is done.
    /// </summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long a wait for tasks or reboots goes on without an answer; what is waited for goes on too.
    /// </summary>
    public TimeSpan ReconnectTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The name in messages: host, and the port where it is not 443.</summary>
    public string Name => Uri.IsDefaultPort ? Uri.Host : Uri.Authority;

    /// <summary>
    /// The service on a host given as a user types it: <c>vcenter</c>, <c>10.0.0.1:8443</c>,
    /// <c>https://vcenter/sdk</c>.
    /// </summary>
    /// <exception cref="ZfsEsxException">No host can be read from the text (<c>InvalidServer</c>).</exception>
    public static VimServer FromName(string name)
    {
        string text = name.IndexOf("://", StringComparison.Ordinal) >= 0 ? name : "https://" + name;
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) || uri.Host.Length == 0
            || uri.Scheme is not ("https" or "http"))
        {
            throw new ZfsEsxException(
                "InvalidServer", FailureKind.InvalidArgument, name,
                "'" + name + "' is not the name or address of a server.",
                "Give a name such as vcenter.example, an address, or a whole https://…/sdk address.");
        }

        return new VimServer { Uri = uri.AbsolutePath == "/" ? new Uri(uri, "/sdk") : uri };
    }
}
