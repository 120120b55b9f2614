using System.Management.Automation;

namespace ZfsEsx;

/// <summary>The only place where an error becomes PowerShell's.</summary>
internal static class ErrorRecords
{
    // From 7.5 on PowerShell shows the recommended action by itself; before, it has to be part of the text.
    private static readonly bool s_adviceIsShown = typeof(PSObject).Assembly.GetName().Version >= new Version(7, 5);

    /// <summary>
    /// A failure as an error record. Its target object is what the failure is about; its recommended action is the
    /// advice.
    /// </summary>
    /// <param name="failure">What went wrong. Anything but a <see cref="ZfsEsxException"/> is wrapped in one.</param>
    /// <param name="target">What was worked on, for failures that do not say it themselves.</param>
    /// <param name="notTried">Steps that were left out because of the failure.</param>
    internal static ErrorRecord ToErrorRecord(this Exception failure, string target, params string[] notTried)
    {
        ZfsEsxException known = Known(failure, target);
        string text = known.Message;
        if (notTried.Length > 0)
        {
            text += " Not tried: " + string.Join("; ", notTried) + ".";
        }

        if (!s_adviceIsShown && known.Advice is not null)
        {
            text += " " + known.Advice;
        }

        string subject = known.Target.Length > 0 ? known.Target : target;
        return new ErrorRecord(known, known.Id, Category(known.Kind), subject)
        {
            ErrorDetails = new ErrorDetails(text) { RecommendedAction = known.Advice ?? "" },
        };
    }

    internal static ErrorCategory Category(FailureKind kind) => kind switch
    {
        FailureKind.InvalidArgument => ErrorCategory.InvalidArgument,
        FailureKind.NotFound => ErrorCategory.ObjectNotFound,
        FailureKind.AlreadyExists => ErrorCategory.ResourceExists,
        FailureKind.InUse => ErrorCategory.ResourceBusy,
        FailureKind.InvalidState => ErrorCategory.InvalidOperation,
        FailureKind.PermissionDenied => ErrorCategory.PermissionDenied,
        FailureKind.NotTrusted => ErrorCategory.SecurityError,
        FailureKind.Connection => ErrorCategory.ConnectionError,
        FailureKind.Timeout => ErrorCategory.OperationTimeout,
        FailureKind.NotSupported => ErrorCategory.NotImplemented,
        FailureKind.LimitReached => ErrorCategory.LimitsExceeded,
        FailureKind.Failed => ErrorCategory.NotSpecified,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown kind of failure."),
    };

    internal static ZfsEsxException Known(Exception failure, string target)
    {
        Exception inner = failure;
        while (inner is AggregateException { InnerExceptions.Count: 1 } one)
        {
            inner = one.InnerExceptions.Single();
        }

        return inner as ZfsEsxException
            ?? new ZfsEsxException(
                "Unexpected", FailureKind.Failed, target, target + ": " + inner.Message, cause: inner);
    }
}
