using System.Net;
using ZfsEsx.Esx;
using ZfsEsx.Vim;

namespace ZfsEsx.Lab.Tests;

/// <summary>A simulator with a client, for tests of what is done on hosts. Each class has its own.</summary>
public sealed class EsxInventory : IAsyncDisposable
{
    private EsxInventory(Simulator simulator, VimClient client, IReadOnlyList<MoRef> hosts)
    {
        Simulator = simulator;
        Client = client;
        Hosts = hosts;
    }

    public Simulator Simulator { get; }

    public VimClient Client { get; }

    /// <summary>vh1…vhN.</summary>
    public IReadOnlyList<MoRef> Hosts { get; }

    public static async Task<EsxInventory> StartAsync(SimulatorOptions? options = null)
    {
        Simulator simulator = await Simulator.StartAsync(options ?? new SimulatorOptions(), CancellationToken.None);
        try
        {
            VimClient client = await LoginAsync(simulator, simulator.Password);
            IReadOnlyList<HostSystemInfo> hosts = await Inventory.GetHostsAsync(client, CancellationToken.None);
            return new EsxInventory(simulator, client,
                [.. hosts.OrderBy(h => h.Name.Length).ThenBy(h => h.Name).Select(h => h.Reference)]);
        }
        catch
        {
            await simulator.DisposeAsync();
            throw;
        }
    }

    public static VimServer Server(Simulator simulator) =>
        new() { Uri = simulator.Uri, Thumbprint = simulator.Thumbprint };

    public static Task<VimClient> LoginAsync(Simulator simulator, string password) =>
        VimClient.LoginAsync(Server(simulator), new NetworkCredential(simulator.User, password),
            CancellationToken.None);

    /// <summary>What the simulator is asked while the work runs.</summary>
    public async Task<SimulatorStats> CountAsync(Func<Task> work)
    {
        await Simulator.ResetAsync();
        await work();
        return await Simulator.StatsAsync();
    }

    /// <summary>The one target that a plan refuses, and proof that nothing was changed before it.</summary>
    public Task<ZfsEsxException> RefusedAsync<T>(Func<Task<Plan<T>>> plan) => RefusedAsync(
        async () => await (await plan()).RunAsync(SilentReporter.Instance, CancellationToken.None));

    /// <summary>The refusal, and proof that nothing was changed before it.</summary>
    public async Task<ZfsEsxException> RefusedAsync(Func<Task> work)
    {
        ZfsEsxException? refusal = null;
        SimulatorStats stats = await CountAsync(async () => refusal = await Assert.ThrowsAsync<ZfsEsxException>(work));
        Assert.Empty(stats.ChangingCalls);
        return refusal!;
    }

    /// <summary>Applies a plan, plans again, and proves that nothing is left to do.</summary>
    public async Task<T> RunTwiceAsync<T>(Func<Task<Plan<T>>> plan)
    {
        Plan<T> first = await plan();
        Assert.NotEmpty(first.Changes);
        T result = await first.RunAsync(SilentReporter.Instance, CancellationToken.None);
        SimulatorStats stats = await CountAsync(async () =>
        {
            Plan<T> second = await plan();
            Assert.Empty(second.Changes.Select(c => c.ToString()));
            await second.RunAsync(SilentReporter.Instance, CancellationToken.None);
        });
        Assert.Empty(stats.ChangingCalls);
        return result;
    }

    public async Task<MoRef> VMAsync(string name) =>
        (await Inventory.ResolveAsync(Client, "VirtualMachine", [name], CancellationToken.None))[0];

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Client.LogoutAsync(CancellationToken.None);
        }
        catch (ZfsEsxException)
        {
            // A test may have made the simulator one that nobody can talk to.
        }

        Client.Dispose();
        await Simulator.DisposeAsync();
    }
}
