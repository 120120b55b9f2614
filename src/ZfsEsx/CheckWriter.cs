using System.Management.Automation;

namespace ZfsEsx;

/// <summary>
/// Writes checks of storage VMs, or with -Quiet one value for each: true only where something was checked and nothing
/// failed.
/// </summary>
/// <param name="cmdlet">The cmdlet.</param>
/// <param name="quiet">Whether it is -Quiet.</param>
/// <param name="failed">Whether a check has failed.</param>
/// <param name="notFound">The error about a name that is not on storage VMs: their names, and the name.</param>
internal sealed class CheckWriter<T>(
    Cmdlet cmdlet, bool quiet, Func<T, bool> failed, Func<string, string, ZfsEsxException> notFound)
{
    private readonly List<string> _hosts = [];
    private bool _anyFaulted;
    private bool _written;

    /// <summary>Writes what a storage VM answered.</summary>
    /// <param name="host">The storage VM.</param>
    /// <param name="answer">Its checks.</param>
    /// <param name="wanted">Which of them are meant.</param>
    /// <param name="named">What was named, each with what the checks show to be there.</param>
    public void Write(
        string host, Task<IReadOnlyList<T>> answer, Func<T, bool> wanted,
        params (NamedThings Named, Func<IReadOnlyList<T>, IEnumerable<string>> There)[] named)
    {
        _hosts.Add(host);
        if (answer.IsFaulted)
        {
            _anyFaulted = true;
            cmdlet.WriteError(answer.Exception!.ToErrorRecord(host));
            Say(false);
            return;
        }

        T[] checks = [.. answer.Result.Where(wanted)];
        string[] missing = [.. named.SelectMany(n => n.Named.Missing(n.There(answer.Result)))];
        foreach (string name in missing)
        {
            cmdlet.WriteError(notFound(host, name).ToErrorRecord(host));
        }

        if (!quiet)
        {
            cmdlet.WriteObject(checks, enumerateCollection: true);
        }
        else if (checks.Length > 0 || !named.Any(n => n.Named.MayBeElsewhere))
        {
            Say(checks.Length > 0 && missing.Length == 0 && !checks.Any(failed));
        }
    }

    /// <summary>Says what was found nowhere. A storage VM that did not answer may have it.</summary>
    public void End(params NamedThings[] named)
    {
        string[] nowhere = _anyFaulted ? [] : [.. named.SelectMany(n => n.Nowhere())];
        foreach (string name in nowhere)
        {
            cmdlet.WriteError(notFound(string.Join(", ", _hosts), name).ToErrorRecord(name));
        }

        if (nowhere.Length > 0 || !_written)
        {
            Say(false);
        }
    }

    private void Say(bool good)
    {
        _written = true;
        if (quiet)
        {
            cmdlet.WriteObject(good);
        }
    }
}
