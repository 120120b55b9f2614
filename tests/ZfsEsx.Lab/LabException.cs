namespace ZfsEsx.Lab;

/// <summary>The lab cannot do what it was asked; the message says why and, where it helps, what to do.</summary>
public sealed class LabException : Exception
{
    /// <summary>A failure in words.</summary>
    public LabException(string message)
        : base(message)
    {
    }

    /// <summary>A failure in words, with what caused it.</summary>
    public LabException(string message, Exception cause)
        : base(message, cause)
    {
    }
}
