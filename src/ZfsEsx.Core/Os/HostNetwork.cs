using System.Text;
using ZfsEsx.Shell;

namespace ZfsEsx.Os;

/// <summary>Addresses of a storage VM's interfaces.</summary>
public static class HostNetwork
{
    /// <summary>Reads the interfaces.</summary>
    /// <exception cref="ZfsEsxException"><c>NetworkNotRead</c>.</exception>
    public static async Task<IReadOnlyList<ZfsHostNetwork>> GetAsync(ZfsHost host, CancellationToken ct) =>
        (await ReadAsync(host, ct).ConfigureAwait(false)).Interfaces;

    /// <summary>
    /// Plans to give one interface its address, now and after a restart. The change is taken back by the storage VM
    /// itself unless a fresh connection confirms it.
    /// </summary>
    /// <exception cref="ZfsEsxException">
    /// <c>InterfaceNotFound</c>, <c>AddressInUse</c>, <c>InvalidAddress</c>, <c>MtuTooLarge</c>,
    /// <c>DefaultRouteExists</c>, <c>InterfaceConfiguredElsewhere</c>, <c>NetworkManagerNotSupported</c>,
    /// <c>GatewayNotRemoved</c>.
    /// </exception>
    public static async Task<Plan<ZfsHostNetwork>> PlanSetAsync(
        ZfsHost host, HostNetworkRequest request, CancellationToken ct)
    {
        NetworkRules.Check(request);
        NetworkState observed = await ReadAsync(host, ct).ConfigureAwait(false);
        string name = NetworkRules.Find(host.Name, observed, request).Interface;
        IReadOnlyList<NetworkStep> steps = host.Dialect.CompareNetwork(host.Name, observed, request);
        string[] trials = [.. steps.Select(s => s.Trial?.TrialFile).OfType<string>()];
        List<Change> changes = [];
        foreach (NetworkStep step in steps)
        {
            bool last = step == steps[steps.Count - 1];
            changes.Add(new Change(
                host.Name + ": " + name, step.Action,
                (reporter, token) => ApplyAsync(host, request, step, last ? trials : [], reporter, token), step.Risk));
        }

        return new Plan<ZfsHostNetwork>(changes, token => ReadOneAsync(host, request, token));
    }

    private static async Task ApplyAsync(
        ZfsHost host, HostNetworkRequest request, NetworkStep step, string[] done, IReporter reporter,
        CancellationToken ct)
    {
        string[] folders = [.. step.Files.Select(f => f.Path.Substring(0, f.Path.LastIndexOf('/'))).Distinct()];
        if (folders.Length > 0)
        {
            await host.CheckAsync(
                new RemoteCommand(["mkdir", "-p", .. folders]), "UploadFailed", host.Name + ":" + folders[0],
                "The folder " + string.Join(" or ", folders) + " cannot be made", null, ct).ConfigureAwait(false);
        }

        foreach (NetworkFile file in step.Files)
        {
            await host.UploadAsync(file.Path, Encoding.UTF8.GetBytes(file.Content), file.Mode, ct)
                .ConfigureAwait(false);
        }

        if (step.Trial is NetworkTrial trial)
        {
            await new NetworkGuard(host, trial, request.RollBackAfter)
                .RunAsync(token => ReadOneAsync(host, request, token), reporter, ct).ConfigureAwait(false);
        }

        // The lasting file is there: the one in memory would only stand in the way of later changes by hand.
        if (done.Length > 0)
        {
            await host.RunAsync(new RemoteCommand(["rm", "-f", .. done]), ct).ConfigureAwait(false);
        }
    }

    private static async Task<ZfsHostNetwork> ReadOneAsync(
        ZfsHost host, HostNetworkRequest request, CancellationToken ct) =>
        NetworkRules.Find(host.Name, await ReadAsync(host, ct).ConfigureAwait(false), request);

    private static async Task<NetworkState> ReadAsync(ZfsHost host, CancellationToken ct)
    {
        CommandResult answer = await host.RunAsUserAsync(
            RemoteCommand.Script(host.Dialect.NetworkScript), ct).ConfigureAwait(false);
        return answer.Succeeded
            ? host.Dialect.ParseNetwork(host.Name, answer.Output)
            : throw new ZfsEsxException(
                "NetworkNotRead", FailureKind.Failed, host.Name,
                "The interfaces of " + host.Name + " cannot be listed: " + answer.Complaint + ".");
    }
}
