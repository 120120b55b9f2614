using ZfsEsx.Core.Tests.Os;

namespace ZfsEsx.Core.Tests.Replication;

/// <summary>
/// The rights profile of the Solaris systems: the script under ksh93 over files in the form that prof_attr(4),
/// exec_attr(4) and user_attr(4) describe, and a usermod that does what usermod(1M) says of -P.
/// </summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class TrustProfileTests : IDisposable
{
    private readonly SunSystem _sun = new();

    public void Dispose() => _sun.Dispose();

    [Theory]
    [InlineData("ksh93", "zfsadm::::type=normal", "zfsadm::::type=normal;profiles=ZfsEsx Receive")]
    [InlineData(
        "sh", "zfsadm::::type=normal;profiles=Media Backup,Printer",
        "zfsadm::::type=normal;profiles=Media Backup,Printer,ZfsEsx Receive")]
    [InlineData(
        "ksh93", "zfsadm::::profiles=ZfsEsx Receive;type=normal", "zfsadm::::profiles=ZfsEsx Receive;type=normal")]
    public async Task TheAccountGetsOneCommandAndKeepsWhatItHas(string shell, string before, string after)
    {
        Directory.CreateDirectory(_sun.Folder + "/etc/security");
        await File.WriteAllTextAsync(
            _sun.Folder + "/etc/security/prof_attr", "All:::Execute any command:help=RtAll.html\n");
        await File.WriteAllTextAsync(_sun.Folder + "/etc/security/exec_attr", "All:suser:cmd:::*:\n");
        await File.WriteAllTextAsync(_sun.Folder + "/etc/user_attr", "root::::auths=solaris.*\n" + before + "\n");
        _sun.Program(
            "usermod",
            "[ \"$1 $3\" = '-P zfsadm' ] || exit 2\n"
            + "awk -F: -v p=\"$2\" '$1 != \"zfsadm\" { print; next } "
            + "{ sub(/;?profiles=[^;]*/, \"\"); print $0 \";profiles=\" p }' "
            + "\"$SUN/etc/user_attr\" >\"$SUN/new\" && mv \"$SUN/new\" \"$SUN/etc/user_attr\"");
        for (int twice = 0; twice < 2; twice++)
        {
            (int code, _) =
                await _sun.RunAsync(shell, Resource.Text("profile.sh"), _sun.Folder, "zfsadm", "ZfsEsx Receive");
            Assert.Equal((0, ""), (code, _sun.Errors));
            Assert.Equal(
                "root::::auths=solaris.*\n" + after + "\n",
                await File.ReadAllTextAsync(_sun.Folder + "/etc/user_attr"));
            Assert.Equal(
                "All:suser:cmd:::*:\nZfsEsx Receive:solaris:cmd:::/usr/local/lib/zfsesx/agent.sh:uid=0;gid=0\n",
                await File.ReadAllTextAsync(_sun.Folder + "/etc/security/exec_attr"));
            Assert.EndsWith(
                "\nZfsEsx Receive:::Receive replicas of ZfsEsx:\n",
                await File.ReadAllTextAsync(_sun.Folder + "/etc/security/prof_attr"), StringComparison.Ordinal);
        }
    }
}
