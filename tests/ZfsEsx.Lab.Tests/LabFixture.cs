namespace ZfsEsx.Lab.Tests;

/// <summary>One lab for all test classes that ask for it: <c>[Collection(LabTests.Name)]</c>.</summary>
public class LabFixture : IAsyncLifetime
{
    private const string Prefix = "test-";

    private Lab? lab;

    /// <summary>The running lab.</summary>
    public Lab Lab => lab ?? throw new InvalidOperationException("The lab is not up.");

    public async Task InitializeAsync()
    {
        await EndAbandonedAsync();
        string name = Prefix + Environment.ProcessId;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => lab?.DownAsync().Wait(TimeSpan.FromSeconds(30));
        lab = await Lab.UpAsync(new LabOptions { Name = name }, Console.WriteLine, CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        if (lab is { } running)
        {
            lab = null;
            await running.DownAsync();
        }
    }

    // a run that was killed could not take its lab down
    private static async Task EndAbandonedAsync()
    {
        foreach (string name in Lab.Names().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            if (int.TryParse(name[Prefix.Length..], out int id) && !Directory.Exists("/proc/" + id))
            {
                await Lab.DownAsync(name, Console.WriteLine, CancellationToken.None);
            }
        }
    }
}

/// <summary>The collection of all classes that share the lab.</summary>
[CollectionDefinition(Name)]
public sealed class LabTests : ICollectionFixture<LabFixture>
{
    public const string Name = "lab";
}
