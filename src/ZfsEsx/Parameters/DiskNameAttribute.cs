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
        return items.Select(Disk).ToArray();
    }

    private static DiskName Disk(object? item) =>
        Duck.Bare(item) is DiskName disk ? disk
        : Duck.Bare(item) is string text ? new DiskName(text, null)
        : Duck.Text(item, "Name") is string name ? new DiskName(name, Duck.Text(item, "ZfsHost"))
        : throw new ArgumentTransformationMetadataException("'" + item + "' is neither a disk nor the name of one.");
}
