package main

import (
	"fmt"
	"log"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// distribute makes a distributed switch with vmnic1 of every host as uplink, MTU 9000, and two port groups for storage beside
// that of its uplinks, which the simulator makes. -dvs gives its name.
func distribute(name string) {
	hosts := hostsInOrder()
	dc := simulator.Map.Get(dcOf(hosts[0])).(*simulator.Datacenter)
	folder := simulator.Map.Get(dc.NetworkFolder).(*simulator.Folder)
	folder.CreateDVSTask(inner(folder), &types.CreateDVS_Task{This: folder.Self, Spec: types.DVSCreateSpec{
		ConfigSpec: &types.VMwareDVSConfigSpec{DVSConfigSpec: types.DVSConfigSpec{Name: name}, MaxMtu: 9000}}})
	dvs, ok := simulator.Map.FindByName(name, folder.ChildEntity).(*simulator.DistributedVirtualSwitch)
	if !ok {
		log.Fatalf("no distributed switch %s", name)
	}
	config := &types.DVSConfigSpec{}
	for _, h := range hosts {
		config.Host = append(config.Host, types.DistributedVirtualSwitchHostMemberConfigSpec{Operation: string(types.ConfigSpecOperationAdd), Host: h.Self})
	}
	dvs.ReconfigureDvsTask(&types.ReconfigureDvs_Task{This: dvs.Self, Spec: config})
	add := &types.AddDVPortgroup_Task{This: dvs.Self}
	for _, group := range []string{"dv-eSAN-Interface1", "dv-eSAN-VM"} {
		add.Spec = append(add.Spec, types.DVPortgroupConfigSpec{Name: group, NumPorts: 8, Type: "earlyBinding", DefaultPortConfig: &types.VMwareDVSPortSetting{
			Vlan: &types.VmwareDistributedVirtualSwitchVlanIdSpec{VlanId: 0}}})
	}
	dvs.AddDVPortgroupTask(inner(dvs), add)
	for i, ref := range dvs.Portgroup {
		simulator.Map.Get(ref).(*simulator.DistributedVirtualPortgroup).Config.Uplink = types.NewBool(i == 0)
	}
	for _, h := range hosts {
		proxy := types.HostProxySwitch{DvsUuid: dvs.Uuid, DvsName: name, Key: "key-vim.host.ProxySwitch-DvsPortset-0", NumPorts: 1536, NumPortsAvailable: 1500,
			Mtu: 9000, Pnic: []string{"key-vim.host.PhysicalNic-vmnic1"}}
		h.Config.Network.ProxySwitch = []types.HostProxySwitch{proxy}
	}
}

// port gives a vmkernel port its place on a distributed port group of a switch that the host belongs to.
func (n *NetworkSystem) port(want *types.DistributedVirtualSwitchPortConnection) (string, types.BaseMethodFault) {
	for _, p := range n.host.Config.Network.ProxySwitch {
		if p.DvsUuid != want.SwitchUuid {
			continue
		}
		for _, e := range simulator.Map.All("DistributedVirtualPortgroup") {
			pg, ok := e.(*simulator.DistributedVirtualPortgroup)
			if ok && pg.Key == want.PortgroupKey && (pg.Config.Uplink == nil || !*pg.Config.Uplink) {
				want.PortKey = fmt.Sprint(100*n.k + n.next)
				return "", nil
			}
		}
		return netFault("nic.distributedVirtualPort.portgroupKey")
	}
	return notFound, &types.NotFound{}
}
