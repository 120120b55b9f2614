using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>What a host says when it cannot mount an export, in words that help.</summary>
internal static class NfsRefused
{
    public static ZfsEsxException Explain(NfsHost host, NfsMount mount, VimFaultException fault, ZfsEsxException cause)
    {
        string words = fault.Message.TrimEnd('.');
        string detail = fault.Detail["text"].Text.Trim();
        if (fault.FaultType == "NasConnectionLimitReached"
            || (words + detail).IndexOf("maximum number of supported volumes", StringComparison.OrdinalIgnoreCase) >= 0)
        {
            return new ZfsEsxException(
                "NfsLimitReached", FailureKind.LimitReached, host.Name + " " + mount.Name,
                host.Name + " could not mount " + NfsExports.Text(mount)
                    + ": it has as many NFS datastores as it takes ("
                    + (mount.Nfs41 ? "NFS41" : "NFS") + ".MaxVolumes).",
                "Repeat with -RaiseLimit to raise the setting, or unmount a datastore first.", cause);
        }

        if (!IsAboutTheMount(fault))
        {
            return cause;
        }

        VmkernelPort? port = host.Ports.FirstOrDefault(p =>
            mount.Servers.Any(s => Subnet.Overlap(p.IPAddress, p.SubnetMask, s, p.SubnetMask)));
        string from = port is null
            ? "The host has no vmkernel port in the server's subnet, so it goes through its gateway, if at all."
            : "The host comes from " + port.IPAddress + " (" + port.Device + ").";
        return new ZfsEsxException(
            "NfsMountRefused", FailureKind.Failed, host.Name + " " + mount.Name,
            host.Name + " could not mount " + NfsExports.Text(mount) + ". " + from + " It says: " + words
            + (detail.Length > 0 && words.IndexOf(detail, StringComparison.Ordinal) < 0
                ? " (" + detail.TrimEnd('.') + ")." : "."),
            "Check on the storage VM that the share exists and admits this host, and that the client's name "
                + "resolves there to " + (port is null ? "the host's address" : port.IPAddress)
                + ": Get-ZfsNfsShare. Then see with Test-ZfsHost that its NFS server runs, and that nothing on the way "
                + "keeps this host from it (port 2049).",
            cause);
    }

    private static bool IsAboutTheMount(VimFaultException fault) =>
        fault.FaultType is "HostConfigFault" or "PlatformConfigFault" or "NoVirtualNic" or "NoGateway"
            or "HostConfigFailed" or "NasConfigFault" or "NasVolumeNotMounted" or "NoHost";
}
