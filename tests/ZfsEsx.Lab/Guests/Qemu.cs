using ZfsEsx.Shell;

namespace ZfsEsx.Lab;

/// <summary>The emulator's process.</summary>
internal static class Qemu
{
    /// <summary>Starts a machine that lives on by itself; returns when its monitor listens.</summary>
    public static async Task StartAsync(IReadOnlyList<string> command, GuestFiles files, CancellationToken ct)
    {
        LabPaths.CreatePrivate(Path.GetDirectoryName(files.PidFile)!);
        File.Delete(files.PidFile);
        File.Delete(files.Qmp);
        File.Delete(files.Console);
        CommandResult result = await Tool.RunAsync(command, TimeSpan.FromSeconds(60), ct);
        if (!result.Succeeded)
        {
            throw new LabException("QEMU could not start: " + result.Complaint);
        }
    }
}
