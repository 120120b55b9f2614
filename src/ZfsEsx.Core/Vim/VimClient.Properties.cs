namespace ZfsEsx.Vim;

public sealed partial class VimClient
{
    private static readonly TimeSpan s_lastWait = TimeSpan.FromMilliseconds(300);

    /// <summary>Properties of many known objects in one call. Objects come in the server's order.</summary>
    internal Task<IReadOnlyList<VimObject>> RetrieveAsync(
        IEnumerable<MoRef> objects, string type, IEnumerable<string> paths, CancellationToken ct) =>
        RetrieveAsync(new PropertyQuery().Read(type, paths.ToArray()).From(objects), ct);

    /// <summary>Reads in one call; a server that answers in pages is asked for the rest.</summary>
    internal async Task<IReadOnlyList<VimObject>> RetrieveAsync(PropertyQuery query, CancellationToken ct)
    {
        MoRef collector = Content["propertyCollector"].Ref;
        List<VimObject> found = [];
        VimValue page = await CallAsync(
            collector, "RetrievePropertiesEx", null, "Read properties", ct, query.ToArg("specSet"), Arg.O("options"))
                .ConfigureAwait(false);
        while (true)
        {
            found.AddRange(page.All("objects").Select(Read));
            VimValue token = page["token"];
            if (!token.Exists)
            {
                return found;
            }

            page = await CallAsync(
                collector, "ContinueRetrievePropertiesEx", null, "Read properties", ct, Arg.E("token", token.Text))
                    .ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Properties of all objects of a type below the root folder: three calls, whatever their number.
    /// </summary>
    internal Task<IReadOnlyList<VimObject>> FindAsync(string type, IEnumerable<string> paths, CancellationToken ct) =>
        FindAsync([type], new PropertyQuery().Read(type, paths.ToArray()), ct);

    /// <summary>
    /// Reads what the query asks of all objects of some types, and of the objects that the query names itself.
    /// </summary>
    internal async Task<IReadOnlyList<VimObject>> FindAsync(IReadOnlyList<string> types, PropertyQuery query,
        CancellationToken ct)
    {
        VimValue view = await CallAsync(
            Content["viewManager"].Ref, "CreateContainerView", null, "Look through the inventory", ct,
            types.Select(t => Arg.E("type", t)).Prepend(Arg.E("container", Content["rootFolder"].Ref))
                .Append(Arg.E("recursive", true)).ToArray()).ConfigureAwait(false);
        try
        {
            return await RetrieveAsync(query.FromView(view.Ref), ct).ConfigureAwait(false);
        }
        finally
        {
            await QuietlyAsync(view.Ref, "DestroyView", ct).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Tidies up on the server. What is left over there ends with the session. Who was told to stop does not wait for a
    /// slow server: the request is under way and goes on by itself.
    /// </summary>
    private async Task QuietlyAsync(MoRef self, string method, CancellationToken ct)
    {
        Task tidying = TidyAsync();
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await Task.WhenAny(tidying, Task.Delay(Timeout.Infinite, stop.Token)).ConfigureAwait(false);
        if (!tidying.IsCompleted)
        {
            await Task.WhenAny(tidying, Task.Delay(s_lastWait, CancellationToken.None)).ConfigureAwait(false);
        }

        stop.Cancel();

        async Task TidyAsync()
        {
            try
            {
                await _transport.CallAsync(self, method, Server.ConnectTimeout, CancellationToken.None)
                    .ConfigureAwait(false);
            }
            catch (Exception e) when (e is VimFaultException or ZfsEsxException or OperationCanceledException)
            {
            }
        }
    }

    private VimObject Read(VimValue content)
    {
        VimObject read = new(content["obj"].Ref);
        foreach (VimValue property in content.All("propSet"))
        {
            read.Set(property["name"].Text, property["val"]);
        }

        VimValue? forbidden = content.All("missingSet").FirstOrDefault(m => m["fault.fault"].Is("NoPermission"));
        return forbidden is null
            ? read
            : throw VimFaults.ToException(
                new VimFaultException("NoPermission", forbidden["fault.localizedMessage"].Text,
                    forbidden["fault.fault"]),
                read.Ref.Id, "Read " + forbidden["path"].Text);
    }
}
