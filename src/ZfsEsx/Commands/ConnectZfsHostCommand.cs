using System.Management.Automation;
using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommunications.Connect, "ZfsHost")]
[OutputType(typeof(ZfsHost))]
public sealed class ConnectZfsHostCommand : ZfsEsxCommand
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Address", "ComputerName")]
    public string HostName { get; set; } = "";

    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? Name { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateRange(1, 65535)]
    public int? Port { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? UserName { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? KeyFile { get; set; }

    [Parameter]
    [Credential]
    public PSCredential? Credential { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? HostKey { get; set; }

    [Parameter]
    public SwitchParameter AcceptHostKey { get; set; }

    [Parameter]
    public string? KnownHostsFile { get; set; }

    [Parameter]
    public string? ConfigFile { get; set; }

    [Parameter]
    [ValidateRange(1, 600)]
    public int ConnectTimeout { get; set; } = 20;

    private protected override void Record()
    {
        SshOptions options = new()
        {
            HostName = HostName,
            Name = Name,
            Port = Port,
            UserName = UserName ?? Credential?.UserName.TrimStart('\\'),
            IdentityFile = FullPath(KeyFile),
            ConfigFile = FullPath(ConfigFile),
            HostKey = HostKey,
            AcceptHostKey = AcceptHostKey,
            KnownHostsFile = FullPath(KnownHostsFile),
            Password = Credential?.Password,
            ConnectTimeout = TimeSpan.FromSeconds(ConnectTimeout),
        };
        if (TryRun(Name ?? HostName, (_, ct) => OpenAsync(options, ct), out ZfsHost host))
        {
            Sessions.Add(host);
            WriteObject(host);
        }
    }

    private static async Task<ZfsHost> OpenAsync(SshOptions options, CancellationToken ct) =>
        await ZfsHost.OpenAsync(await OpenSshShell.ConnectAsync(options, ct).ConfigureAwait(false), ct).ConfigureAwait(false);

    private string? FullPath(string? path) => path is null ? null : GetUnresolvedProviderPathFromPSPath(path);
}
