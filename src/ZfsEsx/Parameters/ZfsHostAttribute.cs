using System.Collections;
using System.Management.Automation;
using ZfsEsx.Interop;
using ZfsEsx.Os;

namespace ZfsEsx.Parameters;

/// <summary>
/// Lets a parameter take a storage VM as the object from Connect-ZfsHost, by its name, or as anything that says which
/// storage VM it is of (a disk, a pool, a share).
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ZfsHostAttribute : ArgumentTransformationAttribute
{
    /// <summary>The parameter takes one; the default is many.</summary>
    public bool Single { get; set; }

    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        try
        {
            ZfsHost[] hosts = [.. Items(Duck.Bare(inputData)).Select(Resolve)];
            return !Single ? hosts
                : hosts.Length == 1 ? hosts[0]
                : throw new ZfsEsxException(
                    "OneStorageVm", FailureKind.InvalidArgument, "ZfsHost",
                    "One storage VM is wanted here, not " + hosts.Length + ".",
                    "Name one; for several repeat the command with each.");
        }
        catch (ZfsEsxException e)
        {
            throw new ArgumentTransformationMetadataException(e.Text, e);
        }
    }

    /// <summary>The open connection that an object or a name means.</summary>
    internal static ZfsHost Resolve(object? input)
    {
        object? bare = Duck.Bare(input);
        if (bare is ZfsHost host)
        {
            return host;
        }

        string name = bare as string ?? Duck.Text(bare, "ZfsHost") ?? Duck.Text(bare, "Name") ?? "";
        return SessionTable.Current.FindHost(name)
            ?? throw new ZfsEsxException(
                "NotConnected", FailureKind.NotFound, name,
                "There is no connection to a storage VM called '" + name + "'.",
                "Open one with Connect-ZfsHost -Name " + (name.Length > 0 ? name : "uss1")
                    + "; Get-ZfsHost lists those that are open.");
    }

    private static IEnumerable<object?> Items(object? input) =>
        input is IEnumerable many and not string ? many.Cast<object?>() : [input];
}
