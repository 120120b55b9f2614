namespace ZfsEsx.Build;

/// <summary>
/// One step of a build: what it is, how to do it by hand with the cmdlets, and the plan that does it.
/// </summary>
/// <param name="Title">What it achieves.</param>
/// <param name="CommandLine">The same as lines of PowerShell.</param>
/// <param name="PlanAsync">
/// Looks at the systems and says what is to be done; what it reads back is the step's result.
/// </param>
public sealed record BuildStep(string Title, string CommandLine, Func<CancellationToken, Task<Plan<object>>> PlanAsync);
