using System.Management.Automation;
using System.Net;
using ZfsEsx.Interop;
using ZfsEsx.Vim;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommunications.Connect, "ZfsEsxServer", DefaultParameterSetName = Credentials)]
[OutputType(typeof(ZfsEsxServer))]
public sealed class ConnectZfsEsxServerCommand : ZfsEsxCommand
{
    private const string Credentials = "Credential";
    private const string CredentialsUnchecked = "CredentialUnchecked";
    private const string Borrowed = "VIServer";
    private const string BorrowedUnchecked = "VIServerUnchecked";

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = Credentials, ValueFromPipelineByPropertyName = true)]
    [Parameter(
        Mandatory = true, Position = 0, ParameterSetName = CredentialsUnchecked,
        ValueFromPipelineByPropertyName = true)]
    [Alias("Name")]
    public string Server { get; set; } = "";

    [Parameter(Mandatory = true, Position = 1, ParameterSetName = Credentials)]
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = CredentialsUnchecked)]
    [Credential]
    public PSCredential Credential { get; set; } = PSCredential.Empty;

    [Parameter(Mandatory = true, ParameterSetName = Borrowed, ValueFromPipeline = true)]
    [Parameter(Mandatory = true, ParameterSetName = BorrowedUnchecked, ValueFromPipeline = true)]
    public PSObject VIServer { get; set; } = null!;

    [Parameter(ParameterSetName = Credentials)]
    [Parameter(ParameterSetName = Borrowed)]
    public string? Thumbprint { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = CredentialsUnchecked)]
    [Parameter(Mandatory = true, ParameterSetName = BorrowedUnchecked)]
    public SwitchParameter SkipCertificateCheck { get; set; }

    private protected override void Record()
    {
        bool borrow = ParameterSetName is Borrowed or BorrowedUnchecked;
        string name = borrow ? Duck.Text(VIServer, "Name") ?? VIServer.ToString() : Server;
        if (Thumbprint is not null && !CertificateCheck.IsThumbprint(Thumbprint))
        {
            throw new ZfsEsxException(
                "InvalidThumbprint", FailureKind.InvalidArgument, name, "'" + Thumbprint + "' is not a thumbprint.",
                "A SHA-256 thumbprint has 64 hexadecimal digits, a SHA-1 thumbprint 40, with or without colons.");
        }

        Func<CancellationToken, Task<VimClient>> connect = borrow ? Borrow() : Login();
        if (TryRun(name, (_, ct) => connect(ct), out VimClient client))
        {
            ZfsEsxServer server = new(client);
            if (Sessions.Add(server) is ZfsEsxServer old)
            {
                Close(old);
            }

            if (SkipCertificateCheck)
            {
                WriteWarning(
                    "The certificate of '" + server.Name + "' was not checked: "
                    + "somebody in between could read the password and act as you. -Thumbprint checks it.");
            }

            WriteObject(server);
        }
    }

    private Func<CancellationToken, Task<VimClient>> Login()
    {
        VimServer server = VimServer.FromName(Server) with
        {
            Thumbprint = Thumbprint,
            SkipCertificateCheck = SkipCertificateCheck,
        };
        NetworkCredential credential = Credential.GetNetworkCredential();
        return ct => VimClient.LoginAsync(server, credential, ct);
    }

    private Func<CancellationToken, Task<VimClient>> Borrow()
    {
        ServerCandidate theirs = ServerCandidate.From(VIServer) is { Secret: not null } found
            ? found
            : throw new ZfsEsxException(
                "NotAServer", FailureKind.InvalidArgument, VIServer.ToString(),
                "'" + VIServer + "' is not a connected VIServer.",
                "Pass what Connect-VIServer returned, as in -VIServer $DefaultVIServer.");
        VimServer server =
            new() { Uri = theirs.Uri, Thumbprint = Thumbprint, SkipCertificateCheck = SkipCertificateCheck };
        return ct => SessionTable.BorrowAsync(server, theirs.Secret!, ct);
    }

    private void Close(ZfsEsxServer old)
    {
        TryRun(old.Name, (_, ct) => SessionTable.EndAsync(old, ct), out _);
    }
}
