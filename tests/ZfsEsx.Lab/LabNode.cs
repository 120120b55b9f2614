namespace ZfsEsx.Lab;

/// <summary>One node of the lab: a host of the simulator and the storage VM that belongs on it.</summary>
/// <param name="Number">1…N.</param>
/// <param name="HostName">The ESXi host, <c>vh1</c>.</param>
/// <param name="VmName">The storage VM, <c>uss1</c>.</param>
/// <param name="StorageAddress">The storage VM's address in the storage network, to be set by the product.</param>
/// <param name="HostStorageAddress">The host's vmkernel address in the storage network.</param>
/// <param name="SshPort">Port on 127.0.0.1 that leads to the storage VM's sshd once it runs.</param>
/// <param name="HostKeyFingerprint">The storage VM's host key, <c>SHA256:…</c>, as ssh prints it.</param>
/// <param name="HostKeyLine">The same key as a line of a known_hosts file.</param>
public sealed record LabNode(
    int Number,
    string HostName,
    string VmName,
    string StorageAddress,
    string HostStorageAddress,
    int SshPort,
    string HostKeyFingerprint,
    string HostKeyLine);
