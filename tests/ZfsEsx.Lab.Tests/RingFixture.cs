using System.Text;
using ZfsEsx.Lab.Demo;

namespace ZfsEsx.Lab.Tests;

/// <summary>
/// A lab with the ring of the demo on it, for all test classes that ask for it: <c>[Collection(Rings.Name)]</c>.
/// </summary>
public sealed class RingFixture : LabFixture
{
    private readonly StringBuilder output = new();
    private Task<RingReport>? ring;

    /// <summary>What building the ring printed.</summary>
    public string RingOutput => output.ToString();

    /// <summary>The ring, built by the first test that asks for it.</summary>
    internal Task<RingReport> RingAsync() =>
        ring ??= DemoCommand.BuildAsync(Lab, new DemoConsole(new StringWriter(output)), CancellationToken.None);
}

/// <summary>
/// The collection of all classes that share the ring. It runs after the others and by itself: four emulated machines
/// with NFS between them need the whole of this one, and a host's NFS client gives up on a server that is too slow.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Rings : ICollectionFixture<RingFixture>
{
    public const string Name = "ring";
}
