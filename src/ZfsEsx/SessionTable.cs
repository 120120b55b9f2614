using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using ZfsEsx.Os;

namespace ZfsEsx;

/// <summary>
/// The connections of one runspace: own vSphere connections and storage VMs by name, and clients that borrow PowerCLI's
/// sessions. Runspaces do not share them (a -Parallel block passes objects with $using:), and a table goes with its
/// runspace.
/// </summary>
internal sealed partial class SessionTable
{
    private static readonly ConditionalWeakTable<Runspace, SessionTable> s_tables = new();

    private readonly object _lock = new();
    private readonly List<ZfsHost> _hosts = [];

    /// <summary>The table of the runspace that runs on this thread.</summary>
    internal static SessionTable Current =>
        s_tables.GetOrCreateValue(
            Runspace.DefaultRunspace ?? throw new InvalidOperationException("No runspace on this thread."));

    /// <summary>The storage VMs connected to, in the order in which they were.</summary>
    internal IReadOnlyList<ZfsHost> Hosts
    {
        get
        {
            lock (_lock)
            {
                return [.. _hosts];
            }
        }
    }

    internal ZfsHost? FindHost(string name) => Hosts.FirstOrDefault(h => Same(h.Name, name));

    /// <summary>Takes a storage VM in; one of the same name is closed.</summary>
    internal void Add(ZfsHost host)
    {
        ZfsHost? old = FindHost(host.Name);
        lock (_lock)
        {
            _hosts.Remove(old!);
            _hosts.Add(host);
        }

        old?.Dispose();
    }

    internal void Remove(ZfsHost host)
    {
        lock (_lock)
        {
            _hosts.Remove(host);
        }

        host.Dispose();
    }

    private static bool Same(string left, string right) =>
        string.Equals(left, right, StringComparison.OrdinalIgnoreCase);
}
