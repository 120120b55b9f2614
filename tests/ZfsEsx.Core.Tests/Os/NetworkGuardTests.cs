using ZfsEsx.Core.Tests.Zfs;
using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Core.Tests.Os;

/// <summary>A change of the address that we came by, which does not stay: where the session is afterwards.</summary>
public sealed class NetworkGuardTests
{
    private static readonly HostNetworkRequest Wanted =
        new() { Address = "10.0.2.99/24", Interface = "eth0", Mtu = 1400 };

    [Theory]
    [InlineData(null)]
    [InlineData("10.0.2.15")] // an earlier change had led here
    public async Task What_is_wrong_is_taken_back_and_the_session_goes_on_at_the_former_address(string? former)
    {
        Machine machine = new(former) { Mtu = 1500 };
        ZfsEsxException e = await FailsAsync(machine, TimeSpan.FromSeconds(2));
        Assert.Equal("AddressNotSet", e.Id);
        Assert.Contains(
            "it got 10.0.2.99/24, MTU 1500, gateway 10.0.2.2. It was taken back on request.", e.Message,
            StringComparison.Ordinal);
        Assert.Equal(former, machine.Address);
    }

    [Fact]
    public async Task Time_that_is_over_after_the_connection_stood_leads_back_as_well()
    {
        Machine machine = new(null) { Mtu = 1400, Hangs = true };
        ZfsEsxException e = await FailsAsync(machine, TimeSpan.FromSeconds(1));
        Assert.Equal("NetworkRolledBack", e.Id);
        Assert.Contains("Nobody connected to confirm it", e.Message, StringComparison.Ordinal);
        Assert.Null(machine.Address);
    }

    [Fact]
    public async Task A_connection_that_is_cut_while_it_asks_is_made_again()
    {
        Machine machine = new(null) { Mtu = 1400, Hangs = true, Late = true };
        ZfsEsxException e = await FailsAsync(machine, TimeSpan.FromSeconds(1));
        Assert.Equal("NetworkRolledBack", e.Id);
        Assert.Null(machine.Address);
    }

    private static async Task<ZfsEsxException> FailsAsync(Machine machine, TimeSpan rollBackAfter)
    {
        using ZfsHost host = await ZfsHost.OpenAsync(machine, default);
        NetworkState state = LinuxNetwork.Parse("uss1", ZfsFixture.Text("openzfs-2.3.9/network.txt"));
        NetworkTrial trial = LinuxNetworkPlanner.Compare("uss1", state, Wanted)[0].Trial!;
        machine.Set();
        return await Assert.ThrowsAsync<ZfsEsxException>(() => new NetworkGuard(host, trial, rollBackAfter).RunAsync(
            async ct =>
            {
                await machine.ReadAsync(ct);
                return state.Interfaces[0] with { Addresses = [Wanted.Address], Mtu = machine.Mtu };
            },
            SilentReporter.Instance, default));
    }

    // Answers at the new address until the change is taken back, and at the former one from then on.
    private sealed class Machine : IRemoteShell
    {
        private readonly string? _former;
        private bool _set;

        public Machine(string? former)
        {
            _former = former;
            Address = former;
        }

        public required int Mtu { get; init; }

        // Reading takes longer than the guard waits.
        public bool Hangs { get; init; }

        // The guard puts the former state back only when it is asked, which cuts the connection.
        public bool Late { get; init; }

        public string Name => "uss1";

        public string? Address { get; private set; }

        private bool Alive => _set == (Address == "10.0.2.99");

        public void Set() => _set = true;

        public async Task ReadAsync(CancellationToken ct)
        {
            if (Hangs)
            {
                _set = Late;
                await Task.Delay(-1, ct);
            }
        }

        public Task ReconnectAsync(string? address, CancellationToken ct)
        {
            if (_set != (address == "10.0.2.99") || (!_set && address != _former))
            {
                throw Lost("HostUnreachable");
            }

            Address = address;
            return Task.CompletedTask;
        }

        public Task<CommandResult> RunAsync(RemoteCommand command, CancellationToken ct)
        {
            string script = command.Words.Count > 2 ? command.Words[2] : "";
            if (script == Resource.Text("detect.sh"))
            {
                return Done(0, ZfsFixture.Text("openzfs-2.3.9/detect.txt"));
            }

            if (script == Resource.Text("guard-start.sh"))
            {
                throw Lost("ConnectionLost");
            }

            Assert.Equal(Resource.Text("guard-undo.sh"), script);
            if (_set)
            {
                _set = false;
                throw Lost("CommandTimeout");
            }

            string said = Hangs ? "Nobody connected to confirm it within 1 s.\n" : "It was taken back on request.\n";
            return Alive ? Done(3, said) : throw Lost("ConnectionLost");
        }

        public Task BecomeRootAsync(RootAccess access, CancellationToken ct) => Task.CompletedTask;

        public Task UploadAsync(string path, byte[] content, string mode, CancellationToken ct) =>
            throw new NotSupportedException();

        public void Dispose()
        {
        }

        private static Task<CommandResult> Done(int code, string output) =>
            Task.FromResult(new CommandResult(code, output, ""));

        private static ZfsEsxException Lost(string id) => new(
            id, id == "CommandTimeout" ? FailureKind.Timeout : FailureKind.Connection, "uss1", "No answer.");
    }
}
