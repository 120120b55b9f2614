namespace ZfsEsx.Esx;

/// <summary>What a plan for a host's service refuses, before anything is changed.</summary>
internal static class HostServiceRefusals
{
    /// <exception cref="ZfsEsxException">
    /// <c>HostNotConnected</c>, <c>ShareUnknown</c>, <c>ToolsNotRunning</c>, <c>VmsCannotMove</c>.
    /// </exception>
    public static void Check(HostServiceFacts facts, HostServiceOptions options)
    {
        ServiceVm storageVm = facts.StorageVm;
        if (!facts.Host.Connected)
        {
            throw new ZfsEsxException(
                "HostNotConnected", FailureKind.Connection, facts.Host.Name,
                "The host " + facts.Host.Name + " is not connected.",
                    "Connect it to vCenter again, and repeat the command.");
        }

        if (facts.Shares.Count == 0 && facts.Stores.Any(s => s.Nfs is not null && s.Hosts.Count > 0))
        {
            throw new ZfsEsxException(
                "ShareUnknown", FailureKind.NotFound, storageVm.Name,
                "None of the addresses that VMware Tools report for " + storageVm.Name
                    + (storageVm.Addresses.Count == 0 ? " (none)" : " (" + string.Join(", ", storageVm.Addresses) + ")")
                    + " is the server of a datastore.",
                "Say which datastores it serves with -Share; Get-ZfsNfsDatastore lists them.");
        }

        if (storageVm.IsOn && !storageVm.ToolsRunning && options.ShutDown is null && !options.Force)
        {
            throw new ZfsEsxException(
                "ToolsNotRunning", FailureKind.InvalidState, storageVm.Name,
                storageVm.Name + " runs without VMware Tools, so vSphere cannot ask its system to shut down.",
                "Give its connection with -ZfsHost and it is shut down over ssh, or install open-vm-tools in it. "
                    + "With -Force it is switched off at once, without a shutdown.");
        }

        string[] problems =
        [
            .. facts.VMs.Select(vm => (vm.Name, Why: WhyNot(facts, vm))).Where(p => p.Why is not null)
                .OrderBy(p => p.Name, StringComparer.OrdinalIgnoreCase).Select(p => p.Name + ": " + p.Why),
        ];
        if (problems.Length > 0)
        {
            throw new ZfsEsxException(
                "VmsCannotMove", FailureKind.InUse, facts.Host.Name,
                "Before " + facts.Host.Name + " can be serviced, these VMs need a hand: "
                    + string.Join(". ", problems) + ".",
                "See to them, and repeat the command; nothing has been changed.");
        }
    }

    public static string ShutdownWords(ServiceVm storageVm, HostServiceOptions options)
    {
        string how = storageVm.ToolsRunning ? "Shut its system down"
            : options.ShutDown is not null ? "Shut its system down over ssh" : "Power off without a shutdown";
        return how + (options.Force && (storageVm.ToolsRunning || options.ShutDown is not null)
            ? ", and power off if that takes longer than " + options.ShutdownTimeout.TotalSeconds + " s"
            : string.Empty);
    }

    public static ZfsEsxException NoPlace(HostServiceFacts facts, IReadOnlyList<string> problems) => new(
        "NoPlaceForVm", FailureKind.LimitReached, facts.Host.Name,
        "There is no place for VMs that must leave " + facts.Host.Name + " or its share. "
            + string.Join(". ", problems) + ".",
        "Free space, mount other shares on the hosts, name datastores with -Datastore or hosts with -Destination, "
            + "or shut VMs down.");

    public static ZfsEsxException NeedsVCenter(HostServiceFacts facts, IReadOnlyList<string> vms) => new(
        "NeedsVCenter", FailureKind.NotSupported, facts.Host.Name,
        facts.Server + " is a host by itself, and a host cannot move VMs. These use its share or run on it: "
            + string.Join(", ", vms) + ".",
        "Connect to the vCenter Server that manages the host. Without one, shut the VMs down, remove those on the "
            + "share from the inventory, and copy their folders to another datastore, or leave them; then repeat the "
            + "command. Other hosts that use the share are not seen from here.");

    private static string? WhyNot(HostServiceFacts facts, ServiceVm vm)
    {
        VmPart[] parts = facts.OnShare(vm);
        bool onShare = facts.UsesShare(vm);
        bool here = vm.Host == facts.Host.Ref;
        (string Device, string File) media = vm.Media.FirstOrDefault(m =>
            VmPart.Read(string.Empty, m.File) is VmPart file && facts.IsShare(file.Datastore));
        return onShare && !vm.Connected ? "it cannot be read now; see why in the vSphere client"
            : media.File is not null ? media.Device + " uses " + media.File + "; take it out"
            : vm.HasPassthrough && vm.IsOn && (here || onShare)
            ? "it has passed-through devices and cannot be moved; shut it down"
            : onShare && parts.Length == 0
            ? "it uses the share, but neither its configuration nor one of its disks is there "
                + "(the base of a linked clone, or a snapshot's file); take that away"
            : vm.HasSnapshots && parts.Length > 0 && parts.Length < vm.Parts.Count
                ? "it has snapshots and files on several datastores; remove the snapshots"
            : parts.Select(p => p.Datastore).Distinct().Count() > 1
                ? "its files are on several shares of " + facts.StorageVm.Name + "; move them to one of them"
            : null;
    }
}
