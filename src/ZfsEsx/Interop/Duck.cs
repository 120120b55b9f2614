using System.Management.Automation;

namespace ZfsEsx.Interop;

/// <summary>
/// Reads objects by property name, so that PowerCLI's objects, its views, copies made by Select-Object or remoting, and
/// our own are all the same to us. No VMware assembly is referenced: nothing to conflict with.
/// </summary>
internal static class Duck
{
    /// <summary>The value of a property without PowerShell's wrapping, or null.</summary>
    internal static object? Get(object? source, string property)
    {
        if (source is null)
        {
            return null;
        }

        try
        {
            return Bare(PSObject.AsPSObject(source).Properties[property]?.Value);
        }
        catch (GetValueInvocationException)
        {
            // A getter of someone else's object that talks to a server may fail: then the property is not there for us.
            return null;
        }
    }

    internal static string? Text(object? source, string property)
    {
        string? text = Get(source, property)?.ToString();
        return string.IsNullOrEmpty(text) ? null : text;
    }

    /// <summary>The object itself instead of its PSObject; a PSCustomObject is nothing without its PSObject.</summary>
    internal static object? Bare(object? value) =>
        value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value;
}
