using Xunit.Abstractions;

[assembly: TestCollectionOrderer("ZfsEsx.Lab.Tests.LongestFirst", "ZfsEsx.Lab.Tests")]

namespace ZfsEsx.Lab.Tests;

/// <summary>The tests on guests take longest: begun first, they run beside all others instead of after them.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderByDescending(c => c.DisplayName == LabTests.Name);
}
