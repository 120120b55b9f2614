using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Lab.Tests;

/// <summary>
/// pfexec of Solaris systems: a real sshd and ksh93, and programs that answer as theirs do (uname(1), id(1M),
/// pfexec(1)); not yet proven on the metal.
/// </summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class ZfsPfexecTests : IDisposable
{
    private readonly string _programs = LoopbackSshd.ShellShim("/bin/ksh93");

    public void Dispose() => Directory.Delete(_programs, recursive: true);

    [Theory]
    [InlineData("ROOT=0; export ROOT; exec \"$@\"", Elevation.Pfexec)] // the profile Primary Administrator
    [InlineData("exec \"$@\"", Elevation.None)] // a profile that gives single commands
    public async Task A_profile_that_gives_everything_is_used_before_a_sudo_that_asks(
        string pfexec, Elevation elevation)
    {
        Program("pfexec", pfexec);
        Program("sudo", "echo 'sudo: a password is required' >&2; exit 1");
        Program(
            "id", "case $1 in -u) echo ${ROOT:-101};; *) if [ \"$ROOT\" ]; then echo root; else echo admin; fi;; esac");
        Program("uname", "case $1 in -s) echo SunOS;; -r) echo 5.11;; -v) echo snv_134;; esac");
        using LoopbackSshd sshd = LoopbackSshd.Start(
            "SetEnv PATH=" + _programs + ":/usr/bin:/bin",
            "ForceCommand exec " + _programs + "/sh -c 'read -r b; eval \"$b\"'");
        using ZfsHost host = await ZfsHost.OpenAsync(
            await OpenSshShell.ConnectAsync(sshd.Options(), CancellationToken.None), CancellationToken.None);
        Assert.Equal((HostSystem.OpenSolaris, "admin", elevation), (host.System, host.UserName, host.Elevation));
        if (elevation == Elevation.None)
        {
            ZfsEsxException e = await Assert.ThrowsAsync<ZfsEsxException>(
                () => host.RunAsync(new RemoteCommand("true"), CancellationToken.None));
            Assert.Equal("ElevationRefused", e.Id);
            return;
        }

        CommandResult result = await host.RunAsync(
            RemoteCommand.Script(
                "id -u; printf '%s|' \"$@\"; printf '%s\n' \"${KSH_VERSION:+ksh}\"", "a b", "$(id)", "\n"),
            CancellationToken.None);
        Assert.Equal("0\na b|$(id)|\n|ksh\n", result.Output);
    }

    private void Program(string name, string script)
    {
        string path = Path.Combine(_programs, name);
        File.WriteAllText(path, "#!/bin/sh\n" + script + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
