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
        Assert.Equal(("127.0.0.1", "127.0.0.1"), (await AddressAsync(shell), shell.Address));

        // null is the way it was opened, wherever it is now.
        await shell.ReconnectAsync("127.0.0.2", CancellationToken.None);
        await shell.ReconnectAsync(null, CancellationToken.None);
        Assert.Equal(("127.0.0.1", null), (await AddressAsync(shell), shell.Address));
    }

    [Fact]
    public async Task An_address_that_is_gone_again_leads_back_to_the_one_before()
    {
        string program = Path.Combine(_sshd.Root, "ssh");
        string gone = Path.Combine(_sshd.Root, "gone");
        File.WriteAllText(
            program,
            "#!/bin/sh\ncase \"$*\" in *HostName=127.0.0.2*) [ ! -e '" + gone + "' ] || exit 255;; esac\n"
                + "exec ssh \"$@\"\n");
        LoopbackSshd.Run("chmod", "755", program);
        using OpenSshShell shell = await OpenSshShell.ConnectAsync(
            _sshd.Options() with { Executable = program }, CancellationToken.None);
        await shell.ReconnectAsync("127.0.0.2", CancellationToken.None);
        int id = shell.ProcessId;
        File.WriteAllText(gone, "");
        LoopbackSshd.Run("kill", id.ToString());
        Assert.True(await LoopbackSshd.BecomesAsync(() => !Directory.Exists("/proc/" + id), 30));

        // That its process has ended is known a moment later; a command in between meets the dead connection.
        string? address = null;
        for (int i = 0; address is null; i++)
        {
            try
            {
                address = await AddressAsync(shell);
            }
            catch (ZfsEsxException e) when (e.Kind == FailureKind.Connection && i < 100)
            {
                await Task.Delay(50);
            }
        }

        Assert.Equal(("127.0.0.1", null), (address, shell.Address));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_alias_of_the_configuration_keeps_its_user_its_key_and_its_way(bool pinned)
    {
        string config = Path.Combine(_sshd.Root, "config");
        string way = Path.Combine(_sshd.Root, "way");
        File.WriteAllText(way, """
            echo "$1" >>"$0.log"
            exec 3<>"/dev/tcp/$1/$2"
            cat <&0 >&3 &
            exec cat <&3

            """);
        File.WriteAllText(config, $"""
            Host uss1
                HostName 127.0.0.1
                Port {_sshd.Port}
                User {Environment.UserName}
                IdentityFile {_sshd.Root}/id
                IdentitiesOnly yes
                UserKnownHostsFile {_sshd.KnownHosts}
                GlobalKnownHostsFile /dev/null
                ProxyCommand bash {way} %h %p

            """);
        SshOptions options = new()
        {
            HostName = "uss1", ConfigFile = config,
            HostKey = pinned ? HostKeyPin.Fingerprint(HostKeyPin.KeyOf(_sshd.HostKeyLine)!) : null,
        };
        using OpenSshShell shell = await OpenSshShell.ConnectAsync(options, CancellationToken.None);
        await shell.ReconnectAsync("127.0.0.2", CancellationToken.None);
        Assert.Equal("127.0.0.2", await AddressAsync(shell));
        Assert.Equal("127.0.0.2", File.ReadLines(way + ".log").Last());
        await shell.ReconnectAsync(null, CancellationToken.None);
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
