using System.Globalization;
using System.Management.Automation;
using ZfsEsx.Os;
using ZfsEsx.Parameters;
using ZfsEsx.Replication;
using ZfsEsx.Zfs;

namespace ZfsEsx.Shape.Tests;

/// <summary>What the cmdlet assembly decides by itself.</summary>
public class PureTests
{
    [Theory]
    [InlineData("256GB", 256L << 30)]
    [InlineData("1.5 TB", 3L << 39)]
    [InlineData("8g", 8L << 30)]
    [InlineData("128KiB", 128L << 10)]
    [InlineData(" 4096 ", 4096)]
    [InlineData("0", 0)]
    public void Sizes_are_read(string text, long bytes) => Assert.Equal(bytes, ByteSizeAttribute.Parse(text).Bytes);

    [Theory]
    [InlineData("")]
    [InlineData("many")]
    [InlineData("-1GB")]
    [InlineData("1,5GB")]
    [InlineData("1GB; rm -rf /")]
    public void What_is_no_size_is_refused(string text) =>
        Assert.Equal("NotASize", Assert.Throws<ZfsEsxException>(() => ByteSizeAttribute.Parse(text)).Id);

    [Theory]
    [InlineData("03:00", true, "03:00:00")]
    [InlineData("7:05", true, "07:05:00")]
    [InlineData("23:59:00", true, "23:59:00")]
    [InlineData("00:15", false, "00:15:00")]
    [InlineData("24:00", false, "1.00:00:00")]
    [InlineData("7.00:00:30", false, "7.00:00:30")]
    public void Times_are_read(string text, bool ofDay, string time) =>
        Assert.Equal(TimeSpan.Parse(time, CultureInfo.InvariantCulture), ClockTimeAttribute.Read(text, ofDay));

    [Theory]
    [InlineData("25:00", true)]
    [InlineData("24:00", true)]
    [InlineData("1.03:00", true)]
    [InlineData("03:00:30", true)]
    [InlineData("3", true)]
    [InlineData(3, true)]
    [InlineData("soon", false)]
    [InlineData("00:75", false)]
    [InlineData("-00:15", false)]
    [InlineData("15", false)]
    [InlineData(15, false)]
    public void What_is_no_time_is_refused(object given, bool ofDay)
    {
        ZfsEsxException refused = Assert.Throws<ZfsEsxException>(() => ClockTimeAttribute.Read(given, ofDay));
        Assert.StartsWith("'" + given + "' is not a ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(ofDay ? "00:00 to 23:59, as in 03:00" : "as in 00:15", refused.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void A_moment_has_a_time_of_the_day() => Assert.Equal(
        TimeSpan.FromHours(3), ClockTimeAttribute.Read(new DateTime(2026, 11, 29, 3, 0, 0), ofDay: true));

    [Theory]
    [InlineData("255.255.255.0", 24)]
    [InlineData("255.255.0.0", 16)]
    [InlineData("255.255.255.252", 30)]
    [InlineData("255.255.255.255", 32)]
    [InlineData("0.0.0.0", 0)]
    public void Masks_are_read(string mask, int length) => Assert.Equal(length, Netmask.PrefixLength(mask));

    [Theory]
    [InlineData("255.0.255.0")]
    [InlineData("24")]
    [InlineData("255.255.255.256")]
    [InlineData("ffff::")]
    public void What_is_no_mask_is_refused(string mask) =>
        Assert.Equal("InvalidSubnetMask", Assert.Throws<ZfsEsxException>(() => Netmask.PrefixLength(mask)).Id);

    [Theory]
    [InlineData("disk", null, "disk:a+b+c+d")]
    [InlineData("mirror", null, "mirror:a+b mirror:c+d")]
    [InlineData("mirror", 4, "mirror:a+b+c+d")]
    [InlineData("raidz1", null, "raidz1:a+b+c+d")]
    public void Disks_are_grouped(string type, int? width, string expected) => Assert.Equal(
        expected,
        string.Join(
            " ",
            Vdevs.Layout(type, width, ["a", "b", "c", "d"]).Select(v => v.Type + ":" + string.Join("+", v.Disks))));

    [Fact]
    public void A_disk_too_many_is_refused() =>
        Assert.Equal(
            "InvalidLayout",
            Assert.Throws<ZfsEsxException>(() => Vdevs.Layout("mirror", null, ["a", "b", "c"])).Id);

    [Fact]
    public void A_declined_step_takes_the_later_ones_of_its_target_with_it()
    {
        Change[] changes = [Change("vh1", "a"), Change("vh2", "a"), Change("vh1", "b"), Change("vh2", "b")];
        List<Change> asked = [];
        Asked answers = Asked.Ask(changes, c =>
        {
            asked.Add(c);
            return c == changes[0] ? Answer.No : Answer.Yes;
        });
        Assert.Equal([changes[1], changes[3]], answers.Accepted);
        Assert.Equal([changes[0]], answers.Declined);
        Assert.Equal([changes[2]], answers.LeftOut);
        Assert.Equal(["vh1", "vh1"], answers.NotMade);
        Assert.DoesNotContain(changes[2], asked);
    }

    [Fact]
    public void WhatIf_shows_the_whole_list()
    {
        Change[] changes = [Change("vh1", "a"), Change("vh1", "b"), Change("vh1", "c")];
        Asked answers = Asked.Ask(changes, _ => Answer.OnlyShown);
        Assert.Equal(changes, answers.OnlyShown);
        Assert.Empty(answers.Accepted);
    }

    [Fact]
    public void Every_kind_of_failure_has_a_category()
    {
        FailureKind[] kinds = Enum.GetValues<FailureKind>();
        Assert.Equal(kinds.Length, kinds.Select(ErrorRecords.Category).Distinct().Count());
        Assert.Equal(ErrorCategory.ResourceBusy, ErrorRecords.Category(FailureKind.InUse));
    }

    [Fact]
    public void Foreign_exceptions_are_wrapped_with_their_cause()
    {
        InvalidOperationException cause = new("boom");
        ZfsEsxException known = ErrorRecords.Known(new AggregateException(new AggregateException(cause)), "uss1");
        Assert.Same(cause, known.InnerException);
        Assert.Equal(("Unexpected", "uss1"), (known.Id, known.Target));
        Assert.Contains("boom", known.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "0 s")]
    [InlineData(-5, "0 s")]
    [InlineData(89, "89 s")]
    [InlineData(90, "2 min")]
    [InlineData(300, "5 min")]
    [InlineData(5400, "1.5 h")]
    [InlineData(129600, "2 d")]
    public void Ages_are_readable(int seconds, string expected) =>
        Assert.Equal(expected, Format.Age(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void Nothing_is_shown_of_nothing()
    {
        Assert.Equal("", Format.Age(null));
        Assert.Equal("", Format.Time(null));
        Assert.Equal("", Format.List(null));
    }

    [Fact]
    public void A_pool_shows_its_log_by_short_names()
    {
        Zpool pool =
            new() { ZfsHost = "uss1", Name = "sp1", State = "ONLINE", Log = ["/dev/disk/by-id/virtio-DDRdriveX1"] };
        Assert.Equal("virtio-DDRdriveX1", Format.Log(pool));
        Assert.Equal("none", Format.Log(pool with { Log = [] }));
    }

    [Fact]
    public void A_ring_is_completed_from_what_the_storage_VMs_say()
    {
        IReadOnlyList<RingNode> nodes = RingMembers.Nodes(
            [Member("uss1", "sp1", "10.99.0.11"), Member("uss2", "sp2", "10.99.0.12")], ["nas"], [], "keep");
        Assert.Equal(
            [
                new RingNode("uss1", "sp1/nas", "10.99.0.11", "sp1/keep"),
                new RingNode("uss2", "sp2/nas", "10.99.0.12", "sp2/keep")
            ],
            nodes);
    }

    [Fact]
    public void What_a_user_says_of_the_ring_comes_first()
    {
        IReadOnlyList<RingNode> nodes = RingMembers.Nodes(
            [Member("a", "p", "1.1.1.1"), Member("b", "q", "1.1.1.2")], ["p/x", "q/y"], ["h1", "h2"], null);
        Assert.Equal([new RingNode("a", "p/x", "h1"), new RingNode("b", "q/y", "h2")], nodes);
    }

    [Theory]
    [InlineData(new[] { "a", "b", "c" }, new string[0], "RingCount")]
    [InlineData(new[] { "nas" }, new[] { "10.0.0.1" }, "RingCount")]
    public void Counts_that_do_not_fit_are_refused(string[] fileSystems, string[] addresses, string id) =>
        Assert.Equal(
            id,
            Assert.Throws<ZfsEsxException>(() => RingMembers.Nodes(
                [Member("a", "p", "1.1.1.1"), Member("b", "q", "1.1.1.2")], fileSystems, addresses, null)).Id);

    [Fact]
    public void What_cannot_be_known_is_asked_for()
    {
        RingMemberInput twoPools = new("a", ["p", "q"], [Network("eth1", "1.1.1.1")]);
        Assert.Equal(
            "PoolUnknown",
            Assert.Throws<ZfsEsxException>(
                () => RingMembers.Nodes([twoPools, Member("b", "q", "1.1.1.2")], ["nas"], [], null)).Id);
        RingMemberInput twoNetworks = new("a", ["p"], [Network("eth1", "1.1.1.1"), Network("eth2", "1.1.2.1")]);
        Assert.Equal(
            "StorageAddressUnknown",
            Assert.Throws<ZfsEsxException>(() => RingMembers.StorageAddress(twoNetworks)).Id);
    }

    private static RingMemberInput Member(string name, string pool, string address) => new(
        name,
        [pool],
        [Network("lo", "127.0.0.1"), Network("eth0", "192.168.0.2", management: true), Network("eth1", address)]);

    private static ZfsHostNetwork Network(string name, string address, bool management = false) =>
        new("x", name, "", [address + "/24"], 1500, true, management);

    private static Change Change(string target, string action) => new(target, action, (_, _) => Task.CompletedTask);
}
