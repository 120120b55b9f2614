namespace ZfsEsx;

/// <summary>How much a change can hurt; decides whether PowerShell asks by itself.</summary>
public enum ChangeRisk
{
    /// <summary>Adds or adjusts something; nothing that works now stops working.</summary>
    Safe,

    /// <summary>Something stops for a while: a reboot, a power-off, a remount.</summary>
    Disruptive,

    /// <summary>Data or access to it can be lost.</summary>
    DataLoss,
}

/// <summary>
/// One step that alters a system. <see cref="Target"/> and <see cref="Action"/> read as a sentence in <c>-WhatIf</c>:
/// "Performing the operation 'Action' on target 'Target'". Making a change calls nothing; only <see cref="ApplyAsync"/> does.
/// </summary>
public sealed class Change
{
    private readonly Func<IReporter, CancellationToken, Task> _apply;

    /// <summary>Describes a step.</summary>
    /// <param name="target">The host or storage VM, and the thing on it: <c>vh0</c>, <c>uss1: sp1</c>. Changes of one target run one after the other.</param>
    /// <param name="action">What is done to it, in words: <c>Create pool sp1 from … with log …</c>.</param>
    /// <param name="apply">Does it. Must be safe to run again after an interruption.</param>
    /// <param name="risk">How much it can hurt.</param>
    /// <param name="stage">All changes of a lower stage have ended before those of a higher one start.</param>
    public Change(
        string target,
        string action,
        Func<IReporter, CancellationToken, Task> apply,
        ChangeRisk risk = ChangeRisk.Safe,
        int stage = 0)
    {
        Target = target;
        Action = action;
        _apply = apply;
        Risk = risk;
        Stage = stage;
    }

    /// <summary>What is changed.</summary>
    public string Target { get; }

    /// <summary>What is done to it.</summary>
    public string Action { get; }

    /// <summary>How much it can hurt.</summary>
    public ChangeRisk Risk { get; }

    /// <summary>Order between targets: lower stages first.</summary>
    public int Stage { get; }

    /// <summary>
    /// Waits for the end of what <see cref="ApplyAsync"/> only starts; the same object for all changes that are waited for
    /// together. Such a change is the last of its target in its stage.
    /// </summary>
    internal ISharedWait? Wait { get; init; }

    /// <summary>Does it.</summary>
    public Task ApplyAsync(IReporter reporter, CancellationToken ct) => _apply(reporter, ct);

    /// <inheritdoc/>
    public override string ToString() => Target + ": " + Action;
}

/// <summary>Waits at once for what several changes have started.</summary>
internal interface ISharedWait
{
    /// <summary>Waits for the changes given, and for no others.</summary>
    /// <returns>Those that failed, each with its cause.</returns>
    Task<IReadOnlyList<(Change Change, Exception Cause)>> WaitAsync(
        IReadOnlyList<Change> started, IReporter reporter, CancellationToken ct);
}
