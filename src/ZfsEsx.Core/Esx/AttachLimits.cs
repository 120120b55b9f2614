namespace ZfsEsx.Esx;

/// <summary>How many passed-through devices a VM can have (Broadcom KB 309986).</summary>
internal static class AttachLimits
{
    /// <param name="host">The host's version: <c>8.0.1</c>.</param>
    /// <param name="hardware">The VM's virtual hardware: <c>vmx-21</c>.</param>
    public static int Of(string host, string hardware) =>
        !Version.TryParse(host, out Version? version) || version < new Version(8, 0) ? 16
            : version < new Version(8, 0, 1) ? 32
            : version < new Version(8, 0, 2) || Hardware(hardware) < 21 ? 64
            : 128;

    /// <summary>17 of <c>vmx-17</c>; 0 where it is not known.</summary>
    public static int Hardware(string version) =>
        version.StartsWith("vmx-", StringComparison.Ordinal) && int.TryParse(version.Substring(4), out int number)
            ? number : 0;
}
