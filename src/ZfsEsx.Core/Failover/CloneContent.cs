using System.Globalization;
using System.Text.RegularExpressions;
using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Failover;

/// <summary>A configuration found in a clone.</summary>
/// <param name="File">Where it is: <c>app1/app1.vmx</c>.</param>
/// <param name="Name">What the VM is called by its configuration.</param>
internal sealed record FoundVm(string File, string Name);

/// <summary>What is in a clone.</summary>
/// <param name="Locks">How many locks of lost hosts were removed.</param>
/// <param name="VMs">The configurations in it.</param>
/// <param name="Notes">Our note of the VMs, where there is one.</param>
internal sealed record CloneContent(int Locks, IReadOnlyList<FoundVm> VMs, IReadOnlyList<VmNote> Notes)
{
    private static readonly Regex s_byte = new(@"\|([0-9A-Fa-f]{2})", RegexOptions.CultureInvariant);

    public static async Task<CloneContent> ReadAsync(
        ZfsHost host, string clone, string mountPoint, bool unlock, CancellationToken ct)
    {
        CommandResult answer = await host.CheckAsync(
            RemoteCommand.Script(Resource.Text("clone-content.sh"), clone, mountPoint, unlock ? "unlock" : ""),
            "CloneUnreadable", clone, "The files in " + clone + " cannot be read", null, ct).ConfigureAwait(false);
        return Parse(answer.Lines);
    }

    internal static CloneContent Parse(IEnumerable<string> lines)
    {
        ILookup<string, string[]> by = lines.Select(l => l.Split('\t')).ToLookup(w => w[0], w => w.Skip(1).ToArray());
        return new CloneContent(
            int.TryParse(by["LOCKS"].FirstOrDefault()?[0], NumberStyles.None, CultureInfo.InvariantCulture, out int n)
                ? n
                : 0,
            [
                .. by["VMX"].Where(w => w.Length == 2 && w[0].Length > 0).Select(w => new FoundVm(
                    w[0], w[1].Length > 0 ? Unescape(w[1]) : Path.GetFileNameWithoutExtension(w[0])))
                    .OrderBy(v => v.File, StringComparer.Ordinal),
            ],
            VmNotes.Read(by["NOTE"].Select(w => string.Join("\t", w))));
    }

    // A .vmx writes quotes and the like as |22.
    private static string Unescape(string text) => s_byte.Replace(
        text,
        m => ((char)int.Parse(m.Groups[1].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString());
}
