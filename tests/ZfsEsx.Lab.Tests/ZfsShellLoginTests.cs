using System.Diagnostics;
using ZfsEsx.Shell;

namespace ZfsEsx.Lab.Tests;

/// <summary>Every way in which logging in can fail, and host keys.</summary>
public sealed class ZfsShellLoginTests : IClassFixture<ZfsShellTests.Server>
{
    private readonly LoopbackSshd _sshd;

    public ZfsShellLoginTests(ZfsShellTests.Server server) => _sshd = server.Sshd;

    [Fact]
    public async Task An_unknown_host_key_is_refused_and_accepted_once_on_request()
    {
        string known = Path.Combine(_sshd.Root, "known-empty");
        SshOptions options = With(knownHosts: known);
        Assert.Equal(("HostKeyUnknown", FailureKind.NotTrusted), Of(await ZfsShellTests.FailsAsync(options)));
        Assert.False(File.Exists(known) && File.ReadAllText(known).Length > 0);

        using (await OpenSshShell.ConnectAsync(With(knownHosts: known, accept: true), CancellationToken.None))
        {
        }

        Assert.Contains(_sshd.HostKeyLine.Split(' ')[1], File.ReadAllText(known), StringComparison.Ordinal);
        using OpenSshShell again = await OpenSshShell.ConnectAsync(options, CancellationToken.None);
        Assert.Equal("uss1", again.Name);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_changed_host_key_is_refused_even_where_new_ones_are_accepted(bool accept)
    {
        string known = Path.Combine(_sshd.Root, "known-changed" + accept);
        File.WriteAllText(known, "[127.0.0.1]:" + _sshd.Port + " " + OtherKey() + "\n");
        ZfsEsxException e = await ZfsShellTests.FailsAsync(With(knownHosts: known, accept: accept));
        Assert.Equal(("HostKeyChanged", FailureKind.NotTrusted), Of(e));
        Assert.Contains(known + ":1", e.Message, StringComparison.Ordinal);
        Assert.Contains("ssh-keygen -R", e.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pinned_key_is_the_only_one_accepted()
    {
        string line = _sshd.HostKeyLine;
        string print = HostKeyPin.Fingerprint(HostKeyPin.KeyOf(line)!);
        Assert.Contains(print, LoopbackSshd.Run("ssh-keygen", "-lf", Path.Combine(_sshd.Root, "host.pub")),
            StringComparison.Ordinal);
        foreach (string pin in new[] { line, "anyhost " + line, print })
        {
            // What known_hosts says does not matter.
            using OpenSshShell shell =
                await OpenSshShell.ConnectAsync(With(knownHosts: "/dev/null", pin: pin), CancellationToken.None);
            Assert.Equal("x\n", (await shell.RunAsync(new RemoteCommand("echo", "x"), CancellationToken.None)).Output);
        }

        string other = OtherKey();
        foreach (string pin in new[] { other, HostKeyPin.Fingerprint(other) })
        {
            ZfsEsxException e = await ZfsShellTests.FailsAsync(With(pin: pin));
            Assert.Equal(("HostKeyChanged", FailureKind.NotTrusted), Of(e));
        }

        Assert.Equal("InvalidHostKey", (await ZfsShellTests.FailsAsync(With(pin: "SHA256:short"))).Id);
        Assert.Equal("InvalidHostKey", (await ZfsShellTests.FailsAsync(With(pin: "ssh-ed25519 ???"))).Id);
        Assert.Empty(Directory.GetDirectories(Path.GetTempPath(), "zfsesx-pin-*"));
    }

    [Fact]
    public async Task Machines_that_cannot_be_reached()
    {
        Assert.Equal(
            ("ConnectionRefused", FailureKind.Connection),
                Of(await ZfsShellTests.FailsAsync(With(port: LoopbackSshd.FreePort()))));
        Assert.Equal(
            ("HostNameNotResolved", FailureKind.NotFound),
            Of(await ZfsShellTests.FailsAsync(With(host: "no-such-storage-vm.invalid"))));

        // A listener that never greets stands for a dead machine.
        using System.Net.Sockets.TcpListener silent = new(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        int port = ((System.Net.IPEndPoint)silent.LocalEndpoint).Port;
        Stopwatch watch = Stopwatch.StartNew();
        Assert.Equal("HostUnreachable", (await ZfsShellTests.FailsAsync(With(port: port))).Id);
        Assert.Equal("HostUnreachable",
            (await ZfsShellTests.FailsAsync(With(port: port, pin: "SHA256:" + new string('A', 43)))).Id);
        Assert.True(watch.Elapsed.TotalSeconds < 60, watch.Elapsed.ToString());
    }

    [Fact]
    public async Task Cancelling_a_login_leaves_no_ssh()
    {
        using System.Net.Sockets.TcpListener silent = new(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        int port = ((System.Net.IPEndPoint)silent.LocalEndpoint).Port;
        using CancellationTokenSource cancel = new(300);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => OpenSshShell.ConnectAsync(With(port: port), cancel.Token));
        Assert.True(await LoopbackSshd.BecomesAsync(() => LoopbackSshd.ProcessesWith("-p " + port).Count == 0));
    }

    [Fact]
    public async Task Keys_that_are_refused_missing_or_unprotected()
    {
        string other = Path.Combine(_sshd.Root, "other");
        LoopbackSshd.Run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", other);
        Assert.Equal(
            ("KeyRefused", FailureKind.PermissionDenied), Of(await ZfsShellTests.FailsAsync(With(key: other))));
        Assert.Equal("IdentityFileNotFound", (await ZfsShellTests.FailsAsync(With(key: other + "-not"))).Id);

        // ssh looks at the private key only once the server likes the public one: this is the right key.
        string open = Path.Combine(_sshd.Root, "open");
        File.Copy(Path.Combine(_sshd.Root, "id"), open);
        LoopbackSshd.Run("chmod", "644", open);
        Assert.Equal("KeyFileUnprotected", (await ZfsShellTests.FailsAsync(With(key: open))).Id);
    }

    [Theory]
    [InlineData("-oProxyCommand=touch /tmp/zfsesx-pwned", "root")]
    [InlineData("a b", "root")]
    [InlineData("", "root")]
    [InlineData("uss1;id", "root")]
    [InlineData("uss1\n", "root")]
    [InlineData("127.0.0.1", "$(id)")]
    [InlineData("127.0.0.1", "-l")]
    public async Task Names_that_ssh_could_misread_are_refused(string host, string user)
    {
        ZfsEsxException e = await ZfsShellTests.FailsAsync(With(host: host, user: user));
        Assert.Equal(("InvalidSshOption", FailureKind.InvalidArgument), Of(e));
        Assert.False(File.Exists("/tmp/zfsesx-pwned"));
    }

    [Fact]
    public async Task A_missing_client_is_named()
    {
        SshOptions options = new() { HostName = "127.0.0.1", Executable = "/no/such/ssh" };
        Assert.Equal("SshClientNotFound", (await ZfsShellTests.FailsAsync(options)).Id);
    }

    [Fact]
    public async Task A_wrong_password_is_refused_and_seen_nowhere()
    {
        const string secret = "S3cret 'with\" $(id) ä";
        using LoopbackSshd sshd = LoopbackSshd.Start("PubkeyAuthentication no", "PasswordAuthentication yes");
        string seen = Path.Combine(sshd.Root, "seen");
        string wrapper = Path.Combine(sshd.Root, "ssh");
        // Stands where ssh is run: notes arguments, environment and what the askpass program answers, then is ssh.
        File.WriteAllText(wrapper, """
            #!/bin/sh
            printf '%s\n' "$@" >"$SEEN.args"
            env >"$SEEN.env"
            ls -l "${SSH_ASKPASS%/*}" >"$SEEN.dir"
            "$SSH_ASKPASS" "Enter passphrase for key: " >"$SEEN.passphrase"
            "$SSH_ASKPASS" "root@127.0.0.1's password: " >"$SEEN.answer"
            exec ssh "$@"

            """.Replace("$SEEN", seen, StringComparison.Ordinal));
        LoopbackSshd.Run("chmod", "500", wrapper);
        ZfsEsxException e = await ZfsShellTests.FailsAsync(new SshOptions
        {
            HostName = "127.0.0.1", Name = "uss1", Port = sshd.Port, UserName = Environment.UserName, ConfigFile =
                "/dev/null",
            KnownHostsFile = sshd.KnownHosts, Password = SshOptions.Secure(secret), Executable = wrapper,
        });
        Assert.Equal(("PasswordRefused", FailureKind.PermissionDenied), Of(e));
        Assert.DoesNotContain(secret, e.ToString(), StringComparison.Ordinal);
        Assert.Equal(secret + "\n", File.ReadAllText(seen + ".answer"));
        Assert.Equal("", File.ReadAllText(seen + ".passphrase"));
        Assert.DoesNotContain(
            "S3cret", File.ReadAllText(seen + ".args") + File.ReadAllText(seen + ".env"), StringComparison.Ordinal);
        Assert.Contains("prw-------", File.ReadAllText(seen + ".dir"), StringComparison.Ordinal);
        string helper =
            File.ReadLines(seen + ".env").Single(l => l.StartsWith("SSH_ASKPASS=", StringComparison.Ordinal))[12..];
        Assert.Contains("zfsesx-ask-", helper, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.GetDirectoryName(helper)));
        Assert.Contains("Failed password", sshd.Log, StringComparison.Ordinal);
    }

    private static (string, FailureKind) Of(ZfsEsxException e) => (e.Id, e.Kind);

    private string OtherKey()
    {
        string path = Path.Combine(_sshd.Root, "key" + Guid.NewGuid().ToString("N"));
        LoopbackSshd.Run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path);
        return HostKeyPin.KeyOf(File.ReadAllText(path + ".pub"))!;
    }

    private SshOptions With(
        string host = "127.0.0.1",
        string? user = null,
        int? port = null,
        string? key = null,
        string? knownHosts = null,
        string? pin = null,
        bool accept = false) => new()
        {
            HostName = host,
            Name = "uss1",
            Port = port ?? _sshd.Port,
            UserName = user ?? Environment.UserName,
            IdentityFile = key ?? Path.Combine(_sshd.Root, "id"),
            ConfigFile = "/dev/null",
            KnownHostsFile = knownHosts ?? _sshd.KnownHosts,
            HostKey = pin,
            AcceptHostKey = accept,
            ConnectTimeout = TimeSpan.FromSeconds(3),
        };
}
