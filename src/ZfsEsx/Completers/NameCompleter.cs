using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using ZfsEsx.Interop;
using ZfsEsx.Os;
using ZfsEsx.Vim;

namespace ZfsEsx.Completers;

/// <summary>
/// Completes names. A key press never fails, and never waits longer than <see cref="NameCache.LongestWait"/>.
/// </summary>
public abstract class NameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters)
    {
        string begun = (wordToComplete ?? "").Trim('\'', '"');
        try
        {
            return
            [
                .. Names(fakeBoundParameters ?? new Hashtable())
                    .Where(n => Wildcard.Matches(begun + "*", n)).Distinct(StringComparer.OrdinalIgnoreCase)
                    .OrderBy(n => n, StringComparer.OrdinalIgnoreCase)
                    .Select(n => new CompletionResult(Quote(n), n, CompletionResultType.ParameterValue, n)),
            ];
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Nothing to offer is no failure: PowerShell then completes file names.
            return [];
        }
    }

    private protected abstract IEnumerable<string> Names(IDictionary bound);

    /// <summary>What another parameter was given on the same line, as texts.</summary>
    private protected static string[] Given(IDictionary bound, string parameter) => Duck.Bare(bound[parameter]) switch
    {
        null => [],
        IEnumerable many and not string => [.. many.Cast<object?>().Select(Text)],
        object one => [Text(one)],
    };

    internal static string Quote(string name) =>
        name.Length > 0 && name[0] != '-' && name.All(c => char.IsLetterOrDigit(c) || c is '.' or '-' or '_' or '/')
            ? name
            : "'" + CodeGeneration.EscapeSingleQuotedStringContent(name) + "'";

    private static string Text(object? value) => Duck.Text(value, "Name") ?? value?.ToString() ?? "";
}

/// <summary>Names of storage VMs connected to.</summary>
public sealed class ZfsHostCompleter : NameCompleter
{
    private protected override IEnumerable<string> Names(IDictionary bound) =>
        SessionTable.Current.Hosts.Select(h => h.Name);
}

/// <summary>Names of own vSphere connections.</summary>
public sealed class ServerCompleter : NameCompleter
{
    private protected override IEnumerable<string> Names(IDictionary bound) =>
        SessionTable.Current.Servers.Select(s => s.Name);
}

/// <summary>
/// Names read from the servers in use: from those that -Server names, else from all. A session of PowerCLI takes part
/// once it has been used; a key press opens none.
/// </summary>
public abstract class InventoryCompleter : NameCompleter
{
    private protected sealed override IEnumerable<string> Names(IDictionary bound)
    {
        SessionTable sessions = SessionTable.Current;
        string[] servers = Given(bound, "Server");
        return sessions.Names.Get(
            sessions.Clients.Where(c =>
                servers.Length == 0 || servers.Contains(c.Name, StringComparer.OrdinalIgnoreCase)),
            GetType().Name,
            ReadAsync);
    }

    private protected abstract Task<IReadOnlyList<string>> ReadAsync(VimClient client, CancellationToken ct);
}

/// <summary>
/// Names read from the storage VMs: from those that the line names, else from all that are connected.
/// </summary>
public abstract class StorageVmCompleter : NameCompleter
{
    private protected sealed override IEnumerable<string> Names(IDictionary bound)
    {
        SessionTable sessions = SessionTable.Current;
        string[] hosts = Given(bound, "ZfsHost");
        return Offer(
            sessions.Names.Get(
                sessions.Hosts.Where(
                    h => hosts.Length == 0 || hosts.Contains(h.Name, StringComparer.OrdinalIgnoreCase)),
                GetType().Name,
                ReadAsync),
            bound);
    }

    /// <summary>What of that which was read fits the rest of the line.</summary>
    private protected virtual IEnumerable<string> Offer(IEnumerable<string> read, IDictionary bound) => read;

    private protected abstract Task<IReadOnlyList<string>> ReadAsync(ZfsHost host, CancellationToken ct);
}
