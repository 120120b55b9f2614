namespace ZfsEsx.Shell;

/// <summary>
/// A command as a list of words. Words are data: the shell on the other side never interprets them
/// (<see cref="ShellQuote"/> is the only place where text becomes shell syntax).
/// </summary>
public sealed class RemoteCommand
{
    /// <summary>A command and its arguments.</summary>
    public RemoteCommand(params string[] words)
        : this((IEnumerable<string>)words)
    {
    }

    /// <summary>A command and its arguments.</summary>
    public RemoteCommand(IEnumerable<string> words)
    {
        Words = words.ToArray();
        if (Words.Count == 0)
        {
            throw new ArgumentException("A command needs a name.", nameof(words));
        }
    }

    /// <summary>The command and its arguments.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>What the command reads from its standard input; nothing when null.</summary>
    public byte[]? Input { get; init; }

    /// <summary>How long it may take; a minute unless said otherwise.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// True when <see cref="Words"/> or <see cref="Input"/> carry a secret: they are then left out of every message.
    /// </summary>
    public bool Secret { get; init; }

    /// <summary>
    /// Gets every line of standard output as it comes, on another thread; <see cref="CommandResult.Output"/> is then
    /// empty.
    /// For long commands that tell how far they are.
    /// </summary>
    public Action<string>? OnLine { get; init; }

    /// <summary>
    /// A constant POSIX sh script with arguments, seen inside it as <c>$1</c>, <c>$2</c>… Never build
    /// <paramref name="script"/> from anything that a user or a system has said: pass that as an argument.
    /// </summary>
    public static RemoteCommand Script(string script, params string[] arguments) =>
        new(new[] { "sh", "-c", script, "sh" }.Concat(arguments));

    /// <inheritdoc/>
    public override string ToString() => Secret ? Words[0] + " …" : string.Join(" ", Words.Select(ShellQuote.Readable));
}
