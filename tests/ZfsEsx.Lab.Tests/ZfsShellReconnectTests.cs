using ZfsEsx.Shell;

namespace ZfsEsx.Lab.Tests;

/// <summary>A fresh connection to the same machine, at its present address or at another one.</summary>
public sealed class ZfsShellReconnectTests : IDisposable
{
    private readonly LoopbackSshd _sshd = LoopbackSshd.Start("ListenAddress 127.0.0.2");

    public void Dispose() => _sshd.Dispose();

    [Fact]
    public async Task It_goes_on_at_the_other_address_with_the_same_host_key()
    {
        using OpenSshShell shell = await OpenSshShell.ConnectAsync(_sshd.Options(), CancellationToken.None);
        int first = shell.ProcessId;
        Assert.Equal("127.0.0.1", await AddressAsync(shell));
        await shell.ReconnectAsync(null, CancellationToken.None);
        Assert.NotEqual(first, shell.ProcessId);
        Assert.True(await LoopbackSshd.BecomesAsync(() => !Directory.Exists("/proc/" + first), 30));
        await shell.ReconnectAsync("127.0.0.2", CancellationToken.None);
        Assert.Equal("127.0.0.2", await AddressAsync(shell));
        Assert.Equal("uss1", shell.Name);

        // Where nobody answers the present connection stays.
        await Assert.ThrowsAsync<ZfsEsxException>(() => shell.ReconnectAsync("127.0.0.3", CancellationToken.None));
        Assert.Equal("127.0.0.2", await AddressAsync(shell));
        await shell.ReconnectAsync("127.0.0.1", CancellationToken.None);
        Assert.Equal("127.0.0.1", await AddressAsync(shell));
    }

    [Fact]
    public async Task Another_machine_at_the_new_address_is_not_taken_for_it()
    {
        using OpenSshShell shell = await OpenSshShell.ConnectAsync(_sshd.Options(), CancellationToken.None);
        string known = File.ReadAllText(_sshd.KnownHosts);
        File.WriteAllText(
            _sshd.KnownHosts, known.Replace(_sshd.HostKeyLine, OtherKey(), StringComparison.Ordinal));
        ZfsEsxException e = await Assert.ThrowsAsync<ZfsEsxException>(
            () => shell.ReconnectAsync("127.0.0.2", CancellationToken.None));
        Assert.Equal("HostKeyChanged", e.Id);
        Assert.Equal("127.0.0.1", await AddressAsync(shell));
    }

    private string OtherKey() => File.ReadAllText(Path.Combine(_sshd.Root, "id.pub")).Trim();

    private static async Task<string> AddressAsync(OpenSshShell shell) => (await shell.RunAsync(
        RemoteCommand.Script("set -- $SSH_CONNECTION; echo \"$3\""), CancellationToken.None)).Output.Trim();
}
