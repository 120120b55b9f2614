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
/// "Performing the operation 'Action' on target 'Target'". Making a change calls nothing; only <see cref="ApplyAsync"/>
/// does.
/// </summary>
public sealed class Change
{
    private readonly Func<IReporter, CancellationToken, Task> _apply;

    /// <summary>Describes a step.</summary>
    /// <param name="target">
    /// The host or storage VM, and the thing on it: <c>vh0</c>, <c>uss1: sp1</c>. Changes of one target run one after
    /// the other.
    /// </param>
    /// <param name="action">What is done to it, in words: <c>Create pool sp1 from … with log …</c>.</param>
    /// <param name="apply">Does it. Must be safe to run again after an interruption.</param>
    /// <param name="risk">How much it can hurt.</param>
    /// <param name="stage">All changes of a lower stage have ended before those of a higher one start.</param>
    /// <param name="afterAll">Rests on all changes of lower stages, whatever their target.</param>
    public Change(
        string target,
        string action,
        Func<IReporter, CancellationToken, Task> apply,
        ChangeRisk risk = ChangeRisk.Safe,
        int stage = 0,
        bool afterAll = false)
    {
        Target = target;
        Action = action;
        _apply = apply;
        Risk = risk;
        Stage = stage;
        AfterAll = afterAll;
    }

    /// <summary>What is changed.</summary>
    public string Target { get; }

    /// <summary>What is done to it.</summary>
    public string Action { get; }

    /// <summary>How much it can hurt.</summary>
    public ChangeRisk Risk { get; }

    /// <summary>Order between targets: lower stages first.</summary>
    public int Stage { get; }

    /// <summary>True: not made when a change of a lower stage failed or was declined, whatever its target.</summary>
    public bool AfterAll { get; }

    /// <summary>Does it.</summary>
    public Task ApplyAsync(IReporter reporter, CancellationToken ct) => _apply(reporter, ct);

    /// <inheritdoc/>
    public override string ToString() => Target + ": " + Action;
}
