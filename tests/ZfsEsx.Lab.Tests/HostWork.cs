using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Lab.Tests;

/// <summary>What tests do on a storage VM: <c>using static ZfsEsx.Lab.Tests.HostWork</c>.</summary>
internal static class HostWork
{
    /// <summary>Applies a plan, plans again, and proves that nothing is left to do.</summary>
    public static async Task<T> TwiceAsync<T>(Func<CancellationToken, Task<Plan<T>>> plan)
    {
        Plan<T> first = await plan(CancellationToken.None);
        Assert.NotEmpty(first.Changes);
        T result = await first.RunAsync(SilentReporter.Instance, CancellationToken.None);
        Assert.Empty((await plan(CancellationToken.None)).Changes);
        return result;
    }

    /// <summary>The refusal of a plan, which has this id.</summary>
    public static async Task<ZfsEsxException> RefusedAsync<T>(string id, Func<CancellationToken, Task<Plan<T>>> plan)
    {
        ZfsEsxException e = await Assert.ThrowsAsync<ZfsEsxException>(() => plan(CancellationToken.None));
        Assert.Equal(id, e.Id);
        return e;
    }

    /// <summary>Runs a command that must succeed.</summary>
    public static async Task<CommandResult> MustAsync(ZfsHost host, params string[] words)
    {
        RemoteCommand command = new(words) { Timeout = TimeSpan.FromMinutes(5) };
        CommandResult result = await host.RunAsync(command, CancellationToken.None);
        Assert.True(result.Succeeded, string.Join(' ', words) + ": " + result.Complaint);
        return result;
    }
}
