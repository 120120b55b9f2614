using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace ZfsEsx;

/// <summary>
/// The connections of one runspace: own vSphere connections and storage VMs by name, and clients that borrow PowerCLI's
/// sessions. Runspaces do not share them (a -Parallel block passes objects with $using:), and a table goes with its runspace.
/// </summary>
internal sealed partial class SessionTable
{
    private static readonly ConditionalWeakTable<Runspace, SessionTable> s_tables = new();

    /// <summary>The table of the runspace that runs on this thread.</summary>
    internal static SessionTable Current =>
        s_tables.GetOrCreateValue(Runspace.DefaultRunspace ?? throw new InvalidOperationException("No runspace on this thread."));
}
