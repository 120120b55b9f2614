namespace ZfsEsx.Vim;

/// <summary>A task that the server works on.</summary>
/// <param name="Ref">The task.</param>
/// <param name="Target">The host or VM that it works on, for messages.</param>
/// <param name="Doing">What it does, in words.</param>
/// <param name="Vm">The VM that could stop it with a question.</param>
internal sealed record VimTask(MoRef Ref, string Target, string Doing, MoRef? Vm = null)
{
    public override string ToString() => Target + ": " + Doing + " (" + Ref.Value + ")";
}

/// <summary>How a task ended.</summary>
/// <param name="Task">The task.</param>
/// <param name="Result">What it made; nothing for most.</param>
/// <param name="Failure">Why it failed, or null.</param>
internal sealed record VimTaskResult(VimTask Task, VimValue Result, ZfsEsxException? Failure);
