using ZfsEsx.Shell;

namespace ZfsEsx.Os;

/// <summary>Looks at a storage VM with the eyes of somebody who has to rely on it.</summary>
public static class HostChecks
{
    /// <summary>Checks everything anew, in one round trip and a few for the clock.</summary>
    /// <param name="host">The storage VM.</param>
    /// <param name="now">Our clock.</param>
    /// <param name="zone">Our time zone.</param>
    /// <param name="ct">Ends the reading.</param>
    public static async Task<IReadOnlyList<ZfsHostCheck>> GetAsync(
        ZfsHost host, Func<DateTimeOffset> now, TimeZoneInfo zone, CancellationToken ct)
    {
        try
        {
            CommandResult answer = await host.RunAsUserAsync(Command(host.System), ct).ConfigureAwait(false);
            HostClock? clock = await HostClock.ReadAsync(host, now, ct).ConfigureAwait(false);
            return HostJudge.Judge(new HostFacts(
                host.Name,
                host.UserName,
                host.Elevation,
                host.ElevationRefusal,
                answer,
                clock,
                zone.GetUtcOffset(now())));
        }
        catch (ZfsEsxException e) when (e.Kind is FailureKind.Connection or FailureKind.Timeout)
        {
            return
            [
                new(host.Name, "Connection", ZfsHostCheckStatus.Failed, e.Message, "answers",
                    e.Advice ?? "Connect again with Connect-ZfsHost."),
            ];
        }
    }

    /// <summary>The script that asks, for a kind of system.</summary>
    internal static RemoteCommand Command(HostSystem system) => RemoteCommand.Script(
        "part() { printf '\\036%s\\n' \"$1\"; }\npart detect\n(set -- all\n" + Resource.Text("detect.sh") + ")\n"
            + Resource.Text("host-checks.sh"),
        [.. HostJudge.Programs(system).Select(p => p.Name)]);
}

/// <summary>What was found on a storage VM.</summary>
/// <param name="Name">The storage VM.</param>
/// <param name="UserName">The user logged in as.</param>
/// <param name="Elevation">How that user became root.</param>
/// <param name="Refusal">Why it did not.</param>
/// <param name="Answer">What the script said.</param>
/// <param name="Clock">Its clock; null when it could not be read.</param>
/// <param name="OurZone">How far our local time is ahead of UTC now.</param>
internal sealed record HostFacts(
    string Name,
    string UserName,
    Elevation Elevation,
    string Refusal,
    CommandResult Answer,
    HostClock? Clock,
    TimeSpan OurZone);
