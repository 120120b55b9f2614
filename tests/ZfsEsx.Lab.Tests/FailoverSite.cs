using System.Net;
using System.Text;
using ZfsEsx.Esx;
using ZfsEsx.Failover;
using ZfsEsx.Os;
using ZfsEsx.Shell;
using ZfsEsx.Vim;

namespace ZfsEsx.Lab.Tests;

/// <summary>The ring of a lab with two VMs on uss1's share: what a failover drill plays on.</summary>
internal sealed class FailoverSite : IDisposable
{
    public const string Store = "uss1-nas-vol0";

    private readonly Dictionary<string, ZfsHost> _connections = [];

    private FailoverSite(Lab lab, VimClient client)
    {
        Lab = lab;
        Client = client;
    }

    public Lab Lab { get; }

    public VimClient Client { get; }

    public static async Task<FailoverSite> OpenAsync(Lab lab) => new(lab, await VimClient.LoginAsync(
        new VimServer { Uri = lab.Vim, Thumbprint = lab.VimThumbprint },
        new NetworkCredential(lab.VimUser, lab.VimPassword), CancellationToken.None));

    /// <summary>A storage VM; connected anew when it has been away.</summary>
    public async Task<ZfsHost> HostAsync(string name, bool anew = false)
    {
        if (anew && _connections.Remove(name, out ZfsHost? old))
        {
            old.Dispose();
        }

        if (!_connections.TryGetValue(name, out ZfsHost? host))
        {
            LabNode node = Lab.Nodes.Single(n => n.VmName == name);
            OpenSshShell shell = await OpenSshShell.ConnectAsync(
                new SshOptions
                {
                    HostName = "127.0.0.1", Name = name, Port = Lab.SshPortOf(name), UserName = "root",
                    IdentityFile = Lab.SshKeyPath, HostKey = node.HostKeyFingerprint,
                },
                CancellationToken.None);
            _connections[name] = host = await ZfsHost.OpenAsync(shell, CancellationToken.None);
        }

        return host;
    }

    public async Task<FailoverOptions> OptionsAsync(bool source, params string[] hosts) => new()
    {
        Source = "uss1",
        Holder = await HostAsync("uss2"),
        HolderAddress = "10.99.0.12",
        Hosts = await Inventory.ResolveAsync(Client, "HostSystem", hosts, CancellationToken.None),
        SourceHost = source ? await HostAsync("uss1") : null,
        SourceAddress = source ? "10.99.0.11" : null,
        AnswerTimeout = TimeSpan.FromSeconds(30),
    };

    /// <summary>A VM with a file of its own, written through the share by the host that runs it.</summary>
    public async Task<string> NewVmAsync(string name, string host)
    {
        string vmx = $"""
            .encoding = "UTF-8"
            displayName = "{name}"
            memSize = "64"
            uuid.bios = "56 4d 00 00 00 00 00 00-00 00 00 00 00 00 00 0{name.Length}"
            ethernet0.present = "TRUE"
            ethernet0.networkName = "VM Network"

            """;
        const string Script = """
            cd "$1" && rm -rf "$2" && mkdir "$2" && cd "$2" && cat >"$2.vmx" && head -c 3000000 /dev/urandom >data && : >.lck-3e00000000000000 &&
              sync data "$2.vmx" && sha256sum data | cut -d ' ' -f 1
            """;
        RemoteCommand write = RemoteCommand.Script(Script, $"/vmfs/volumes/{host}/{Store}", name);
        CommandResult written = await Lab.HostsAsync(
            host, new RemoteCommand(write.Words) { Input = Encoding.UTF8.GetBytes(vmx) }, CancellationToken.None);
        Assert.True(written.Succeeded, written.Complaint);
        await ForgetVmAsync(name);
        FailoverInventory inventory = await InventoryAsync(host);
        KnownHost place = inventory.Chosen[0];
        VmActions actions = new(Client);
        MoRef vm = await actions.RegisterAsync(
            $"[{Store}] {name}/{name}.vmx", name, new VmPlace(place.VmFolder, place.Pool, place.Ref, host),
            SilentReporter.Instance, CancellationToken.None);
        await actions.PowerOnAsync(vm, name, moved: true, SilentReporter.Instance, CancellationToken.None);
        return written.Output.Trim();
    }

    /// <summary>Takes a VM off the inventory, if it is there.</summary>
    public async Task ForgetVmAsync(string name)
    {
        VmActions actions = new(Client);
        foreach (KnownVm vm in (await InventoryAsync("vh2")).VMs.Where(v => v.Name == name))
        {
            await actions.PowerOffAsync(vm.Ref, vm.Name, SilentReporter.Instance, CancellationToken.None);
            await actions.UnregisterAsync(vm.Ref, vm.Name, CancellationToken.None);
        }
    }

    public async Task<FailoverInventory> InventoryAsync(params string[] hosts) => await FailoverInventory.ReadAsync(
        Client,
        await Inventory.ResolveAsync(Client, "HostSystem", hosts, CancellationToken.None),
        CancellationToken.None);

    /// <summary>What a host finds in a file of the datastore, or of the path given.</summary>
    public async Task<string> HashAsync(string host, string file, string store = Store)
    {
        const string Script = """
            sha256sum "$1" || { dmesg | tail -n 25; grep nfs /proc/mounts; ls -la "${1%/*}"; uptime; exit 1; } >&2
            """;
        RemoteCommand hash = RemoteCommand.Script(Script, $"/vmfs/volumes/{host}/{store}/{file}");
        CommandResult read = await Lab.HostsAsync(host, hash, CancellationToken.None);
        Assert.True(read.Succeeded, read.Error);
        return read.Output.Split(' ')[0];
    }

    public async Task<string> MustAsync(string vm, params string[] words)
    {
        CommandResult result = await Lab.GuestAsync(
            vm, new RemoteCommand(words) { Timeout = TimeSpan.FromMinutes(4) }, CancellationToken.None);
        Assert.True(result.Succeeded, vm + ": " + string.Join(' ', words) + ": " + result.Complaint);
        return result.Output.TrimEnd('\n');
    }

    public async Task WriteAsync(string host, string file, string text)
    {
        CommandResult written = await Lab.HostsAsync(
            host, "sh", "-c", "printf %s \"$2\" >\"$1\" && sync \"$1\"",
            "sh", $"/vmfs/volumes/{host}/{Store}/{file}", text);
        Assert.True(written.Succeeded, written.Complaint);
    }

    /// <summary>A cycle of uss1 now; one of cron's that is under way is waited for.</summary>
    public Task<string> CycleAsync() => MustAsync(
        "uss1", "sh", "-c",
        "for t in 1 2 3 4 5 6 7 8 9; do /usr/local/lib/zfsesx/agent.sh cycle uss2; c=$?; "
            + "[ $c = 75 ] || exit $c; sleep 5; done");

    /// <summary>VMs with host, power and datastore, and datastores with their hosts.</summary>
    public async Task<string> StateAsync()
    {
        FailoverInventory all = await InventoryAsync("vh2");
        return string.Join(
            '\n',
            all.VMs
                .Select(v => $"{v.Name} {all.HostOf(v)?.Name} {(v.IsOn ? "on" : "off")} [{v.Datastore}] {v.File}")
                .Order()
                .Concat(all.Nfs.Datastores
                    .Where(d => d.IsNfs)
                    .Select(d => $"{d.Name} {d.RemoteHost}:{d.RemotePath} "
                        + $"{string.Join(' ', d.Hosts.Select(h => all.Hosts.First(k => k.Ref == h).Name).Order())}")
                    .Order()));
    }

    public void Dispose()
    {
        foreach (ZfsHost host in _connections.Values)
        {
            host.Dispose();
        }

        Client.Dispose();
    }
}
