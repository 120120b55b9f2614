using System.Text.Json.Nodes;
using ZfsEsx.Shell;

namespace ZfsEsx.Lab.Tests;

/// <summary>The lab itself: a guest has what its configuration says, and nothing is left behind.</summary>
[Collection(LabTests.Name)]
public sealed class LabGuestTests(LabFixture fixture)
{
    private const long Mega = 1 << 20;

    [Fact]
    public async Task AGuestHasExactlyTheDisksAndCardsOfItsConfiguration()
    {
        JsonObject vm = Machine("probe", [(2001, 512 * Mega)], log: false);
        await PowerOnAsync(vm);
        try
        {
            Assert.Equal(["root", "sys", "vmdk2001 512M"], await DisksAsync("probe"));
            Assert.Equal(["00:50:56:aa:00:01", "00:50:56:aa:00:02"], await CardsAsync("probe"));
            Assert.True((await fixture.Lab.GuestAsync("probe", "sh", "-c", KeepAddress)).Succeeded);
            await fixture.Lab.EventAsync("power-off", vm, CancellationToken.None);
            Assert.False(fixture.Lab.IsRunning("probe"));

            JsonObject grown = Machine("probe", [(2001, 512 * Mega), (2002, 300 * Mega)], log: true);
            grown["nics"] = new JsonArray([.. grown["nics"]!.AsArray().Reverse().Select(nic => nic!.DeepClone())]);
            await PowerOnAsync(grown);
            Assert.Equal(
                ["DDRdriveX1 512M", "root", "sys", "vmdk2001 512M", "vmdk2002 300M"], await DisksAsync("probe"));
            // What the guest has written survives a power cut, and an address stays on its card, whatever the slots.
            Assert.Equal(["00:50:56:aa:00:01", "00:50:56:aa:00:02"], await CardsAsync("probe"));
            CommandResult kept = await fixture.Lab.GuestAsync(
                "probe", "ip", "-br", "-4", "addr", "show", "to", "10.99.0.70");
            Assert.StartsWith("eth1 ", kept.Output, StringComparison.Ordinal);
        }
        finally
        {
            await fixture.Lab.EventAsync("power-off", vm, CancellationToken.None);
        }
    }

    [Fact]
    public async Task AHostWithoutARouteIsToldSoByItsOwnMount()
    {
        var mount = new JsonObject
        {
            ["host"] = "vh1",
            ["address"] = "10.99.0.101",
            ["netmask"] = "255.255.255.0",
            ["mtu"] = 9000,
            ["remoteHost"] = "10.99.0.200",
            ["remotePath"] = "/export/none",
            ["type"] = "NFS",
            ["name"] = "none",
        };
        CommandResult result = await fixture.Lab.EventAsync("nas-mount", mount, CancellationToken.None);
        Assert.NotEqual(0, result.ExitCode);
        Assert.StartsWith("mount.nfs: ", result.Error.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
        Assert.NotEqual(0, (await fixture.Lab.EventAsync("nas-check", mount, CancellationToken.None)).ExitCode);
    }

    [Fact]
    public async Task ASecondUpChangesNothing()
    {
        var said = new List<string>();
        Lab again = await Lab.UpAsync(
            new LabOptions { Name = fixture.Lab.Name }, said.Add, CancellationToken.None);
        Assert.Equal(fixture.Lab.Vim, again.Vim);
        Assert.Contains("runs already", Assert.Single(said), StringComparison.Ordinal);
    }

    private const string KeepAddress = """
        printf 'auto eth1\niface eth1 inet static\n    address 10.99.0.70/24\n' > /etc/network/interfaces.d/eth1 && sync
        """;

    private async Task<string[]> CardsAsync(string vm) =>
        [.. (await fixture.Lab.GuestAsync(vm, "sh", "-c", "cat /sys/class/net/eth*/address")).Lines];

    private async Task PowerOnAsync(JsonObject vm)
    {
        CommandResult result = await fixture.Lab.EventAsync("power-on", vm, CancellationToken.None);
        Assert.True(result.Succeeded, result.Error);
        await fixture.Lab.WaitReadyAsync((string)vm["vm"]!, CancellationToken.None);
    }

    // serial and size; the size of the system's two disks is the lab's own affair
    private async Task<string[]> DisksAsync(string vm)
    {
        CommandResult result = await fixture.Lab.GuestAsync(vm, "lsblk", "-dno", "SERIAL,SIZE");
        return [.. result.Lines
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(words => words[0] is "root" or "sys" ? words[0] : string.Join(' ', words))
            .Order(StringComparer.Ordinal)];
    }

    private static JsonObject Machine(string name, (int Key, long Bytes)[] data, bool log)
    {
        (int Key, long Bytes)[] disks = [(2000, 256 * Mega), .. data];
        return new JsonObject
        {
            ["vm"] = name,
            ["uuid"] = "42aa0000-0000-0000-0000-00000000aa01",
            ["host"] = "vh1",
            ["numCpu"] = 1,
            ["memoryMB"] = Lab.UsualMemoryMB,
            ["guestInfo"] = new JsonObject { ["hostname"] = name },
            ["nics"] = new JsonArray(
                new JsonObject { ["mac"] = "00:50:56:aa:00:01", ["network"] = "VM Network" },
                new JsonObject { ["mac"] = "00:50:56:aa:00:02", ["network"] = "eSAN-VM" }),
            ["disks"] = new JsonArray([.. disks.Select(
                d => new JsonObject { ["key"] = d.Key, ["file"] = "disk", ["capacityBytes"] = d.Bytes })]),
            ["passthrough"] = log
                ? new JsonArray(new JsonObject
                {
                    ["id"] = "0000:04:00.0",
                    ["vendor"] = "19e3",
                    ["device"] = "5801",
                    ["name"] = "DDRdrive X1",
                })
                : [],
        };
    }
}
