namespace ZfsEsx;

internal static class Targets
{
    /// <summary>Whether a change's target is a machine or something on it: <c>vh1</c>, <c>vh1: eSAN</c>.</summary>
    internal static bool IsOf(string target, string machine) =>
        target.StartsWith(machine, StringComparison.Ordinal)
        && (target.Length == machine.Length || target[machine.Length] is ':' or ' ' or '/');
}
