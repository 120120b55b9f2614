using System.Collections;
using System.Management.Automation;
using ZfsEsx.Interop;
using ZfsEsx.Zfs;

namespace ZfsEsx.Parameters;

/// <summary>
/// Lets a parameter take clients of a share by name, <c>vh1-nas</c>, or with the address that must stand behind the
/// name: <c>@{ 'vh1-nas' = '10.99.0.101' }</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class NfsClientAttribute : ArgumentTransformationAttribute
{
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) => Read(inputData).ToArray();

    internal static IEnumerable<NfsClient> Read(object? input) => Duck.Bare(input) switch
    {
        NfsClient client => [client],
        string name => [new NfsClient(name)],
        IDictionary addresses => addresses.Cast<DictionaryEntry>()
            .Select(e => new NfsClient(e.Key.ToString()!, Duck.Bare(e.Value)?.ToString())),
        IEnumerable many => many.Cast<object?>().SelectMany(Read),
        object other when Duck.Text(other, "Name") is string name => [new NfsClient(name, Duck.Text(other, "Address"))],
        _ => throw new ArgumentTransformationMetadataException("'" + input + "' is not the name of a client."),
    };
}
