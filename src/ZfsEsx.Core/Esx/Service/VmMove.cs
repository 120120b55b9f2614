using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>Where one VM goes, and what it must have reached.</summary>
internal sealed record VmMove
{
    public required ServiceVm Vm { get; init; }

    /// <summary>The datastore of these parts; no parts: its files stay.</summary>
    public string Datastore { get; init; } = string.Empty;

    public IReadOnlyList<VmPart> Parts { get; init; } = [];

    /// <summary>The host it goes to; null: it stays.</summary>
    public ServiceHost? Host { get; init; }

    /// <summary>The host that it must not be on any more; the default: it may be on any.</summary>
    public MoRef Leaves { get; init; }

    /// <summary>The move in few words, for progress.</summary>
    public string Doing => "Move to " + string.Join(", ",
        new[] { Parts.Count > 0 ? Datastore : null, Host?.Name }.Where(w => w is not null));

    public string FromHost { get; init; } = string.Empty;

    /// <summary>The pool, where the host is not of the same cluster.</summary>
    public MoRef? Pool { get; init; }

    /// <summary>Written to the VM before it is moved; empty: nothing.</summary>
    public string Note { get; init; } = string.Empty;

    /// <summary>Takes the note off the VM once it is there.</summary>
    public bool ClearsNote { get; init; }

    /// <summary>It is a template at its end, whatever it is now.</summary>
    public bool Template { get; init; }

    /// <summary>Somebody moves it already: that is waited for, and nothing else is begun.</summary>
    public MoRef? Awaits { get; init; }

    public bool Moves => Parts.Count > 0 || Host is not null;

    /// <summary>The parts of it that are not yet where they go, as the VM is now.</summary>
    public VmPart[] Left(ServiceVm now) =>
        [.. now.Parts.Where(p => Parts.Any(w => w.Key == p.Key && w.Datastore == p.Datastore))];

    /// <summary>Whether it has arrived; where it is moved by somebody else, whether it has left.</summary>
    public bool IsThere(ServiceVm now) => Left(now).Length == 0 && (Host is null || now.Host == Host.Ref);

    public override string ToString()
    {
        List<string> ways = [];
        if (Parts.Count > 0)
        {
            string what = Parts.Count == Vm.Parts.Count ? string.Empty
                : string.Join(" and ", Parts
                .Select(p => p.Key == VmPart.Home ? "its configuration" : "disk " + p.Key)) + " ";
            ways.Add(what + "from datastore " + string.Join(", ", Parts.Select(p => p.Datastore).Distinct()) + " to "
                + Datastore);
        }

        if (Host is not null)
        {
            ways.Add("from host " + FromHost + " to " + Host.Name);
        }

        string words = Awaits is MoRef task ? "Wait until its move that is under way (" + task.Value + ") has ended"
            : ways.Count > 0 ? "Move " + string.Join(" and ", ways) : string.Empty;
        string mark = Note.Length > 0 ? "note its home in it"
            : ClearsNote ? "take the note of its home off it" : string.Empty;
        string template = Template && !Vm.IsTemplate && !Moves ? "make it a template again" : string.Empty;
        string end = string.Join(", ", new[] { words, template, mark }.Where(w => w.Length > 0));
        return char.ToUpperInvariant(end[0]) + end.Substring(1);
    }

    /// <summary>
    /// The spec for the VM as it is now. Disks that stay are named, because the datastore means all of them.
    /// </summary>
    public Arg Spec(ServiceVm now, MoRef? target, IReadOnlyDictionary<string, MoRef> stores)
    {
        VmPart[] left = Left(now);
        bool home = left.Any(p => p.Key == VmPart.Home);
        IEnumerable<(string Key, MoRef Store)> disks = home
            ? now.Parts.Where(p => p.Key != VmPart.Home && !left.Contains(p)).Select(p => (p.Key, stores[p.Datastore]))
            : left.Select(p => (p.Key, target!.Value));
        return Arg.O(
            "spec",
            new Arg?[]
            {
                home ? Arg.E("datastore", target!.Value) : null,
                Pool is MoRef pool && Host is not null ? Arg.E("pool", pool) : null,
                Host is not null && now.Host != Host.Ref ? Arg.E("host", Host.Ref) : null,
            }
            .Concat(disks.Select(d => (Arg?)Arg.O("disk", Arg.E("diskId", d.Key), Arg.E("datastore", d.Store)))));
    }
}
