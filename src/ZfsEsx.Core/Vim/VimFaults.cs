namespace ZfsEsx.Vim;

/// <summary>Every fault that users meet, in one table: what kind of failure it is and what to do next.</summary>
internal static class VimFaults
{
    private static readonly Dictionary<string, (FailureKind Kind, string? Advice)> s_known = new(StringComparer.Ordinal)
    {
        ["InvalidLogin"] = (FailureKind.PermissionDenied,
            "Check the user name and the password; vCenter wants the domain too, as in administrator@vsphere.local."),
        ["NotAuthenticated"] = (FailureKind.PermissionDenied,
            "The session has ended. Connect again: Connect-VIServer, or Connect-ZfsEsxServer."),
        ["NoPermission"] = (FailureKind.PermissionDenied,
            "Give the user the privilege named, or connect as another user."),
        ["RestrictedVersion"] = (FailureKind.NotSupported,
            "The licence of this host makes the API read-only: assign a licence that allows changes."),
        ["InvalidState"] = (FailureKind.InvalidState,
            "Look at the state of the object in the vSphere client and try again."),
        ["InvalidPowerState"] = (FailureKind.InvalidState,
            "Bring the VM into the power state that the operation needs, and try again."),
        ["InvalidHostState"] = (FailureKind.InvalidState,
            "Bring the host into the state that the operation needs, and try again."),
        ["TaskInProgress"] = (FailureKind.InvalidState,
            "Another task works on this object. Wait for it and try again."),
        ["ConcurrentAccess"] = (FailureKind.InvalidState,
            "Somebody else changed the object at the same time. Try again."),
        ["ResourceInUse"] = (FailureKind.InUse, "Find what uses it and release that first."),
        ["AlreadyExists"] = (FailureKind.AlreadyExists, "Choose another name, or remove what is there."),
        ["DuplicateName"] = (FailureKind.AlreadyExists, "Choose another name, or remove what is there."),
        ["NotFound"] = (FailureKind.NotFound, "It may have been removed in the meantime. Read again and retry."),
        ["ManagedObjectNotFound"] = (FailureKind.NotFound,
            "It may have been removed in the meantime. Read again and retry."),
        ["InvalidArgument"] = (FailureKind.InvalidArgument, null),
        ["InvalidName"] = (FailureKind.InvalidArgument, "Choose another name."),
        ["InvalidRequest"] = (FailureKind.NotSupported,
            "This server does not know the call. Its version may be too old."),
        ["InvalidProperty"] = (FailureKind.NotSupported,
            "This server does not know the property. Its version may be too old."),
        ["MethodNotFound"] = (FailureKind.NotSupported,
            "This server does not know the call. Its version may be too old."),
        ["NotSupported"] = (FailureKind.NotSupported, null),
        ["HostNotConnected"] = (FailureKind.Connection, "Connect the host to vCenter again."),
        ["HostNotReachable"] = (FailureKind.Connection, "Check that the host is up and reachable from vCenter."),
        ["HostCommunication"] = (FailureKind.Connection, "Check that the host is up and reachable from vCenter."),
        ["Timedout"] = (FailureKind.Timeout, "Look at what holds it up in the vSphere client, and try again."),
        ["InsufficientResourcesFault"] = (FailureKind.LimitReached,
            "Free memory or processors on the host, or choose another host."),
        ["InsufficientMemoryResourcesFault"] = (FailureKind.LimitReached,
            "Free memory on the host: a VM with passed-through devices has all of its memory reserved."),
        ["NoDiskSpace"] = (FailureKind.LimitReached, "Free space on the datastore, or choose another one."),
        ["InvalidDatastore"] = (FailureKind.InvalidState,
            "Check that the datastore is mounted and accessible on the host."),
        ["InaccessibleDatastore"] = (FailureKind.InvalidState,
            "Check that the datastore is mounted and accessible on the host."),
        ["NoVirtualNic"] = (FailureKind.InvalidState,
            "The host has no vmkernel port that reaches the NFS server: see New-EncapsulatedStorageNetwork."),
        ["NoGateway"] = (FailureKind.InvalidState,
            "The host has no route to the NFS server: put a vmkernel port into its subnet, see "
                + "New-EncapsulatedStorageNetwork."),
        ["MigrationFault"] = (FailureKind.InvalidState,
            "A VM with passed-through devices cannot be moved while it runs."),
        ["GenericVmConfigFault"] = (FailureKind.InvalidState, null),
        ["VmConfigFault"] = (FailureKind.InvalidState, null),
        ["InvalidDeviceBacking"] = (FailureKind.InvalidState,
            "A device of the VM points to something that the host does not have."),
        ["HostConfigFault"] = (FailureKind.Failed, "The host's vmkernel log (/var/log/vmkernel.log) has the reason."),
        ["PlatformConfigFault"] = (FailureKind.Failed,
            "The host's vmkernel log (/var/log/vmkernel.log) has the reason."),
        ["SystemError"] = (FailureKind.Failed, null),
    };

    /// <summary>The failure that users see for a fault.</summary>
    /// <param name="fault">What the server answered.</param>
    /// <param name="target">The host, VM or server it is about.</param>
    /// <param name="doing">What was being done, as in <c>Power on</c>; null for a plain read.</param>
    public static ZfsEsxException ToException(VimFaultException fault, string target, string? doing = null)
    {
        bool known = s_known.TryGetValue(fault.FaultType, out (FailureKind Kind, string? Advice) entry);
        string what = doing is null ? target : target + ": " + doing;
        return new ZfsEsxException(
            known ? fault.FaultType : "VimFault",
            known ? entry.Kind : FailureKind.Failed,
            target,
            what + " failed: " + Words(fault),
            IsRenumbered(fault.Message)
                ? "A card was added or moved, or the VM has come from another host. Take the old entry out with "
                    + "Remove-VmDirectPath, see Get-VmDirectPath for the present address, and give it back with "
                    + "Add-VmDirectPath."
                : known ? entry.Advice : null,
            fault);
    }

    // What a VM says at its start when its passed-through device is not at its address any more.
    private static bool IsRenumbered(string message) =>
        message.IndexOf("systemId does not match", StringComparison.OrdinalIgnoreCase) >= 0
            || message.IndexOf("is not a passthrough device", StringComparison.OrdinalIgnoreCase) >= 0;

    /// <summary>True when the failure comes from a fault of one of these types.</summary>
    public static bool IsFault(this ZfsEsxException failure, params string[] types) =>
        failure.InnerException is VimFaultException fault && Array.IndexOf(types, fault.FaultType) >= 0;

    // The text of many faults is empty or says nothing; the type and its fields then say more.
    private static string Words(VimFaultException fault)
    {
        string text = fault.Message == fault.FaultType ? fault.FaultType
            : fault.Message.TrimEnd('.') + " (" + fault.FaultType + ")";
        foreach (string field in new[] { "privilegeId", "invalidProperty", "name", "text", "reason", "task" })
        {
            string value = fault.Detail[field].Text.Trim();
            if (value.Length > 0 && fault.Message.IndexOf(value, StringComparison.Ordinal) < 0)
            {
                text += ", " + field + " " + value;
            }
        }

        return text.TrimEnd('.') + ".";
    }
}
