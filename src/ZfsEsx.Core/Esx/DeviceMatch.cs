using System.Text.RegularExpressions;

namespace ZfsEsx.Esx;

/// <summary>Whether a device is meant by what a user wrote.</summary>
internal static class DeviceMatch
{
    /// <summary>PCI address with or without the segment, <c>vendor:device</c> ids, or a name with * and ?.</summary>
    public static bool Matches(VmDirectPathDevice device, string wanted)
    {
        string text = wanted.Trim();
        return Same(device.Id, text)
            || Same(device.Id, "0000:" + text)
            || Same(device.VendorId + ":" + device.DeviceId, text)
            || Like(device.Device, text)
            || Like(device.VendorName + " " + device.Device, text);
    }

    private static bool Same(string left, string right) =>
        string.Equals(left, right, StringComparison.OrdinalIgnoreCase);

    private static bool Like(string text, string pattern) => Regex.IsMatch(
        text,
        "^" + Regex.Escape(pattern).Replace("\\*", ".*").Replace("\\?", ".") + "$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Singleline);
}
