using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Interop;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommunications.Disconnect, "ZfsEsxServer")]
[OutputType(typeof(void))]
public sealed class DisconnectZfsEsxServerCommand : ZfsEsxCommand
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ServerCompleter))]
    public PSObject[] Server { get; set; } = [];

    private protected override void Record()
    {
        foreach (PSObject given in Server)
        {
            Func<string, bool> wanted = Patterns.Any([Duck.Text(given, "Name") ?? given.ToString()]);
            ZfsEsxServer[] found =
                [.. Sessions.Servers.Where(s => ReferenceEquals(s, given.BaseObject) || wanted(s.Name))];
            if (found.Length == 0 && !WildcardPattern.ContainsWildcardCharacters(given.ToString()))
            {
                throw new ZfsEsxException(
                    "NotConnected", FailureKind.NotFound, given.ToString(),
                    "There is no connection to '" + given + "'.",
                    "Get-ZfsEsxServer lists those that are open.");
            }

            foreach (ZfsEsxServer server in found)
            {
                Sessions.Remove(server);
                TryRun(server.Name, (_, ct) => SessionTable.EndAsync(server, ct), out _);
            }
        }
    }
}
