using System.Collections;
using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Esx;
using ZfsEsx.Interop;
using ZfsEsx.Parameters;
using ZfsEsx.Vim;

namespace ZfsEsx;

/// <summary>
/// A cmdlet that works on vSphere objects: what the pipeline brings is sorted by connection, names are looked up
/// together, and each connection is worked on in one go.
/// </summary>
public abstract class VimCommand : ZfsEsxCommand
{
    [Parameter]
    [ArgumentCompleter(typeof(ServerCompleter))]
    public PSObject? Server { get; set; }

    [Parameter]
    [ValidateRange(1, 64)]
    public int ThrottleLimit { get; set; } = 16;

    private protected override int Throttle => ThrottleLimit;

    /// <summary>The targets by connection. Those of which no connection or no object is found are errors of their own.</summary>
    private protected IReadOnlyList<VimGroup> Locate(IEnumerable<VimTarget> targets)
    {
        List<ServerCandidate> servers = Candidates();
        List<(VimTarget Target, ServerCandidate Server)> chosen = [];
        foreach (VimTarget target in targets)
        {
            try
            {
                target.ThrowIfWrong();
                chosen.Add((target, ServerCandidate.Choose(target.Source, target.ToString(), servers)));
            }
            catch (ZfsEsxException failure)
            {
                WriteError(failure.ToErrorRecord(target.ToString()));
            }
        }

        List<VimGroup> groups = [];
        foreach ((var group, Task<VimGroup> located) in RunEach(
            chosen.GroupBy(c => c.Server, c => c.Target), (g, _, ct) => LocateAsync(g.Key, [.. g], ct)))
        {
            if (located.IsFaulted)
            {
                WriteError(located.Exception!.ToErrorRecord(group.Key.Name));
                continue;
            }

            foreach (ZfsEsxException failure in located.Result.Failures)
            {
                WriteError(failure.ToErrorRecord(failure.Target));
            }

            if (located.Result.Found.Count > 0)
            {
                groups.Add(located.Result);
            }
        }

        return groups;
    }

    /// <summary>The reference of a target on a connection already chosen.</summary>
    private protected static async Task<MoRef> ResolveAsync(VimClient client, VimTarget target, CancellationToken ct)
    {
        target.ThrowIfWrong();
        return target.Value is string value
            ? new MoRef(target.Type, value)
            : (await Inventory.ResolveAsync(client, target.Type, [target.Name!], ct).ConfigureAwait(false))[0];
    }

    /// <summary>Marks output with its connection, so that it finds the way back when there are several.</summary>
    private protected static object Tag(object item, VimClient client)
    {
        PSObject tagged = PSObject.AsPSObject(item);
        if (tagged.Properties["Server"] is null)
        {
            tagged.Properties.Add(new PSNoteProperty("Server", client.Name));
        }

        return tagged;
    }

    /// <summary>Writes the items of each connection, marked.</summary>
    private protected void WriteFromEach<T>(
        IEnumerable<VimGroup> groups, Func<VimGroup, CancellationToken, Task<IReadOnlyList<T>>> read, Func<T, bool> wanted)
        where T : class
    {
        foreach ((VimGroup group, Task<IReadOnlyList<T>> answer) in RunEach(groups, (g, _, ct) => read(g, ct)))
        {
            if (answer.IsFaulted)
            {
                WriteError(answer.Exception!.ToErrorRecord(group.Client.Name));
            }
            else
            {
                WriteObject(answer.Result.Where(wanted).Select(i => Tag(i, group.Client)), enumerateCollection: true);
            }
        }
    }

    /// <summary>
    /// Plans, asks, changes and reads back, one plan for each connection. Items of hosts or VMs where something failed or
    /// was declined are left out of the result; the others are given.
    /// </summary>
    private protected void ApplyToEach<T>(
        IEnumerable<VimGroup> groups,
        Func<VimGroup, CancellationToken, Task<Plan<IReadOnlyList<T>>>> plan,
        Func<T, string> targetOf,
        bool output)
        where T : class
    {
        Operation<IReadOnlyList<T>>[] operations =
        [
            .. groups.Select(group => new Operation<IReadOnlyList<T>>(
                group.Client.Name,
                async (_, ct) => Tagged(await plan(group, ct).ConfigureAwait(false), group.Client),
                output,
                (items, left) => [.. items.Where(i => !left.Any(target => Targets.IsOf(target, targetOf(i))))])),
        ];
        foreach (IReadOnlyList<T> items in Apply(operations))
        {
            WriteObject(items, enumerateCollection: true);
        }
    }

    private static Plan<IReadOnlyList<T>> Tagged<T>(Plan<IReadOnlyList<T>> plan, VimClient client)
        where T : class => plan.Select(items =>
        {
            foreach (T item in items)
            {
                Tag(item, client);
            }

            return items;
        });

    private async Task<VimGroup> LocateAsync(ServerCandidate server, IReadOnlyList<VimTarget> targets, CancellationToken ct)
    {
        VimClient client = await Sessions.ClientOfAsync(server, ct).ConfigureAwait(false);
        VimGroup group = new(client);
        VimTarget[] named = [.. targets.Where(t => t.Value is null)];
        Dictionary<VimTarget, MoRef> byName = [];
        try
        {
            IReadOnlyList<MoRef> found = named.Length == 0 ? []
                : await Inventory.ResolveAsync(client, named[0].Type, [.. named.Select(t => t.Name!)], ct).ConfigureAwait(false);
            byName = named.Zip(found, (target, reference) => (target, reference)).ToDictionary(p => p.target, p => p.reference);
        }
        catch (ZfsEsxException) when (named.Length > 1)
        {
            // One bad name of many: one by one, so that only it is an error.
            foreach (VimTarget target in named)
            {
                try
                {
                    byName[target] = await ResolveAsync(client, target, ct).ConfigureAwait(false);
                }
                catch (ZfsEsxException failure)
                {
                    group.Failures.Add(failure);
                }
            }
        }

        foreach (VimTarget target in targets)
        {
            if (target.Value is string value)
            {
                group.Add(target, new MoRef(target.Type, value));
            }
            else if (byName.TryGetValue(target, out MoRef reference))
            {
                group.Add(target, reference);
            }
        }

        return group;
    }

    private List<ServerCandidate> Candidates()
    {
        List<ServerCandidate> all = [.. Sessions.Servers.Select(s => ServerCandidate.From(s)).OfType<ServerCandidate>()];
        object? variable = Duck.Bare(SessionState.PSVariable.GetValue("global:DefaultVIServers"))
            ?? Duck.Bare(SessionState.PSVariable.GetValue("global:DefaultVIServer"));
        IEnumerable<object?> theirs = variable is IEnumerable many and not string ? many.Cast<object?>() : [variable];
        all.AddRange(theirs.Select(ServerCandidate.From).OfType<ServerCandidate>());
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
}

/// <summary>The objects of one connection.</summary>
internal sealed class VimGroup(VimClient client)
{
    public VimClient Client { get; } = client;

    public List<ZfsEsxException> Failures { get; } = [];

    /// <summary>What the user gave and what it is; two ways to say the same object are there twice.</summary>
    public List<(VimTarget Target, MoRef Reference)> Found { get; } = [];

    /// <summary>The objects, each once, in the order given.</summary>
    public IReadOnlyList<MoRef> References => [.. Found.Select(f => f.Reference).Distinct()];

    public void Add(VimTarget target, MoRef reference) => Found.Add((target, reference));
}
