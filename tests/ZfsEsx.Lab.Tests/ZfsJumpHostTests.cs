using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Lab.Tests;

/// <summary>
/// Ways that the user's ssh configuration and agent know: jump hosts, keys that are nowhere in a file.
/// </summary>
public sealed class ZfsJumpHostTests : IDisposable
{
    private readonly LoopbackSshd _jump = LoopbackSshd.Start();
    private readonly LoopbackSshd _target = LoopbackSshd.Start();

    public void Dispose()
    {
        _jump.Dispose();
        _target.Dispose();
    }

    [Fact]
    public async Task A_jump_host_of_the_configuration_leads_there()
    {
        SshOptions options = Through(_jump.KnownHosts);
        using OpenSshShell shell = await OpenSshShell.ConnectAsync(options, CancellationToken.None);
        Assert.Equal("x\n", (await shell.RunAsync(new RemoteCommand("echo", "x"), CancellationToken.None)).Output);
        Assert.Contains("Accepted publickey", _jump.Log, StringComparison.Ordinal);

        // A pinned key is fetched by the same way; another one is refused.
        string print = HostKeyPin.Fingerprint(HostKeyPin.KeyOf(_target.HostKeyLine)!);
        using OpenSshShell pinned = await OpenSshShell.ConnectAsync(
            Through(_jump.KnownHosts, hostKey: print), CancellationToken.None);
        Assert.Equal(
            "HostKeyChanged",
            (await ZfsShellTests.FailsAsync(Through(_jump.KnownHosts, hostKey: _jump.HostKeyLine))).Id);
    }

    [Fact]
    public async Task What_goes_wrong_on_the_way_is_said_of_the_way()
    {
        ZfsEsxException e = await ZfsShellTests.FailsAsync(Through("/dev/null"));
        Assert.Equal("JumpHostFailed", e.Id);
        Assert.Contains("Host key verification failed", e.Message, StringComparison.Ordinal);
        e = await ZfsShellTests.FailsAsync(Through(_jump.KnownHosts, port: LoopbackSshd.FreePort()));
        Assert.Equal("HostUnreachable", e.Id);
        Assert.Contains("jump host", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_with_a_passphrase_comes_from_the_agent()
    {
        string key = Path.Combine(_target.Root, "a key 100% 'mine' $(id) ä");
        LoopbackSshd.Run("ssh-keygen", "-q", "-t", "ed25519", "-N", "phrase", "-f", key);
        File.AppendAllText(Path.Combine(_target.Root, "authorized_keys"), File.ReadAllText(key + ".pub"));
        string program = Path.Combine(_target.Root, "ssh-by-agent");
        string socket = Path.Combine(_target.Root, "agent");
        File.WriteAllText(program, "#!/bin/sh\nSSH_AUTH_SOCK='" + socket + "' exec ssh \"$@\"\n");
        LoopbackSshd.Run("chmod", "755", program);
        SshOptions options = new()
        {
            HostName = "127.0.0.1", Port = _target.Port, UserName = Environment.UserName, ConfigFile = "/dev/null",
            KnownHostsFile = _target.KnownHosts, IdentityFile = key, Executable = program,
        };
        Assert.Equal("KeyRefused", (await ZfsShellTests.FailsAsync(options)).Id); // never asks for the phrase

        int agent = int.Parse(LoopbackSshd.Run(
            "sh", "-c", "eval \"$(ssh-agent -a \"$1\")\" >/dev/null; echo $SSH_AGENT_PID", "sh", socket));
        try
        {
            LoopbackSshd.Run("sh", "-c", """
                printf '#!/bin/sh\necho phrase\n' >"$1.ask" && chmod 755 "$1.ask"
                SSH_AUTH_SOCK=$2 SSH_ASKPASS=$1.ask SSH_ASKPASS_REQUIRE=force ssh-add -q "$1" 2>/dev/null
                """, "sh", key, socket);
            using ZfsHost host = await ZfsHost.OpenAsync(
                await OpenSshShell.ConnectAsync(options, CancellationToken.None), CancellationToken.None);
            Assert.Equal(HostSystem.Linux, host.System);
        }
        finally
        {
            System.Diagnostics.Process.GetProcessById(agent).Kill();
        }
    }

    private SshOptions Through(string jumpHostKeys, string? hostKey = null, int? port = null)
    {
        string config = Path.Combine(_target.Root, "config-" + Guid.NewGuid().ToString("N"));
        File.WriteAllText(config, $"""
            Host uss1
                HostName 127.0.0.1
                Port {port ?? _target.Port}
                IdentityFile {_target.Root}/id
                UserKnownHostsFile {_target.KnownHosts}
                ProxyJump jump
            Host jump
                HostName 127.0.0.1
                Port {_jump.Port}
                IdentityFile {_jump.Root}/id
                UserKnownHostsFile {jumpHostKeys}
            Host *
                GlobalKnownHostsFile /dev/null
                IdentitiesOnly yes

            """);
        return new SshOptions
        {
            HostName = "uss1", ConfigFile = config, UserName = Environment.UserName, HostKey = hostKey,
        };
    }
}
