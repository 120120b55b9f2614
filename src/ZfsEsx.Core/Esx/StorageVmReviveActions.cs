using System.Diagnostics;
using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <inheritdoc cref="IReviveActions"/>
internal sealed class ReviveActions(VimClient client) : IReviveActions
{
    // A host that is not told looks again by itself, but much later.
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(5);

    private readonly TaskWatch _watch = new(client);

    public async Task AwaitAsync(ShareDatastore share, TimeSpan timeout, IReporter reporter, CancellationToken ct)
    {
        string activity = share.Name + ": wait for the share";
        Stopwatch clock = Stopwatch.StartNew();
        try
        {
            while (true)
            {
                ShareDatastore now = await LookAsync(share, ct).ConfigureAwait(false);
                string[] away = [.. now.Mounts.Where(m => m.Connected && !m.Accessible).Select(m => m.HostName)];
                if (away.Length == 0)
                {
                    return;
                }

                if (clock.Elapsed >= timeout)
                {
                    throw new ZfsEsxException(
                        "DatastoreInaccessible", FailureKind.Timeout, share.Name,
                        "The datastore " + share.Name + " is still not accessible from " + string.Join(", ", away)
                            + " after " + Math.Round(clock.Elapsed.TotalSeconds) + " s.",
                        "Is the storage VM up and sharing? Get-EncapsulatedStorageVm and Get-ZfsNfsShare tell. Then "
                            + "repeat the command.");
                }

                reporter.Progress(activity, "Not yet: " + string.Join(", ", away));
                await Task.Delay(s_pause, ct).ConfigureAwait(false);
            }
        }
        finally
        {
            reporter.Completed(activity);
        }
    }

    public async Task ReloadAsync(ShareVm vm, IReporter reporter, CancellationToken ct)
    {
        await client.CallAsync(vm.Ref, "Reload", vm.Name, "Read it again", ct).ConfigureAwait(false);
        ShareVm now = await StateAsync(vm, ct).ConfigureAwait(false);
        ZfsEsxException? cause = null;
        if (now.Inaccessible && client.IsVCenter && vm.Path.Length > 0)
        {
            try
            {
                await client.RunTaskAsync(
                    vm.Ref, "reloadVirtualMachineFromPath_Task", vm.Name, "Read it again from " + vm.Path, reporter, ct,
                    Arg.E("configurationPath", vm.Path)).ConfigureAwait(false);
            }
            catch (ZfsEsxException e) when (e.InnerException is VimFaultException)
            {
                cause = e;
            }

            now = await StateAsync(vm, ct).ConfigureAwait(false);
        }

        if (now.Inaccessible)
        {
            throw new ZfsEsxException(
                "VmInaccessible", FailureKind.InvalidState, vm.Name,
                "The VM " + vm.Name + " is still " + now.ConnectionState + "."
                    + (cause is null ? string.Empty : " " + cause.Message),
                "Does " + vm.Path + " exist? If it does, remove the VM from the inventory and register it again.",
                cause);
        }
    }

    public Task PowerOnAsync(ShareVm vm, IReporter reporter, CancellationToken ct) =>
        StorageVm.PowerOnAsync(client, _watch, vm.Ref, vm.Name, reporter, ct);

    /// <summary>Lets the hosts of a datastore look at it again.</summary>
    public static async Task RefreshAsync(VimClient client, MoRef datastore, string name, CancellationToken ct)
    {
        try
        {
            await client.CallAsync(datastore, "RefreshDatastore", name, "Refresh", ct).ConfigureAwait(false);
        }
        catch (ZfsEsxException e) when (e.IsFault("HostConfigFault", "PlatformConfigFault"))
        {
            // What cannot be reached yet; the mounts tell of which host.
        }
    }

    private async Task<ShareDatastore> LookAsync(ShareDatastore share, CancellationToken ct)
    {
        await RefreshAsync(client, share.Ref, share.Name, ct).ConfigureAwait(false);
        return (await ShareFacts.ReadAsync(client, [share.Ref], ct).ConfigureAwait(false)).Shares[0];
    }

    private async Task<ShareVm> StateAsync(ShareVm vm, CancellationToken ct)
    {
        VimObject state = (await client.RetrieveAsync(
            [vm.Ref], "VirtualMachine", ["runtime.connectionState"], ct).ConfigureAwait(false))[0];
        return vm with { ConnectionState = state["runtime.connectionState"].Text };
    }
}
