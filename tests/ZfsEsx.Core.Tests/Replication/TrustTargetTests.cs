using ZfsEsx.Core.Tests.Os;
using ZfsEsx.Replication;

namespace ZfsEsx.Core.Tests.Replication;

/// <summary>
/// Which file a neighbour's sshd really reads, whether a key is private, and what makes a trust impossible.
/// </summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class TrustTargetTests : IDisposable
{
    private static readonly TrustNames s_names = new("uss1", "uss2", "zfsadm", "10.99.0.12", 22);

    private readonly SunSystem _system = new();

    public void Dispose() => _system.Dispose();

    /// <summary>What sshd -T answers, and the file; sshd's own default counts only where it says nothing.</summary>
    [Theory]
    [InlineData("", "/home/zfsadm/.ssh/authorized_keys")]
    [InlineData("authorizedkeysfile .ssh/authorized_keys .ssh/authorized_keys2", "/home/zfsadm/.ssh/authorized_keys")]
    [InlineData("authorizedkeysfile .ssh/authorized_keys2", "/home/zfsadm/.ssh/authorized_keys2")]
    [InlineData("authorizedkeysfile /etc/ssh/keys/%u", "/etc/ssh/keys/zfsadm")]
    [InlineData("authorizedkeysfile %h/.keys/100%%", "/home/zfsadm/.keys/100%")]
    [InlineData("authorizedkeysfile none", null)]
    public async Task TheFileIsTheOneThatSshdReads(string directive, string? file)
    {
        _system.Program("getent", "echo zfsadm:x:900:900::/home/zfsadm:/bin/sh");
        _system.Program("sshd", directive.Length == 0 ? "exit 1" : $"[ \"$1\" = -T ] && echo '{directive}'");
        (int code, string output) = await _system.RunAsync("sh", TrustTarget.Script, "zfsadm");
        Assert.Equal(0, code);
        TrustTarget there = TrustTarget.Parse(output.Split('\n'));
        Assert.Equal((file, "/bin/sh"), (there.KeysFile, there.User[6]));
    }

    [Theory]
    [InlineData("-rw-------,root", true)]
    [InlineData("-rw-------.,root", true)]
    [InlineData("-rw-r-----,root", false)]
    [InlineData("-rw----r--,root", false)]
    [InlineData("-rw-------,zfsadm", false)]
    public void AKeyThatOthersCanReadIsNoKey(string mode, bool good)
    {
        TrustSource here = TrustSource.Parse(["KEY\tssh-ed25519 AAAA", "MODE\t" + mode]);
        Assert.Equal(good, here.KeyPrivate);
        Assert.Equal(
            !good,
            TrustCheck.Missing(s_names, here, There())
                .Contains("/etc/zfsesx/keys/uss2 on uss1 can be read by others."));
    }

    [Theory]
    [InlineData("", "", "SudoMissing")]
    [InlineData("SUDO", "USER\tzfsadm:x:900:900::/home/zfsadm:/usr/sbin/nologin", "UserNotUsable")]
    [InlineData("SUDO", "KEYSFILE\t", "KeysFileMissing")]
    [InlineData("SUDO", "HOSTKEY", "HostKeyMissing")]
    [InlineData("SUDO", "", null)]
    [InlineData("PFEXEC", "", null)]
    public void WhatCannotBecomeATrustIsRefused(string way, string otherwise, string? id)
    {
        string? refused = null;
        try
        {
            TrustCheck.Usable(null!, s_names, There(way, otherwise));
        }
        catch (ZfsEsxException e)
        {
            refused = e.Id;
        }

        Assert.Equal(id, refused);
    }

    private static TrustTarget There(string way = "SUDO", string otherwise = "")
    {
        string[] lines =
        [
            "USER\tzfsadm:x:900:900::/home/zfsadm:/bin/sh", "KEYSFILE\t/home/zfsadm/.ssh/authorized_keys",
            "HOSTKEY\tssh-ed25519 BBBB", way,
        ];
        string word = otherwise.Split('\t')[0];
        IEnumerable<string> others = lines.Where(l => word.Length == 0 || l.Split('\t')[0] != word);
        return TrustTarget.Parse([.. otherwise.Contains('\t') ? others.Append(otherwise) : others]);
    }
}
