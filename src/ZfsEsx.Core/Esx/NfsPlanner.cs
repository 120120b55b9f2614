using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>What a plan for NFS datastores does to a host.</summary>
internal interface INfsActions
{
    Task MountAsync(NfsHost host, NfsMount mount, CancellationToken ct);

    Task RaiseAsync(NfsHost host, NfsLimits limits, IReadOnlyList<(VimValue Option, long Value)> settings,
        CancellationToken ct);

    Task DismountAsync(NfsHost host, DatastoreFact datastore, CancellationToken ct);
}

/// <summary>Compares the datastores of hosts with the mount wanted. Pure.</summary>
internal static class NfsPlanner
{
    /// <param name="facts">What there is.</param>
    /// <param name="wanted">The mount, normalised.</param>
    /// <param name="limits">Of the hosts that might be near their limit.</param>
    /// <param name="actions">What changes do.</param>
    /// <param name="refusals">Takes the refusals of single hosts.</param>
    /// <exception cref="ZfsEsxException"><c>ExportMountedOtherwise</c>: no host may have it.</exception>
    /// <returns>The steps, what is to be told, and the hosts that are not refused.</returns>
    public static (IReadOnlyList<Change> Changes, IReadOnlyList<string> Warnings, IReadOnlyList<NfsHost> Hosts) Mount(
        NfsFacts facts, NfsMount wanted, IReadOnlyDictionary<MoRef, NfsLimits> limits, INfsActions actions,
        ICollection<ZfsEsxException> refusals)
    {
        DatastoreFact[] sameExport = facts.Datastores.Where(d => NfsExports.IsExport(d, wanted)).ToArray();
        CheckVersion(facts, wanted);

        // To vCenter another way of writing the export would be another datastore.
        DatastoreFact? same = sameExport.FirstOrDefault(d => d.Type == wanted.Type);
        NfsMount exact = same is null ? wanted : wanted with
        {
            RemoteHost = same.Servers[0],
            OtherAddresses = [.. same.Servers.Skip(1)],
            RemotePath = same.RemotePath,
        };
        List<string> warnings = [];
        IReadOnlyList<(NfsHost Item, bool Missing)> accepted = facts.Hosts.CompareEach(
            h => !IsMounted(facts, h, sameExport, wanted) && CanMount(facts, h, wanted, limits), refusals);
        NfsHost[] missing = [.. accepted.Where(h => h.Missing).Select(h => h.Item)];
        bool exists = same is { Hosts.Count: > 0 };
        Change[] changes =
        [
            .. missing.SelectMany((h, i) => Changes(
                facts, h, wanted, exact, limits, actions, i == 0 || exists ? 0 : 1, warnings)),
        ];
        if (changes.Length > 0)
        {
            warnings.AddRange(Told(facts, wanted, exact, sameExport));
        }

        return (changes, warnings, [.. accepted.Select(h => h.Item)]);
    }

    /// <summary>
    /// The hosts that may be near the limit of their NFS datastores: only they need to be asked for it.
    /// </summary>
    public static IReadOnlyList<NfsHost> NearLimit(NfsFacts facts, NfsMount wanted) =>
        facts.Hosts.Where(h => Count(facts, h, wanted) >= NfsLimits.Least).ToArray();

    public static IReadOnlyList<Change> Dismount(
        NfsFacts facts, string name, ILookup<MoRef, string> vmsByHost, INfsActions actions,
        ICollection<ZfsEsxException> refusals) =>
    [
        .. facts.Hosts.CompareEach(h => Dismounted(facts, h, name, vmsByHost), refusals)
            .Where(h => h.Result is not null)
            .Select(h => new Change(
                h.Item.Name, "Unmount datastore " + name, (_, ct) => actions.DismountAsync(h.Item, h.Result!, ct),
                ChangeRisk.Disruptive)),
    ];

    private static IEnumerable<Change> Changes(
        NfsFacts facts, NfsHost host, NfsMount wanted, NfsMount exact, IReadOnlyDictionary<MoRef, NfsLimits> limits,
        INfsActions actions, int stage, List<string> warnings)
    {
        int count = Count(facts, host, wanted);
        if (limits.TryGetValue(host.Ref, out NfsLimits? limit) && count >= limit.MaxVolumes)
        {
            IReadOnlyList<(VimValue Option, long Value)> raised = limit.Raised(count + 1);
            yield return new Change(
                host.Name,
                "Raise " + string.Join(", ", raised.Select(r => r.Option["key"].Text + " from " + r.Option["value"].Text
                    + " to " + r.Value)),
                (_, ct) => actions.RaiseAsync(host, limit, raised, ct), stage: stage);
            if (raised.Count > 1)
            {
                warnings.Add("The settings " + string.Join(", ", raised.Skip(1).Select(r => r.Option["key"].Text))
                    + " of " + host.Name + " take effect at its next reboot. "
                    + "Until then many datastores can be short of memory.");
            }
        }

        yield return new Change(
            host.Name,
            "Mount " + NfsExports.Text(exact) + " as datastore " + wanted.Name + " ("
                + (wanted.Nfs41 ? "NFS 4.1" : "NFS 3") + (wanted.ReadOnly ? ", read-only)" : ")"),
            (_, ct) => actions.MountAsync(host, exact, ct),
            stage: stage);
    }

    private static void CheckVersion(NfsFacts facts, NfsMount wanted)
    {
        DatastoreFact[] others =
            [.. facts.Datastores.Where(d => d.IsNfs && d.Type != wanted.Type && d.Hosts.Count > 0)];
        DatastoreFact? other = others.FirstOrDefault(d => NfsExports.IsExport(d, wanted));
        DatastoreFact? maybe = others.FirstOrDefault(d => NfsExports.MayBeExport(d, wanted));
        if ((other ?? maybe) is DatastoreFact found)
        {
            throw new ZfsEsxException(
                "ExportMountedOtherwise", FailureKind.InUse, NfsExports.Text(wanted),
                other is not null
                    ? NfsExports.Text(wanted) + " is mounted as " + Version(found) + " (datastore " + found.Name + ")."
                    : NfsExports.Text(found) + " is mounted as " + Version(found) + " (datastore " + found.Name
                        + "), and may be the same share.",
                "Both versions lock files in different ways; mounted with both, VMs' disks get damaged. Use the "
                    + "same version on all hosts"
                    + (other is not null
                        ? "."
                        : ", or write the server as it is written there, so that both can be told apart."));
        }
    }

    private static IEnumerable<string> Told(
        NfsFacts facts, NfsMount wanted, NfsMount exact, DatastoreFact[] sameExport)
    {
        if (NfsExports.Text(exact) != NfsExports.Text(wanted))
        {
            yield return "Other hosts have this export as " + NfsExports.Text(exact)
                + ". It is mounted with this text, because vSphere tells datastores apart by it.";
        }

        foreach (DatastoreFact maybe in facts.Datastores.Where(d => NfsExports.MayBeExport(d, wanted)))
        {
            yield return "Datastore " + maybe.Name + " is " + NfsExports.Text(maybe)
                + ", which may be the same share. vSphere takes both for different datastores: "
                + "write the server in one way.";
        }

        foreach (DatastoreFact named in facts.Datastores.Where(d =>
            Inventory.Same(d.Name, wanted.Name) && !sameExport.Contains(d)))
        {
            yield return "Another datastore is called " + wanted.Name + " too (" + named.Ref.Id
                + "). In the same datacenter vCenter would rename the new one.";
        }
    }

    private static int Count(NfsFacts facts, NfsHost host, NfsMount wanted) =>
        facts.Datastores.Count(d => d.Type == wanted.Type && d.Hosts.Contains(host.Ref));

    private static bool CanMount(
        NfsFacts facts, NfsHost host, NfsMount wanted, IReadOnlyDictionary<MoRef, NfsLimits> limits)
    {
        if (!host.Connected)
        {
            throw new ZfsEsxException(
                "HostNotConnected", FailureKind.Connection, host.Name,
                "The host " + host.Name + " is not connected.",
                "Connect it to vCenter again, and repeat the command.");
        }

        int count = Count(facts, host, wanted);
        if (limits.TryGetValue(host.Ref, out NfsLimits? limit) && count >= limit.MaxVolumes
            && (!wanted.RaiseLimit || count >= NfsLimits.Most))
        {
            throw new ZfsEsxException(
                "NfsLimitReached", FailureKind.LimitReached, host.Name + " " + limit.Key,
                "The host " + host.Name + " has " + count + " datastores by " + (wanted.Nfs41 ? "NFS 4.1" : "NFS 3")
                    + ", and takes " + limit.MaxVolumes + " (" + limit.Key + ").",
                count >= NfsLimits.Most ? "More are not possible: unmount one first."
                    : "Repeat with -RaiseLimit to raise the setting, or unmount a datastore first.");
        }

        return true;
    }

    private static DatastoreFact? Dismounted(
        NfsFacts facts, NfsHost host, string name, ILookup<MoRef, string> vmsByHost)
    {
        DatastoreFact? mounted = facts.Datastores
            .FirstOrDefault(d => d.IsNfs && Inventory.Same(d.Name, name) && d.Hosts.Contains(host.Ref));
        string[] users = mounted is null ? []
            : [.. vmsByHost[host.Ref].OrderBy(v => v, StringComparer.OrdinalIgnoreCase)];
        return users.Length == 0 ? mounted : throw NfsActions.InUse(host, name, users);
    }

    private static bool IsMounted(NfsFacts facts, NfsHost host, DatastoreFact[] sameExport, NfsMount wanted)
    {
        DatastoreFact? mounted = sameExport.FirstOrDefault(d => d.Hosts.Contains(host.Ref));
        DatastoreFact? named = facts.Datastores.FirstOrDefault(d =>
            Inventory.Same(d.Name, wanted.Name) && d.Hosts.Contains(host.Ref));
        if (mounted is null && named is null)
        {
            return false;
        }

        if (mounted is null)
        {
            throw Taken(
                host, wanted, "The name " + wanted.Name + " belongs to another datastore on " + host.Name + ": "
                + (named!.IsNfs ? NfsExports.Text(named) : "a " + named.Type + " volume") + ".",
                "Choose another name.");
        }

        if (!Inventory.Same(mounted.Name, wanted.Name))
        {
            throw Taken(
                host, wanted, NfsExports.Text(wanted) + " is mounted on " + host.Name + " already, as datastore "
                    + mounted.Name + ".",
                "Use that name, or unmount it first: Dismount-ZfsNfsDatastore.");
        }

        string mode = facts.Mounts.First(m => m.VMHostId == host.Ref.Id && m.DatastoreId == mounted.Ref.Id).AccessMode;
        return mode == "readOnly" == wanted.ReadOnly ? true : throw new ZfsEsxException(
            "DatastoreModeDiffers", FailureKind.InvalidState, host.Name + " " + wanted.Name,
            "Datastore " + wanted.Name + " is mounted on " + host.Name + " as " + mode + ".",
            "Unmount it first: Dismount-ZfsNfsDatastore.");
    }

    private static string Version(DatastoreFact datastore) => datastore.Type == "NFS41" ? "NFS 4.1" : "NFS 3";

    private static ZfsEsxException Taken(NfsHost host, NfsMount wanted, string message, string advice) =>
        new("DatastoreNameTaken", FailureKind.AlreadyExists, host.Name + " " + wanted.Name, message, advice);
}
