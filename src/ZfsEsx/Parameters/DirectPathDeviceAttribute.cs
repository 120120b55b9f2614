using System.Collections;
using System.Management.Automation;
using ZfsEsx.Interop;

namespace ZfsEsx.Parameters;

/// <summary>
/// A PCI device of a host as the pipeline brings it: from Get-VmDirectPath, or a copy of such an object.
/// </summary>
public sealed class DirectPathDevice
{
    internal DirectPathDevice(VimTarget host, string id)
    {
        VMHost = host;
        Id = id;
    }

    /// <summary>The host.</summary>
    public VimTarget VMHost { get; }

    /// <summary>PCI address.</summary>
    public string Id { get; }

    /// <inheritdoc/>
    public override string ToString() => VMHost + " " + Id;
}

/// <summary>Reads devices by their properties, so that copies and remote objects do as well.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class DirectPathDeviceAttribute : ArgumentTransformationAttribute
{
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? bare = Duck.Bare(inputData);
        object?[] items = bare is IEnumerable many and not string ? [.. many.Cast<object?>()] : [bare];
        return items.Select(Read).ToArray();
    }

    // It throws where the object is no device: only then does PowerShell try the parameter sets that take hosts.
    private static DirectPathDevice Read(object? item) => Duck.Bare(item) switch
    {
        DirectPathDevice device => device,
        object other when Duck.Text(other, "VMHostId") is not null && Duck.Text(other, "ClassId") is not null
            && Duck.Text(other, "Id") is string id => new DirectPathDevice(VimTarget.FromAny(other, VimKind.Host), id),
        _ => throw new ArgumentTransformationMetadataException("'" + item + "' is not a device from Get-VmDirectPath."),
    };
}
