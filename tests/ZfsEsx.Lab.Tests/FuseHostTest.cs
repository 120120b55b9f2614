using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Lab.Tests;

/// <summary>What tests on one storage host with zfs-fuse share: a light lab of their own.</summary>
public abstract class FuseHostTest(string name) : IAsyncLifetime
{
    private FuseLab? _lab;
    private ZfsHost? _host;

    protected ZfsHost Host => _host!;

    public async Task InitializeAsync()
    {
        _lab = await FuseLab.UpAsync(
            new LabOptions { Name = name + "-" + Environment.ProcessId, Nodes = 1 },
            Console.WriteLine,
            CancellationToken.None);
        _host = await ConnectAsync();
    }

    protected async Task<ZfsHost> ConnectAsync() => await ZfsHost.OpenAsync(
        await OpenSshShell.ConnectAsync(
            new SshOptions { HostName = "uss1", ConfigFile = _lab!.SshConfigPath }, CancellationToken.None),
        CancellationToken.None);

    public async Task DisposeAsync()
    {
        _host?.Dispose();
        await (_lab?.DownAsync() ?? Task.CompletedTask);
    }
}
