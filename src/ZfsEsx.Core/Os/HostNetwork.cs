using System.Text;
using ZfsEsx.Shell;

namespace ZfsEsx.Os;

/// <summary>Addresses of a storage VM's interfaces.</summary>
public static class HostNetwork
{
    // ifdown forgets what ifup did; an interface set up otherwise has to be emptied.
    private const string ApplyScript = """
        mkdir -p /run/network
        ifdown --force "$1" >/dev/null 2>&1
        ip addr flush dev "$1" scope global
        ifup "$1"
        """;

    /// <summary>Reads the interfaces.</summary>
    /// <exception cref="ZfsEsxException"><c>NetworkNotRead</c>.</exception>
    public static async Task<IReadOnlyList<ZfsHostNetwork>> GetAsync(ZfsHost host, CancellationToken ct) =>
        (await ReadAsync(host, ct).ConfigureAwait(false)).Interfaces;

    /// <summary>Plans to give one interface its address, now and after a restart.</summary>
    /// <exception cref="ZfsEsxException">
    /// <c>InterfaceNotFound</c>, <c>ManagementInterface</c>, <c>AddressInUse</c>, <c>InvalidAddress</c>,
    /// <c>DefaultRouteExists</c>,
    /// <c>InterfaceConfiguredElsewhere</c>, <c>NetworkManagerNotSupported</c>.
    /// </exception>
    public static async Task<Plan<ZfsHostNetwork>> PlanSetAsync(
        ZfsHost host, HostNetworkRequest request, CancellationToken ct)
    {
        LinuxNetwork.Check(request);
        NetworkState observed = await ReadAsync(host, ct).ConfigureAwait(false);
        string name = LinuxNetwork.Find(host.Name, observed, request).Interface;
        List<Change> changes = [];
        foreach (NetworkStep step in LinuxNetwork.Compare(host.Name, observed, request))
        {
            changes.Add(new Change(
                host.Name + ": " + name, step.Action, (_, token) => ApplyAsync(host, request, name, step, token),
                    step.Risk));
        }

        return new Plan<ZfsHostNetwork>(changes, token => ReadOneAsync(host, request, token));
    }

    private static async Task ApplyAsync(
        ZfsHost host, HostNetworkRequest request, string name, NetworkStep step, CancellationToken ct)
    {
        if (step.File is not null)
        {
            await host.UploadAsync(step.File, Encoding.UTF8.GetBytes(step.Content!), "0644", ct).ConfigureAwait(false);
        }

        if (step.Apply)
        {
            await host.CheckAsync(
                RemoteCommand.Script(ApplyScript, name), "AddressNotSet", name, "The interface " + name
                    + " cannot be set up",
                "See /etc/network/interfaces.d on the storage VM.", ct).ConfigureAwait(false);
            ZfsHostNetwork now = await ReadOneAsync(host, request, ct).ConfigureAwait(false);
            if (!now.Addresses.Contains(request.Address) || (request.Mtu is int mtu && now.Mtu != mtu))
            {
                throw new ZfsEsxException(
                    "AddressNotSet", FailureKind.Failed, name,
                    name + " of " + host.Name + " has "
                        + (now.Addresses.Count == 0 ? "no address" : string.Join(", ", now.Addresses))
                    + " and MTU " + now.Mtu + " afterwards, not " + request.Address
                        + (request.Mtu is null ? "." : " and MTU " + request.Mtu + "."),
                    "Some adapters do not take large packets: try a smaller MTU.");
            }
        }
    }

    private static async Task<ZfsHostNetwork> ReadOneAsync(
        ZfsHost host, HostNetworkRequest request, CancellationToken ct) =>
        LinuxNetwork.Find(host.Name, await ReadAsync(host, ct).ConfigureAwait(false), request);

    private static async Task<NetworkState> ReadAsync(ZfsHost host, CancellationToken ct)
    {
        RemoteCommand command = host.Dialect.ReadNetwork();
        CommandResult answer = await host.RunAsUserAsync(command, ct).ConfigureAwait(false);
        return answer.Succeeded
            ? host.Dialect.ParseNetwork(host.Name, answer.Output)
            : throw new ZfsEsxException(
                "NetworkNotRead", FailureKind.Failed, host.Name,
                "The interfaces of " + host.Name + " cannot be listed: " + answer.Complaint + ".");
    }
}
