using System.Collections;
using System.Management.Automation;
using ZfsEsx.Interop;

namespace ZfsEsx.Parameters;

/// <summary>Lets a parameter take a vSphere object in any of its forms.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class VimTargetAttribute(string type) : ArgumentTransformationAttribute
{
    public string Type { get; } = type;

    /// <summary>The parameter takes one; the default is many.</summary>
    public bool Single { get; set; }

    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        VimKind kind = VimKind.Of(Type);
        VimTarget[] targets = [.. Items(Duck.Bare(inputData)).Select(item => VimTarget.FromAny(item, kind))];
        return !Single ? targets
            : targets.Length == 1 ? targets[0]
            : throw new ArgumentTransformationMetadataException("One is wanted here, not " + targets.Length + ".");
    }

    private static IEnumerable<object?> Items(object? input) =>
        input is IEnumerable many and not string and not IDictionary ? many.Cast<object?>() : [input];
}
