using System.Management.Automation;
using System.Net;
using ZfsEsx.Interop;
using ZfsEsx.Vim;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommunications.Connect, "ZfsEsxServer", DefaultParameterSetName = "Credential")]
[OutputType(typeof(ZfsEsxServer))]
public sealed class ConnectZfsEsxServerCommand : ZfsEsxCommand
{
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Credential", ValueFromPipelineByPropertyName = true)]
    [Alias("Name")]
    public string Server { get; set; } = "";

    [Parameter(Mandatory = true, Position = 1, ParameterSetName = "Credential")]
    [Credential]
    public PSCredential Credential { get; set; } = PSCredential.Empty;

    [Parameter(Mandatory = true, ParameterSetName = "VIServer", ValueFromPipeline = true)]
    public PSObject VIServer { get; set; } = null!;

    [Parameter]
    public string? Thumbprint { get; set; }

    [Parameter]
    public SwitchParameter SkipCertificateCheck { get; set; }

    private protected override void Record()
    {
        Func<CancellationToken, Task<VimClient>> connect = ParameterSetName == "VIServer" ? Borrow() : Login();
        if (TryRun(Server, (_, ct) => connect(ct), out VimClient client))
        {
            ZfsEsxServer server = new(client);
            if (Sessions.Add(server) is ZfsEsxServer old)
            {
                Close(old);
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
                "NotAServer", FailureKind.InvalidArgument, VIServer.ToString(), "'" + VIServer + "' is not a connected VIServer.",
                "Pass what Connect-VIServer returned, as in -VIServer $DefaultVIServer.");
        VimServer server = new() { Uri = theirs.Uri, Thumbprint = Thumbprint, SkipCertificateCheck = SkipCertificateCheck };
        return ct => SessionTable.BorrowAsync(server, theirs.Secret!, ct);
    }

    private void Close(ZfsEsxServer old)
    {
        TryRun(old.Name, (_, ct) => SessionTable.EndAsync(old, ct), out _);
    }
}
