using System.Diagnostics;
using System.Globalization;
using System.Net;
using ZfsEsx.Esx;
using ZfsEsx.Vim;

namespace ZfsEsx.Lab.Bench;

/// <summary>A simulator of many hosts that takes its time for each call, and a connection to it.</summary>
internal sealed class ManyHosts : IAsyncDisposable
{
    private ManyHosts(Simulator simulator, VimClient client, IReadOnlyList<MoRef> hosts)
    {
        Simulator = simulator;
        Client = client;
        Hosts = hosts;
    }

    public Simulator Simulator { get; }

    public VimClient Client { get; }

    public IReadOnlyList<MoRef> Hosts { get; }

    public static async Task<ManyHosts> StartAsync(BenchOptions options, CancellationToken ct)
    {
        string latency = options.Latency.TotalMilliseconds.ToString(CultureInfo.InvariantCulture);
        Simulator simulator = await Simulator.StartAsync(
            new SimulatorOptions { Hosts = options.Hosts, Switches = ["-latency", latency] }, ct);
        try
        {
            VimClient client = await VimClient.LoginAsync(
                new VimServer { Uri = simulator.Uri, Thumbprint = simulator.Thumbprint },
                new NetworkCredential(simulator.User, simulator.Password), ct);
            IReadOnlyList<HostSystemInfo> hosts = await Inventory.GetHostsAsync(client, ct);
            return new ManyHosts(simulator, client, [.. hosts.Select(h => h.Reference)]);
        }
        catch
        {
            await simulator.DisposeAsync();
            throw;
        }
    }

    /// <summary>How long the work takes in milliseconds, and how many calls it makes.</summary>
    public async Task<(double Ms, int Calls)> MeasureAsync(Func<Task> work)
    {
        int before = Client.CallCount;
        Stopwatch clock = Stopwatch.StartNew();
        await work();
        return (clock.Elapsed.TotalMilliseconds, Client.CallCount - before);
    }

    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Simulator.DisposeAsync();
    }
}
