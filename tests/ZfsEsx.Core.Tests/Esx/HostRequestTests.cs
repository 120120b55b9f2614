using ZfsEsx.Core.Tests.Vim;
using ZfsEsx.Esx;
using ZfsEsx.Vim;

namespace ZfsEsx.Core.Tests.Esx;

/// <summary>
/// Requests of networks and datastores that no recording has: their elements in the order of the types.
/// </summary>
public sealed class HostRequestTests : IDisposable
{
    private static readonly NewStorageNetwork s_network = new();
    private static readonly HostNetworkFacts s_host = new()
    {
        Ref = new MoRef("HostSystem", "host-15"), Name = "vh1", NetworkSystem = new MoRef("HostNetworkSystem", "ns"),
    };

    private readonly ReplayServer _server = new();

    public void Dispose() => _server.Dispose();

    [Fact]
    public async Task A_vmkernel_port_on_a_distributed_port_group()
    {
        await SendAsync(a => a.AddPortAsync(s_host, "10.99.0.101", s_network, ("50 21", "dvportgroup-12"), default));
        Expect(
            "AddVirtualNic",
            """
              portgroup = 
              nic
                ip
                  dhcp = false
                  ipAddress = 10.99.0.101
                  subnetMask = 255.255.255.0
                distributedVirtualPort
                  switchUuid = 50 21
                  portgroupKey = dvportgroup-12
                mtu = 9000
            """);
    }

    [Fact]
    public async Task Changes_of_a_vmkernel_port_and_of_a_port_group()
    {
        VmkernelPort port = new("vmk1", "eSAN-Interface1", "10.99.0.9", "255.255.255.0", 1500);
        await SendAsync(a => a.UpdatePortAsync(s_host, port, "10.99.0.101", s_network, default));
        Expect(
            "UpdateVirtualNic",
            """
              device = vmk1
              nic
                ip
                  dhcp = false
                  ipAddress = 10.99.0.101
                  subnetMask = 255.255.255.0
                mtu = 9000
            """);
        await SendAsync(a => a.UpdatePortAsync(s_host, port, "10.99.0.9", s_network, default));
        Expect(
            "UpdateVirtualNic",
            """
              device = vmk1
              nic
                mtu = 9000
            """);
        HostPortGroup group = new("eSAN-VM", "eSAN", 0, VimValue.None);
        await SendAsync(a => a.UpdatePortGroupAsync(s_host, group, 7, default));
        Expect(
            "UpdatePortGroup",
            """
              pgName = eSAN-VM
              portgrp
                name = eSAN-VM
                vlanId = 7
                vswitchName = eSAN
                policy = 
            """);
    }

    [Fact]
    public async Task Removals()
    {
        await SendAsync(a => a.RemovePortAsync(s_host, new("vmk1", "g", "", "", 0), default));
        Expect("RemoveVirtualNic", "  device = vmk1");
        await SendAsync(a => a.RemovePortGroupAsync(s_host, new("eSAN-VM", "eSAN", 0, VimValue.None), default));
        Expect("RemovePortGroup", "  pgName = eSAN-VM");
        await SendAsync(a => a.RemoveSwitchAsync(s_host, new("eSAN", 9000, [], VimValue.None), default));
        Expect("RemoveVirtualSwitch", "  vswitchName = eSAN");
    }

    [Fact]
    public async Task A_raised_setting_keeps_its_type()
    {
        _server.Add("QueryOptions", 200,
            $"""
            <e:Envelope xmlns:e='{Soap.Envelope}' xmlns:x='{Soap.Xsi}' xmlns:d='http://www.w3.org/2001/XMLSchema'><e:Body>
            <QueryOptionsResponse xmlns='urn:vim25'><returnval x:type='OptionValue'><key>NFS.MaxVolumes</key>
            <value x:type='d:long'>8</value></returnval></QueryOptionsResponse></e:Body></e:Envelope>
            """);
        using VimClient client = await _server.LoginAsync();
        NfsHost host = new(s_host.Ref, "vh1", true, default, []) { OptionManager = new MoRef("OptionManager", "om") };
        NfsLimits limits = (await NfsLimits.ReadAsync(client, [host], false, default))[host.Ref];
        Assert.Equal(8, limits.MaxVolumes);
        await new NfsActions(client).RaiseAsync(host, limits, [(limits.Volumes, 16)], default);
        Assert.Equal(
            """
            UpdateOptions
              _this ref:OptionManager = om
              changedValue xsi:OptionValue
                key = NFS.MaxVolumes
                value xsi:xsd:long = 16

            """.ReplaceLineEndings("\n"),
            _server.Last("UpdateOptions"));
    }

    private async Task SendAsync(Func<StorageNetworkActions, Task> work)
    {
        using VimClient client = await _server.LoginAsync();
        await work(new StorageNetworkActions(client));
    }

    private void Expect(string method, string arguments) => Assert.Equal(
        (method + "\n  _this ref:HostNetworkSystem = ns\n" + arguments + "\n").ReplaceLineEndings("\n"),
        _server.Last(method));
}
