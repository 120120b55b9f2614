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
    public void Last_words_become_failures(string words, string id, FailureKind kind)
    {
        ZfsEsxException e = SshFailure.Explain(s_options, words);
        Assert.Equal((id, kind, "uss1"), (e.Id, e.Kind, e.Target));
        Assert.NotNull(e.Advice);
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
        Assert.DoesNotContain("BatchMode", line, StringComparison.Ordinal);
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
