using ZfsEsx.Zfs;

namespace ZfsEsx.Core.Tests.Zfs;

/// <summary>
/// What exportfs lists, which is not always what it was told. The lists are those of nfs-utils 2.6.2, where the hosts
/// file has "10.99.0.101 vh1-nas" and "10.99.0.102 vh2.example.org vh2-nas".
/// </summary>
public sealed class NfsExportNamesTests
{
    private static readonly Dictionary<string, IReadOnlyList<string>> s_names = new(StringComparer.OrdinalIgnoreCase)
    {
        ["vh1-nas"] = ["10.99.0.101"], ["vh2-nas"] = ["10.99.0.102"], ["vh2.example.org"] = ["10.99.0.102"],
        ["vh9-nas"] = [],
    };

    [Theory]
    [InlineData("vh1-nas", "vh1-nas", "", "vh1-nas")]
    [InlineData("VH1-NAS", "vh1-nas", "", "VH1-NAS")]
    [InlineData("10.99.0.101", "10.99.0.101", "", "10.99.0.101")]
    [InlineData("10.99.0.101", "vh1-nas", "vh1-nas", "10.99.0.101")] // another share is to vh1-nas
    [InlineData("vh1-nas", "10.99.0.101", "vh1-nas", "vh1-nas")] // another share is to 10.99.0.101
    [InlineData("vh2-nas", "vh2.example.org", "vh2-nas vh2.example.org", "vh2-nas")]
    [InlineData("10.99.0.101 vh1-nas", "10.99.0.101", "vh1-nas", "10.99.0.101 vh1-nas")]
    [InlineData(
        "10.99.0.101 10.99.0.102 10.99.0.0/24", "vh1-nas vh2.example.org 10.99.0.0/24",
        "vh1-nas vh2.example.org", "10.99.0.101 10.99.0.102 10.99.0.0/24")]
    [InlineData("vh1-nas", "vh2.example.org", "vh1-nas vh2.example.org", "vh2.example.org")] // not the same: not served
    [InlineData("vh9-nas", "vh1-nas", "vh9-nas vh1-nas", "vh1-nas")]
    [InlineData("vh1-nas", "vh1-nas vh2.example.org", "vh1-nas vh2.example.org", "vh1-nas vh2.example.org")] // by hand
    [InlineData("vh1-nas", "", "", "")]
    [InlineData("*", "*", "", "*")]
    public void Exports_by_the_spelling_of_the_options(string clients, string listed, string unclear, string spelled)
    {
        ZfsNfsShare share = new("uss1", "sp1/a", "/a", "", Words(clients), Words(listed), true);
        Assert.Equal(Words(unclear), NfsExportNames.Unclear([share]));
        Assert.Equal(Words(spelled), NfsExportNames.Spelled(share, s_names).Exported);
    }

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
