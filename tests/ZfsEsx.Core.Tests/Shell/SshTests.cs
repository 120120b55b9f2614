using ZfsEsx.Shell;

namespace ZfsEsx.Core.Tests.Shell;

public sealed class SshTests
{
    private static readonly SshOptions s_options =
        new() { HostName = "uss1.example.com", UserName = "root", Port = 2201, Name = "uss1" };

    // The texts are those of OpenSSH 9.2.
    [Theory]
    [InlineData("ssh: Could not resolve hostname uss9: Name or service not known", "HostNameNotResolved",
        FailureKind.NotFound)]
    [InlineData("ssh: connect to host 10.0.0.1 port 22: Connection refused", "ConnectionRefused",
        FailureKind.Connection)]
    [InlineData("ssh: connect to host 10.0.0.1 port 22: Connection timed out", "HostUnreachable",
        FailureKind.Connection)]
    [InlineData("ssh: connect to host 10.0.0.1 port 22: No route to host", "HostUnreachable", FailureKind.Connection)]
    [InlineData("ssh: connect to host 10.0.0.1 port 22: Network is unreachable", "HostUnreachable",
        FailureKind.Connection)]
    [InlineData("Connection timed out during banner exchange", "HostUnreachable", FailureKind.Connection)]
    [InlineData("root@10.0.0.1: Permission denied (publickey,password).", "KeyRefused", FailureKind.PermissionDenied)]
    [InlineData("Received disconnect from 10.0.0.1 port 22:2: Too many authentication failures", "KeyRefused",
        FailureKind.PermissionDenied)]
    [InlineData("No ED25519 host key is known for uss1 and you have requested strict checking.\nHost key verification "
        + "failed.", "HostKeyUnknown", FailureKind.NotTrusted)]
    [InlineData("@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\nOffending ED25519 key in "
        + "/root/.ssh/known_hosts:7\nHost key verification failed.", "HostKeyChanged", FailureKind.NotTrusted)]
    [InlineData("Unable to negotiate with 10.0.0.1 port 22: no matching host key type found. Their offer: "
        + "ssh-rsa,ssh-dss", "SshNotCompatible", FailureKind.NotSupported)]
    [InlineData("Bad owner or permissions on /root/.ssh/config", "SshConfigInvalid", FailureKind.InvalidArgument)]
    [InlineData("kex_exchange_identification: Connection closed by remote host", "ConnectFailed",
        FailureKind.Connection)]
    [InlineData("", "ConnectFailed", FailureKind.Connection)]
    [InlineData("No ED25519 host key is known for jump and you have requested strict checking.\nHost key verification "
        + "failed.\nkex_exchange_identification: Connection closed by remote host\nConnection closed by UNKNOWN port 65535",
        "JumpHostFailed", FailureKind.Connection)]
    [InlineData("channel 0: open failed: connect failed: Connection refused\nstdio forwarding failed\n"
        + "Connection closed by UNKNOWN port 65535", "HostUnreachable", FailureKind.Connection)]
    public void Last_words_become_failures(string words, string id, FailureKind kind)
    {
        ZfsEsxException e = SshFailure.Explain(s_options, words);
        Assert.Equal((id, kind, "uss1"), (e.Id, e.Kind, e.Target));
        Assert.NotNull(e.Advice);
    }

    [Fact]
    public void A_refused_port_is_told_from_a_machine_that_is_away()
    {
        ZfsEsxException e = SshFailure.Explain(s_options, "ssh: connect to host 10.0.0.1 port 2201: Connection refused");
        Assert.Contains("reachable, but no SSH server", e.Message, StringComparison.Ordinal);
        Assert.Contains("uss1.example.com:2201", e.Message, StringComparison.Ordinal);
        Assert.Contains("sshd", e.Advice, StringComparison.Ordinal);
        Assert.Contains("-Port", e.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void A_refusal_means_what_was_offered()
    {
        SshOptions password = new() { HostName = "uss1", Password = SshOptions.Secure("secret") };
        Assert.Equal(
            "PasswordRefused", SshFailure.Explain(password, "root@uss1: Permission denied (publickey,password).").Id);
        SshOptions pinned = new() { HostName = "uss1", HostKey = "SHA256:x" };
        Assert.Equal("HostKeyChanged", SshFailure.Explain(pinned, "Host key verification failed.").Id);
        Assert.Contains("known_hosts:7", SshFailure.Explain(
            s_options, "REMOTE HOST IDENTIFICATION HAS CHANGED!\nOffending ED25519 key in /root/.ssh/known_hosts:7")
                .Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", password.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Arguments_pin_the_host_key_and_never_ask()
    {
        string line = string.Join(" ", SshArguments.Build(s_options, "/tmp/x y/known_hosts", "zfsesx-pinned"));
        Assert.Contains("-l root", line, StringComparison.Ordinal);
        Assert.Contains("BatchMode=yes", line, StringComparison.Ordinal);
        Assert.Contains("StrictHostKeyChecking=yes", line, StringComparison.Ordinal);
        Assert.Contains("UserKnownHostsFile=\"/tmp/x y/known_hosts\"", line, StringComparison.Ordinal);
        Assert.Contains("GlobalKnownHostsFile=none", line, StringComparison.Ordinal);
        Assert.EndsWith("-- uss1.example.com " + FrameText.LoginCommand, line, StringComparison.Ordinal);
        SshOptions accept = new() { HostName = "uss1", AcceptHostKey = true, Password = SshOptions.Secure("x") };
        line = string.Join(" ", SshArguments.Build(accept, null, null));
        Assert.Contains("StrictHostKeyChecking=accept-new", line, StringComparison.Ordinal);
        Assert.Contains("BatchMode=no", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("host uss1\nhostname 10.0.0.5\nport 22\n", "10.0.0.5")]
    [InlineData("host uss1\nhostname 10.0.0.5\nport 2201\n", "[10.0.0.5]:2201")]
    [InlineData("hostname 10.0.0.5\nport 2201\nhostkeyalias Storage\n", "Storage")]
    [InlineData("", "[uss1.example.com]:2201")] // an ssh that knows no -G
    public void At_another_address_the_host_key_is_known_by_the_name_that_the_configuration_gives(
        string answer, string alias)
    {
        Assert.Equal(alias, SshConfig.KeyAlias(s_options, answer));
        string[] words =
            [.. SshArguments.Build(s_options with { Address = "10.0.0.6", HostKeyAlias = alias }, null, null)];
        Assert.Contains("HostName=10.0.0.6", words);
        Assert.Contains("HostKeyAlias=" + alias, words);
        Assert.Equal("uss1.example.com", words[^2]);
    }

    [Theory]
    [InlineData("/home/a b/it's $(id) ä;x", "/home/a b/it's $(id) ä;x")]
    [InlineData("/home/100%h", "/home/100%%h")] // ssh reads tokens in it
    [InlineData("/home/${HOME}", null)] // and variables, which cannot be written otherwise
    [InlineData("/home/a\nb", null)]
    [InlineData("/home/a\"b", null)]
    public void Paths_are_right_or_refused(string path, string? argument)
    {
        SshOptions options = new() { HostName = "uss1", IdentityFile = path };
        if (argument is null)
        {
            Assert.Equal("InvalidSshOption", Assert.Throws<ZfsEsxException>(() => SshArguments.Check(options)).Id);
            return;
        }

        SshArguments.Check(options);
        string[] words = [.. SshArguments.Build(options, null, null)];
        Assert.Contains("IdentityFile=\"" + argument + "\"", words);
    }

    [Theory]
    [InlineData("uss1", true)]
    [InlineData("a b 'c' $(id) é", true)] // what it is called here goes to no shell
    [InlineData("", false)]
    [InlineData("a\nb", false)]
    [InlineData("a\u001b[31m", false)]
    public void Names_to_show_are_right_or_refused(string name, bool good)
    {
        SshOptions options = new() { HostName = "uss1", Name = name };
        Assert.Equal(
            good ? null : "InvalidSshOption",
            Record.Exception(() => SshArguments.Check(options)) is ZfsEsxException e ? e.Id : null);
    }

    [Theory]
    [InlineData("p q'\"$(id)`ä€\\", true)]
    [InlineData("a\nb", false)]
    [InlineData("a\rb", false)]
    [InlineData("a\0b", false)]
    public void Passwords_are_right_or_refused(string password, bool good)
    {
        if (good)
        {
            Assert.Equal(
                password + "\n",
                System.Text.Encoding.UTF8.GetString(PasswordLine.Of(SshOptions.Secure(password), "uss1")));
        }
        else
        {
            ZfsEsxException e = Assert.Throws<ZfsEsxException>(
                () => PasswordLine.Of(SshOptions.Secure(password), "uss1"));
            Assert.Equal(("InvalidPassword", FailureKind.InvalidArgument), (e.Id, e.Kind));
            Assert.DoesNotContain(password, e.ToString(), StringComparison.Ordinal);
        }

        Assert.Throws<ZfsEsxException>(() => PasswordLine.Of(SshOptions.Secure(new string('x', 512)), "uss1"));
    }

    // The texts are those of sudo 1.9.13 and opendoas 6.8.2.
    [Theory]
    [InlineData("P:Sorry, try again.\nP:", "SudoPasswordRefused", "-SudoCredential")]
    [InlineData("P:Sorry, try again.\nsudo: 1 incorrect password attempt", "SudoPasswordRefused", "-SudoCredential")]
    [InlineData("P:admin is not in the sudoers file.", "ElevationRefused", "allow admin")]
    [InlineData("sudo: sorry, you must have a tty to run sudo", "ElevationRefused", "Defaults:admin !requiretty")]
    [InlineData("doas: Operation not permitted", "ElevationRefused", "allow admin")]
    [InlineData("", "ElevationRefused", "allow admin")]
    public void What_sudo_says_becomes_a_failure(string words, string id, string advice)
    {
        SshOptions options = new() { HostName = "10.0.0.1", Name = "uss1", UserName = "admin" };
        ZfsEsxException e = SudoFailure.Explain(options, RootAccess.Sudo(null), words, "P:");
        Assert.Equal((id, FailureKind.PermissionDenied, "uss1"), (e.Id, e.Kind, e.Target));
        Assert.Contains(advice, e.Advice, StringComparison.Ordinal);
        Assert.DoesNotContain("P:", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_sudo_with_a_password_asks()
    {
        Assert.Equal("sudo -n -H --", string.Join(' ', RootAccess.Sudo(null).Words("P:")));
        Assert.Equal("sudo -S -p P: -H --", string.Join(' ', RootAccess.Sudo(SshOptions.Secure("secret")).Words("P:")));
        Assert.Equal("doas -n --", string.Join(' ', RootAccess.Doas.Words("P:")));
        Assert.Equal("pfexec", string.Join(' ', RootAccess.Pfexec.Words("P:")));
    }

    [Theory]
    [InlineData("a", "a")]
    [InlineData("", "\"\"")]
    [InlineData("a b", "\"a b\"")]
    [InlineData("a\"b", "\"a\\\"b\"")]
    [InlineData("a\\b", "a\\b")]
    [InlineData("a b\\", "\"a b\\\\\"")]
    [InlineData("a\\\"", "\"a\\\\\\\"\"")]
    public void Local_arguments(string argument, string text) => Assert.Equal(text, CommandLine.Join([argument]));

    [Fact]
    public void Keys_are_found_in_any_kind_of_line()
    {
        const string key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKHEChAnPLcDhYQTPZHQ0OH2vMzWXD1y3RnmCcwk8i1h";
        Assert.Equal(key, HostKeyPin.KeyOf(key + " root@uss1"));
        Assert.Equal(key, HostKeyPin.KeyOf("[127.0.0.1]:2201 " + key));
        Assert.Null(HostKeyPin.KeyOf("ssh-ed25519 not*base64"));
        Assert.Null(HostKeyPin.KeyOf("ssh-ed25519"));
    }
}
