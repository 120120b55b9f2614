using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Parameters;
using ZfsEsx.Vim;

namespace ZfsEsx;

/// <summary>
/// A cmdlet that works on vSphere objects: what the pipeline brings is sorted by connection, names are looked up
/// together, and each connection is worked on in one go.
/// </summary>
public abstract partial class VimCommand : ZfsEsxCommand
{
    [Parameter]
    [ArgumentCompleter(typeof(ServerCompleter))]
    public PSObject? Server { get; set; }

    [Parameter]
    [ValidateRange(1, 64)]
    public int ThrottleLimit { get; set; } = 16;

    private protected override int Throttle => ThrottleLimit;

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

    /// <summary>Writes the items of each connection, marked; a name that is on none is an error of its own.</summary>
    private protected void WriteFromEach<T>(
        IEnumerable<VimGroup> groups,
        Func<VimGroup, CancellationToken, Task<IReadOnlyList<T>>> read,
        NameSearch<T>? search = null)
        where T : class
    {
        search ??= NameSearch<T>.All;
        bool anyFaulted = false;
        foreach ((VimGroup group, Task<IReadOnlyList<T>> answer) in RunEach(groups, (g, _, ct) => read(g, ct)))
        {
            if (answer.IsFaulted)
            {
                anyFaulted = true;
                WriteError(answer.Exception!.ToErrorRecord(group.Client.Name));
            }
            else
            {
                WriteObject(
                    search.In(group.ToString(), answer.Result).Select(i => Tag(i, group.Client)),
                    enumerateCollection: true);
            }
        }

        WriteNotFound(search, anyFaulted);
    }

    /// <summary>
    /// Plans, asks, changes and reads back, one plan for each connection. Items of hosts or VMs where something failed
    /// or was declined are left out of the result; the others are given.
    /// </summary>
    /// <param name="groups">What to work on.</param>
    /// <param name="plan">Observes and compares.</param>
    /// <param name="targetOf">The host or VM that an item is about.</param>
    /// <param name="output">Whether the result is wanted.</param>
    /// <param name="problem">What is wrong with an item although all was done; it is written as an error too.</param>
    private protected void ApplyToEach<T>(
        IEnumerable<VimGroup> groups,
        Func<VimGroup, CancellationToken, Task<Plan<IReadOnlyList<T>>>> plan,
        Func<T, string> targetOf,
        bool output,
        Func<T, ZfsEsxException?>? problem = null)
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
            foreach (ZfsEsxException wrong in items.Select(i => problem?.Invoke(i)).OfType<ZfsEsxException>())
            {
                WriteError(wrong.ToErrorRecord(wrong.Target));
            }
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
}

/// <summary>The objects of one connection.</summary>
internal sealed class VimGroup(VimClient client)
{
    public VimClient Client { get; } = client;

    /// <summary>What the user gave and what it is; two ways to say the same object are there twice.</summary>
    public List<(VimTarget Target, MoRef Reference)> Found { get; } = [];

    /// <summary>The objects, each once, in the order given.</summary>
    public IReadOnlyList<MoRef> References => [.. Found.Select(f => f.Reference).Distinct()];

    public void Add(VimTarget target, MoRef reference) => Found.Add((target, reference));

    /// <summary>The names that the user gave; the server's where they are many, or all.</summary>
    public override string ToString()
    {
        string[] names = [.. Found.Select(f => f.Target.ToString()).Distinct()];
        return names.Length is > 0 and <= 5 && names[0] != "*" ? string.Join(", ", names) : Client.Name;
    }
}
