namespace ZfsEsx;

/// <summary>What kind of failure it is; the cmdlets map it to a PowerShell error category.</summary>
public enum FailureKind
{
    /// <summary>An argument is wrong in itself: a bad name, a bad address, two arguments that contradict.</summary>
    InvalidArgument,

    /// <summary>The thing named does not exist.</summary>
    NotFound,

    /// <summary>The name is taken by something else.</summary>
    AlreadyExists,

    /// <summary>
    /// The thing is in use, and using it otherwise would harm: a disk with a pool, a boot controller.
    /// </summary>
    InUse,

    /// <summary>The state of the system does not allow it now: powered on, not in maintenance mode.</summary>
    InvalidState,

    /// <summary>User name, password, key or privilege refused.</summary>
    PermissionDenied,

    /// <summary>The other side is not who it was: host key or certificate differs from the known one.</summary>
    NotTrusted,

    /// <summary>The system cannot be reached, or the connection ended in the middle.</summary>
    Connection,

    /// <summary>Nothing happened within the time allowed.</summary>
    Timeout,

    /// <summary>This system lacks the ability.</summary>
    NotSupported,

    /// <summary>A full disk, a limit, too little memory.</summary>
    LimitReached,

    /// <summary>The system tried and failed; the message carries its words.</summary>
    Failed,
}

/// <summary>
/// The one exception of ZfsEsx. <see cref="Exception.Message"/> names the thing and what was found;
/// <see cref="Advice"/> says what to do next; the cause is kept in <see cref="Exception.InnerException"/>.
/// </summary>
public sealed class ZfsEsxException : Exception
{
    /// <summary>Makes a failure.</summary>
    /// <param name="id">
    /// Stable name of this failure, as in <c>DeviceInUse</c>: PowerShell's FullyQualifiedErrorId begins with it.
    /// </param>
    /// <param name="kind">What kind of failure it is.</param>
    /// <param name="target">The host, device, disk, pool or file system it is about.</param>
    /// <param name="message">What was found, naming the thing. One or two sentences.</param>
    /// <param name="advice">What to do next, as a sentence that names the command or switch.</param>
    /// <param name="cause">The underlying exception, if any.</param>
    public ZfsEsxException(
        string id, FailureKind kind, string target, string message, string? advice = null, Exception? cause = null)
        : base(message, cause)
    {
        Id = id;
        Kind = kind;
        Target = target;
        Advice = advice;
    }

    /// <summary>Stable name of this failure.</summary>
    public string Id { get; }

    /// <summary>What kind of failure it is.</summary>
    public FailureKind Kind { get; }

    /// <summary>The thing it is about.</summary>
    public string Target { get; }

    /// <summary>What to do next, or null where the message says all.</summary>
    public string? Advice { get; }

    /// <summary>Message and advice in one text, as a person would read it.</summary>
    public string Text => Advice is null ? Message : Message + " " + Advice;
}
