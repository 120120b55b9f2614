using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>Maintenance mode.</summary>
internal static class Maintenance
{
    /// <summary>
    /// Waits until no VM runs on the host; without a limit the task would wait for ever for one that nothing moves.
    /// </summary>
    public static Task EnterAsync(
        VimClient client, MoRef host, string name, TimeSpan timeout, IReporter reporter, CancellationToken ct) =>
        new TaskWatch(client).CallAsync(
            host, "EnterMaintenanceMode_Task", name, "Enter maintenance mode", reporter, ct,
            Arg.E("timeout", Math.Max(1, (long)timeout.TotalSeconds)), Arg.E("evacuatePoweredOffVms", false));

    public static Task ExitAsync(VimClient client, MoRef host, string name, IReporter reporter, CancellationToken ct) =>
        new TaskWatch(client).CallAsync(
            host, "ExitMaintenanceMode_Task", name, "Exit maintenance mode", reporter, ct, Arg.E("timeout", 0));
}
