using System.Collections;
using System.Management.Automation;
using ZfsEsx.Esx;
using ZfsEsx.Interop;
using ZfsEsx.Parameters;
using ZfsEsx.Vim;

namespace ZfsEsx;

/// <summary>From what the user says to the objects of each connection.</summary>
public abstract partial class VimCommand
{
    /// <summary>
    /// The targets by connection. Those of which no connection or no object is found, or more than one, are errors of
    /// their own. Names are looked up together, once on each server.
    /// </summary>
    private protected IReadOnlyList<VimGroup> Locate(IEnumerable<VimTarget> targets) =>
        Locate([.. targets], wildcards: false);

    /// <summary>
    /// As <see cref="Locate(IEnumerable{VimTarget})"/>, for cmdlets that only read: wildcards are names of many, and
    /// where the parameter is not used at all, everything is meant.
    /// </summary>
    private protected IReadOnlyList<VimGroup> LocateToRead(
        IReadOnlyList<VimTarget> targets, string type, string parameter) =>
        Locate(IsLeftOut(parameter) ? [VimTarget.All(type)] : targets, wildcards: true);

    /// <summary>The reference of a target on a connection already chosen.</summary>
    /// <exception cref="ZfsEsxException">It is not there, or it is on another server.</exception>
    private protected static async Task<MoRef> ResolveAsync(VimClient client, VimTarget target, CancellationToken ct)
    {
        target.ThrowIfWrong();
        ServerCandidate.ThrowIfElsewhere(target.Source, target.ToString(), client);
        return target.Value is string value
            ? new MoRef(target.Type, value)
            : (await Inventory.ResolveAsync(client, target.Type, [target.Name!], ct).ConfigureAwait(false))[0];
    }

    private protected IReadOnlyList<VimGroup> Locate(IReadOnlyList<VimTarget> targets, bool wildcards)
    {
        List<ServerCandidate> servers = Candidates();
        List<(VimTarget Target, IReadOnlyList<ServerCandidate> Servers)> fitting = [];
        foreach (VimTarget target in targets)
        {
            Try(target, () => fitting.Add((target, Fitting(target, servers))));
        }

        List<Place> places = [];
        foreach ((ServerCandidate server, Task<Place> place) in RunEach(
            fitting.SelectMany(f => f.Servers).Distinct(),
            (s, _, ct) => LookAsync(
                s, fitting.FirstOrDefault(f => f.Target.Value is null && f.Servers.Contains(s)).Target, ct)))
        {
            if (place.IsFaulted)
            {
                WriteError(place.Exception!.ToErrorRecord(server.Name));
            }
            else
            {
                places.Add(place.Result);
            }
        }

        foreach ((VimTarget target, IReadOnlyList<ServerCandidate> fit) in fitting)
        {
            Place[] here = [.. places.Where(p => fit.Contains(p.Server))];

            // Where a server did not answer, a name found on another may be there as well.
            if (here.Length == fit.Count || (wildcards && target.HasWildcards))
            {
                Try(target, () => Find(target, here, wildcards));
            }
        }

        return [.. places.Select(p => p.Group).Where(g => g.Found.Count > 0)];
    }

    private static IReadOnlyList<ServerCandidate> Fitting(VimTarget target, IReadOnlyList<ServerCandidate> servers)
    {
        target.ThrowIfWrong();
        IReadOnlyList<ServerCandidate> fit = ServerCandidate.Fitting(target.Source, target.ToString(), servers);

        // Ids are counted anew on each server: the same one is something else on the next.
        return target.Value is null || fit.Count == 1 ? fit : throw ServerCandidate.Ambiguous(target.ToString(), fit);
    }

    private async Task<Place> LookAsync(ServerCandidate server, VimTarget? named, CancellationToken ct)
    {
        VimClient client = await Sessions.ClientOfAsync(server, ct).ConfigureAwait(false);
        return new Place(
            server, new VimGroup(client),
            named is null ? [] : await Inventory.GetNamesAsync(client, named.Type, ct).ConfigureAwait(false));
    }

    private static void Find(VimTarget target, IReadOnlyList<Place> places, bool wildcards)
    {
        if (target.Value is string value)
        {
            places[0].Group.Add(target, new MoRef(target.Type, value));
            return;
        }

        string name = target.Name!;
        Place[] having = [.. places.Where(p => p.Known.Any(k => Inventory.Same(k.Name, name)))];
        if (having.Length > 1)
        {
            throw ServerCandidate.Ambiguous(name, having.Select(p => p.Server));
        }

        if (having.Length == 0 && wildcards && target.HasWildcards)
        {
            WildcardPattern pattern = new(name, WildcardOptions.IgnoreCase);
            foreach (Place place in places)
            {
                foreach ((MoRef reference, string known) in place.Known
                    .Where(k => pattern.IsMatch(VimName.Unescape(k.Name))))
                {
                    place.Group.Add(target, reference);
                }
            }

            return;
        }

        if (having.Length == 0 && target.HasWildcards)
        {
            throw new ZfsEsxException(
                "ObjectNotFound", FailureKind.NotFound, name, "There is nothing called '" + name + "'.",
                "Only cmdlets that read take wildcards. Name each one, or pipe the objects that you mean.");
        }

        Place home = having.Length == 1 ? having[0] : places[0];
        IReadOnlyList<(MoRef, string)> all = having.Length == 1 ? home.Known : [.. places.SelectMany(p => p.Known)];
        string servers = string.Join(", ", places.Select(p => p.Group.Client.Name));
        home.Group.Add(target, Inventory.Pick(target.Type, name, all, servers));
    }

    private protected bool IsConnected => Candidates().Count > 0;

    private List<ServerCandidate> Candidates()
    {
        object? variable = Duck.Bare(SessionState.PSVariable.GetValue("global:DefaultVIServers"))
            ?? Duck.Bare(SessionState.PSVariable.GetValue("global:DefaultVIServer"));
        IEnumerable<object?> theirs = variable is IEnumerable many and not string ? many.Cast<object?>() : [variable];
        ILookup<bool, ServerCandidate> ours = Sessions.Servers.Select(s => ServerCandidate.From(s))
            .OfType<ServerCandidate>().ToLookup(c => c.Own!.OwnSession);

        // A session that was borrowed earlier comes last: PowerCLI may have logged in again since.
        List<ServerCandidate> all =
            [.. ours[true], .. theirs.Select(ServerCandidate.From).OfType<ServerCandidate>(), .. ours[false]];
        if (Server is null)
        {
            return all;
        }

        ServerCandidate? chosen = Duck.Bare(Server) is string name
            ? ServerCandidate.ByName(name, all)
            : ServerCandidate.From(Server);
        return chosen is not null
            ? [chosen]
            : throw new ZfsEsxException(
                "NotConnected", FailureKind.NotFound, Server.ToString(), "There is no connection to '" + Server + "'.",
                "Connect with Connect-VIServer or Connect-ZfsEsxServer.");
    }

    private void Try(VimTarget target, Action step)
    {
        try
        {
            step();
        }
        catch (ZfsEsxException failure)
        {
            WriteError(failure.ToErrorRecord(target.ToString()));
        }
    }

    /// <summary>A server with what is called how on it.</summary>
    private sealed record Place(ServerCandidate Server, VimGroup Group, IReadOnlyList<(MoRef Ref, string Name)> Known);
}
