using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace ZfsEsx.Completers;

/// <summary>Completes from names at hand. Nothing is asked over the network: a key press must not wait for one.</summary>
public abstract class NameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        WildcardPattern pattern = new((wordToComplete ?? "").Trim('\'', '"') + "*", WildcardOptions.IgnoreCase);
        return Names().Where(pattern.IsMatch)
            .Select(name => new CompletionResult(Quote(name), name, CompletionResultType.ParameterValue, name));
    }

    private protected abstract IEnumerable<string> Names();

    internal static string Quote(string name) =>
        name.All(c => char.IsLetterOrDigit(c) || c is '.' or '-' or '_')
            ? name
            : "'" + CodeGeneration.EscapeSingleQuotedStringContent(name) + "'";
}

/// <summary>Names of storage VMs connected to.</summary>
public sealed class ZfsHostCompleter : NameCompleter
{
    private protected override IEnumerable<string> Names() => SessionTable.Current.Hosts.Select(h => h.Name);
}

/// <summary>Names of own vSphere connections.</summary>
public sealed class ServerCompleter : NameCompleter
{
    private protected override IEnumerable<string> Names() => SessionTable.Current.Servers.Select(s => s.Name);
}
