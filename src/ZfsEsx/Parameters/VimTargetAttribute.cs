using System;
using System.Collections;
using System.Collections.Generic;
using System.Management.Automation;
using ZfsEsx.Interop;

namespace ZfsEsx.Parameters;

/// <summary>Lets a parameter take a vSphere object in any of its forms.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class VimTargetAttribute(string type) : ArgumentTransformationAttribute
{
    public string Type { get; } = type;

    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        VimKind kind = VimKind.Of(Type);
        List<VimTarget> targets = [];
        try
        {
            foreach (object? item in Items(Duck.Bare(inputData)))
            {
                targets.Add(VimTarget.From(item, kind));
            }
        }
        catch (ZfsEsxException e)
        {
            throw new ArgumentTransformationMetadataException(e.Text, e);
        }

        return targets.ToArray();
    }

    private static IEnumerable Items(object? input) =>
        input is IEnumerable many and not string and not IDictionary ? many : new[] { input };
}
