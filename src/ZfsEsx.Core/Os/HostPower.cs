using ZfsEsx.Shell;

namespace ZfsEsx.Os;

/// <summary>Switches a storage VM off from inside.</summary>
public static class HostPower
{
    /// <summary>
    /// Tells the system to shut down and power off. Returns once it has been told: the connection then ends.
    /// </summary>
    /// <exception cref="ZfsEsxException"><c>ShutdownRefused</c>, <c>ElevationRefused</c>.</exception>
    public static async Task ShutDownAsync(ZfsHost host, CancellationToken ct)
    {
        try
        {
            await host.CheckAsync(
                Command(host.System), "ShutdownRefused", host.Name, "The system cannot be shut down",
                "Shut it down at its console, and repeat the command.", ct).ConfigureAwait(false);
        }
        catch (ZfsEsxException e) when (e.Kind == FailureKind.Connection)
        {
            // It took the connection along before it could answer. Whether it goes down, vSphere tells.
        }
    }

    internal static RemoteCommand Command(HostSystem system) => system is HostSystem.OpenSolaris or HostSystem.Illumos
        ? new RemoteCommand("shutdown", "-y", "-g", "0", "-i", "5")
        : new RemoteCommand("poweroff");
}
