using ZfsEsx.Lab;

namespace ZfsEsx.Lab.Tests;

/// <summary>One lab for all test classes that ask for it: <c>[Collection(LabTests.Name)]</c>.</summary>
public sealed class LabFixture : IAsyncLifetime
{
    private Lab? lab;

    /// <summary>The running lab.</summary>
    public Lab Lab => lab ?? throw new InvalidOperationException("The lab is not up.");

    public async Task InitializeAsync()
    {
        string name = "test-" + Environment.ProcessId;
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
}

/// <summary>The collection of all classes that share the lab.</summary>
[CollectionDefinition(Name)]
public sealed class LabTests : ICollectionFixture<LabFixture>
{
    public const string Name = "lab";
}
