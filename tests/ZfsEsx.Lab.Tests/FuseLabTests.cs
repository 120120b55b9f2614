using ZfsEsx.Shell;

namespace ZfsEsx.Lab.Tests;

/// <summary>The light lab: hosts that are their own, and gone without a trace.</summary>
public sealed class FuseLabTests
{
    [Fact]
    public async Task HostsComeUpAreTheirOwnAndLeaveNothing()
    {
        string accounts = await File.ReadAllTextAsync("/etc/passwd");
        var options = new LabOptions { Name = "fuse-" + Environment.ProcessId, Nodes = 2 };
        FuseLab lab = await FuseLab.UpAsync(options, Console.WriteLine, CancellationToken.None);
        string directory = Path.GetDirectoryName(lab.SshConfigPath)!;
        try
        {
            await MustAsync(lab, "uss1", "zpool", "create", "sp1", FuseLab.Disks.Data, "log", FuseLab.Disks.Log);
            await MustAsync(lab, "uss1", "zfs", "create", "-o", "mountpoint=/export/v", "sp1/v");
            await MustAsync(lab, "uss1", "useradd", "-m", "zfsadm");
            Assert.Contains("sp1", (await MustAsync(lab, "uss1", "zfs", "list", "-H")).Output, StringComparison.Ordinal);
            Assert.Contains(
                "no pools", (await MustAsync(lab, "uss2", "zpool", "list")).Output, StringComparison.Ordinal);
            Assert.False((await lab.RunAsync("uss2", "id", "zfsadm")).Succeeded);
            Assert.True((await lab.RunAsync("uss2", "bash", "-c", "exec 3<> /dev/tcp/uss1/22")).Succeeded);
        }
        finally
        {
            await lab.DownAsync();
        }

        Assert.False(Directory.Exists(directory));
        Assert.Equal(accounts, await File.ReadAllTextAsync("/etc/passwd"));
        Assert.DoesNotContain(
            Directory.GetDirectories("/proc").Where(p => char.IsAsciiDigit(Path.GetFileName(p)[0])),
            p => Words(p).Contains(directory, StringComparison.Ordinal));
    }

    private static async Task<CommandResult> MustAsync(FuseLab lab, string host, params string[] words)
    {
        CommandResult result = await lab.RunAsync(host, words);
        Assert.True(result.Succeeded, string.Join(' ', words) + ": " + result.Complaint);
        return result;
    }

    private static string Words(string process)
    {
        try
        {
            return File.ReadAllText(process + "/cmdline");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
