using System.Management.Automation;
using System.Security;
using ZfsEsx.Os;
using ZfsEsx.Parameters;
using ZfsEsx.Shell;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommunications.Connect, "ZfsHost")]
[OutputType(typeof(ZfsHost))]
public sealed class ConnectZfsHostCommand : ZfsEsxCommand
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Address", "ComputerName", "VM")]
    [StorageVmAddress]
    public StorageVmAddress HostName { get; set; } = null!;

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

    [Parameter]
    [Credential]
    public PSCredential? SudoCredential { get; set; }

    [Parameter]
    [SupportsWildcards]
    public string? Network { get; set; }

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
        string name = Name ?? HostName.Name;
        SshOptions[] ways = [.. HostName.HostNames(Network).Select(Options)];
        if (TryRun(name, (_, ct) => OpenAsync(ways, ct), out ZfsHost host))
        {
            if (host.Elevation == Elevation.None)
            {
                WriteWarning(
                    name + ": " + host.UserName + " has no root's rights there" + (host.ElevationRefusal.Length == 0
                        ? "" : " (" + host.ElevationRefusal.TrimEnd('.') + ")") + ". Test-ZfsHost says what to do.");
            }

            Sessions.Add(host);
            WriteObject(host);
        }
    }

    private SshOptions Options(string hostName) => new()
    {
        HostName = hostName,
        Name = Name ?? HostName.Name,
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

    // sudo asks for the password that the user logs in with, so that one is tried where no other is given.
    private async Task<ZfsHost> OpenAsync(SshOptions[] ways, CancellationToken ct)
    {
        SecureString? sudo = (SudoCredential ?? Credential)?.Password;
        IRemoteShell shell = await OpenSshShell.ConnectAsync(ways, ct).ConfigureAwait(false);
        return await ZfsHost.OpenAsync(shell, sudo, insist: SudoCredential is not null, ct).ConfigureAwait(false);
    }

    private string? FullPath(string? path) => path is null ? null : GetUnresolvedProviderPathFromPSPath(path);
}
