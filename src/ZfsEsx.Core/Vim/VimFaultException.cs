namespace ZfsEsx.Vim;

/// <summary>
/// What a vSphere server answered instead of a result. Always the cause of a <see cref="ZfsEsxException"/>, never
/// thrown alone.
/// </summary>
public sealed class VimFaultException : Exception
{
    internal VimFaultException(string faultType, string message, VimValue detail)
        : base(message.Trim().Length > 0 ? message.Trim() : faultType)
    {
        FaultType = faultType;
        Detail = detail;
    }

    /// <summary>The vim25 type of the fault: <c>InvalidState</c>, <c>ResourceInUse</c>.</summary>
    public string FaultType { get; }

    internal VimValue Detail { get; }
}
