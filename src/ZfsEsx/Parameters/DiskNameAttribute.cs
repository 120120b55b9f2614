using System.Collections;
using System.Management.Automation;
using ZfsEsx.Interop;

namespace ZfsEsx.Parameters;

/// <summary>Lets a parameter take disks from Get-ZfsDisk or their names.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class DiskNameAttribute : ArgumentTransformationAttribute
{
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? bare = Duck.Bare(inputData);
        object?[] items = bare is IEnumerable many and not string ? [.. many.Cast<object?>()] : [bare];
        return items.Select(Name).ToArray();
    }

    private static string Name(object? item) =>
        Duck.Bare(item) as string ?? Duck.Text(item, "Name")
        ?? throw new ArgumentTransformationMetadataException("'" + item + "' is neither a disk nor the name of one.");
}
