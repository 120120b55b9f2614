using ZfsEsx.Replication;

namespace ZfsEsx.Core.Tests.Replication;

public class TrustTextTests
{
    private const string Key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGx+/y= root@uss1";
    private const string Line =
        "restrict,command=\"sudo -n /usr/local/lib/zfsesx/agent.sh serve uss1\" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGx+/y= zfsesx:uss1";

    [Fact]
    public void TheKeyMayRunOneCommand() =>
        Assert.Equal(Line, TrustText.KeyLine("uss1", ReceiveRight.Sudo, Key, knowsRestrict: true));

    [Fact]
    public void RootNeedsNoSudoAndOldServersGetEachLimitByName() => Assert.Equal(
        "no-pty,no-port-forwarding,no-X11-forwarding,no-agent-forwarding,no-user-rc,command=\"/usr/local/lib/zfsesx/agent.sh serve uss1\""
            + " ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGx+/y= zfsesx:uss1",
        TrustText.KeyLine("uss1", ReceiveRight.Root, Key, knowsRestrict: false));

    [Theory]
    [InlineData("")]
    [InlineData("ssh-ed25519")]
    [InlineData("ssh-ed25519 AA\"AA")]
    [InlineData("command=\"x\" ssh-ed25519")]
    public void WhatIsNoKeyIsRefused(string key) =>
        Assert.Equal(
            "BadPublicKey",
            Assert.Throws<ZfsEsxException>(() => TrustText.KeyLine("uss1", ReceiveRight.Sudo, key, true)).Id);

    [Theory]
    [InlineData("", Line + "\n")]
    [InlineData("ssh-rsa AAAA me@home", "ssh-rsa AAAA me@home\n" + Line + "\n")]
    [InlineData(
        "# zfsesx:uss1\n\nssh-rsa AAAA me zfsesx:uss11\n",
        "# zfsesx:uss1\n\nssh-rsa AAAA me zfsesx:uss11\n" + Line + "\n")]
    [InlineData("restrict ssh-rsa OLD zfsesx:uss1\nssh-rsa AAAA me\n", "ssh-rsa AAAA me\n" + Line + "\n")]
    public void OnlyOurLineIsReplaced(string before, string after)
    {
        Assert.Equal(after, TrustText.SetKeyLine(before, "uss1", Line));
        Assert.Equal(after, TrustText.SetKeyLine(after, "uss1", Line));
        Assert.Equal(Line, TrustText.FindKeyLine(after, "uss1"));
        Assert.DoesNotContain(
            " zfsesx:uss1\n",
            TrustText.RemoveKeyLine(after, "uss1").Replace("# zfsesx:uss1\n", "", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData((int)ReceiveRight.Doas, "command=\"doas -n /usr/local/lib/zfsesx/agent.sh serve uss1\"")]
    [InlineData((int)ReceiveRight.Pfexec, "command=\"pfexec /usr/local/lib/zfsesx/agent.sh serve uss1\"")]
    public void EachWayToRootsRightsHasItsCommand(int right, string command) =>
        Assert.Contains(command, TrustText.KeyLine("uss1", (ReceiveRight)right, Key, true), StringComparison.Ordinal);

    [Fact]
    public void TwoKeysAreLetInWhileOneFollowsTheOther()
    {
        string next = TrustText.KeyLine(
            "uss1", ReceiveRight.Sudo, Key.Replace("Gx", "Gy", StringComparison.Ordinal), true, next: true);
        string both = TrustText.AddNextKeyLine("ssh-rsa AAAA me\n" + Line + "\n", "uss1", next);
        Assert.Equal("ssh-rsa AAAA me\n" + Line + "\n" + next + "\n", both);
        Assert.Equal(both, TrustText.AddNextKeyLine(both, "uss1", next));
        Assert.Equal((Line, next), (TrustText.FindKeyLine(both, "uss1"), TrustText.FindNextKeyLine(both, "uss1")));
        Assert.Equal("ssh-rsa AAAA me\n" + Line + "\n", TrustText.SetKeyLine(both, "uss1", Line));
        Assert.Equal("ssh-rsa AAAA me\n", TrustText.RemoveKeyLine(both, "uss1"));
    }

    private const string Doas = "permit nopass zfsadm as root cmd /usr/local/lib/zfsesx/agent.sh args serve uss1\n";

    [Theory]
    [InlineData("", Doas)]
    [InlineData("permit persist :wheel", "permit persist :wheel\n" + Doas)]
    [InlineData(Doas + "deny zfsadm\n", "deny zfsadm\n" + Doas)] // the last one counts
    [InlineData("# mine\n" + Doas, "# mine\n" + Doas)]
    [InlineData(Doas + "\n", Doas + "\n")]
    public void OnlyOurRuleOfDoasIsSetAndRemoved(string before, string after)
    {
        Assert.Equal(after, TrustText.SetDoasRule(before, "zfsadm", "uss1"));
        Assert.Equal(
            after.Replace(Doas, "", StringComparison.Ordinal), TrustText.RemoveDoasRule(after, "zfsadm", "uss1"));
        Assert.Equal(after, TrustText.RemoveDoasRule(after, "zfsadm", "uss2"));
    }

    [Fact]
    public void HostKeysArePinnedByNameNotAddress()
    {
        string file = TrustText.SetHostKeys(
            "zfsesx-uss22 ssh-rsa KEEP\nzfsesx-uss2 ssh-rsa OLD\n",
            "uss2",
            ["ssh-rsa BBBB root@x", "ssh-ed25519 AAAA", "rubbish"]);
        Assert.Equal("zfsesx-uss22 ssh-rsa KEEP\nzfsesx-uss2 ssh-ed25519 AAAA\nzfsesx-uss2 ssh-rsa BBBB\n", file);
        Assert.Equal("zfsesx-uss22 ssh-rsa KEEP\n", TrustText.RemoveHostKeys(file, "uss2"));
    }

    [Fact]
    public void SudoAllowsOneCommandWithItsArgument()
    {
        Assert.Contains(
            "\nzfsadm ALL=(root) NOPASSWD: /usr/local/lib/zfsesx/agent.sh serve uss1\n",
            TrustText.SudoRule("zfsadm", "uss1"),
            StringComparison.Ordinal);
        Assert.Equal("/etc/sudoers.d/zfsesx-uss1_lab", TrustText.SudoPath("uss1.lab"));
    }

    [Theory]
    [InlineData("OpenSSH_10.0p2 Debian-7, OpenSSL 3.5.1", true)]
    [InlineData("OpenSSH_7.2p2", true)]
    [InlineData("OpenSSH_7.1p1", false)]
    [InlineData("OpenSSH_5.3p1", false)]
    [InlineData("Sun_SSH_1.3, SSH protocols 1.5/2.0", false)]
    [InlineData("", false)]
    public void RestrictCameWithOpenSsh72(string version, bool knows) =>
        Assert.Equal(knows, TrustText.KnowsRestrict(version));
}
