using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Os;
using ZfsEsx.Parameters;
using ZfsEsx.Zfs;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsDiagnostic.Test, "ZfsNfsShare")]
[OutputType(typeof(ZfsNfsShareCheck), typeof(bool))]
public sealed class TestZfsNfsShareCommand : NfsShareCommand
{
    private readonly List<(ZfsHost Host, string[]? FileSystem)> _wanted = [];

    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ZfsHost]
    [ArgumentCompleter(typeof(ZfsHostCompleter))]
    public ZfsHost[] ZfsHost { get; set; } = [];

    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ZfsFileSystemCompleter))]
    public string[]? FileSystem { get; set; }

    [Parameter]
    [ZfsHost]
    [ArgumentCompleter(typeof(ZfsHostCompleter))]
    public ZfsHost[] From { get; set; } = [];

    [Parameter]
    public SwitchParameter Quiet { get; set; }

    private protected override void Record() => _wanted.AddRange(
        (IsLeftOut(nameof(ZfsHost)) ? Sessions.Hosts : ZfsHost).Select(h => (h, FileSystem)));

    private protected override void Finish()
    {
        if (_wanted.Count == 0 && IsLeftOut(nameof(ZfsHost)))
        {
            throw new ZfsEsxException(
                "NotConnected", FailureKind.Connection, "ZfsHost", "There is no connection to a storage VM.",
                "Open one with Connect-ZfsHost -Name uss1.");
        }

        bool all = IsLeftOut(nameof(ZfsHost));
        CheckWriter<ZfsNfsShareCheck> writer =
            new(this, Quiet, c => c.Status == ZpoolCheckStatus.Failed, NfsShareChecks.NotFound);
        NamedThings everywhere = new(FileSystem, all);
        if (MountingHosts() is IReadOnlyList<MountingHost> hosts)
        {
            foreach (((ZfsHost host, string[]? fileSystem), Task<IReadOnlyList<ZfsNfsShareCheck>> answer) in RunEach(
                _wanted, (w, _, ct) => NfsShareChecks.GetAsync(w.Host, Patterns.Any(w.FileSystem), hosts, From, ct)))
            {
                writer.Write(
                    host.Name, answer, _ => true,
                    (all ? everywhere : new NamedThings(fileSystem, anywhere: false),
                        checks => checks.Select(c => c.FileSystem)));
            }
        }

        writer.End(everywhere);
    }
}
