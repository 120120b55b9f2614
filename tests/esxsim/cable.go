package main

import (
	"fmt"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// cable gives each host its own addresses and its own physical NICs: vmnic0 is the uplink of
// vSwitch0, vmnic1 is free, so that a storage switch can have an uplink.
func cable(h *simulator.HostSystem, k int) {
	n := h.Config.Network
	pci := []string{"0000:05:00.0", "0000:05:00.1"}
	for i := range n.Pnic {
		if i >= len(pci) {
			break
		}
		p := &n.Pnic[i]
		p.Pci, p.Driver, p.Mac = pci[i], "ixgben", fmt.Sprintf("a0:36:9f:%02x:%02x:%02x", k>>8&0xff, k&0xff, i)
		p.FcoeConfiguration = nil
	}
	if len(n.Pnic) > len(pci) {
		n.Pnic = n.Pnic[:len(pci)]
	}
	if *flagModel == "esx" || len(n.Vnic) == 0 {
		return
	}
	v := &n.Vnic[0]
	v.Spec.Ip = &types.HostIpConfig{IpAddress: fmt.Sprintf("192.168.%d.%d", 10+(k+9)/250, (k+9)%250+1), SubnetMask: "255.255.255.0"}
	v.Spec.Mac = fmt.Sprintf("a0:36:9f:%02x:%02x:%02x", k>>8&0xff, k&0xff, 0)
}

// vmPortGroup: whether a VM's NIC can be put on this port group of this host.
func vmPortGroup(h *simulator.HostSystem, name string) bool {
	ns, ok := simulator.Map.Get(*h.ConfigManager.NetworkSystem).(*NetworkSystem)
	if !ok {
		return false
	}
	for _, v := range ns.NetworkInfo.Vnic {
		if v.Portgroup == name {
			return false // taken by a vmkernel port
		}
	}
	for _, pg := range ns.NetworkInfo.Portgroup {
		if pg.Spec.Name == name {
			return true
		}
	}
	return false
}

func computeOf(h *simulator.HostSystem) *mo.ComputeResource {
	switch c := simulator.Map.Get(*h.Parent).(type) {
	case *mo.ComputeResource:
		return c
	case *simulator.ClusterComputeResource:
		return &c.ComputeResource
	}
	return nil
}

func dcOf(e mo.Entity) types.ManagedObjectReference {
	for e != nil {
		r := e.Reference()
		if r.Type == "Datacenter" {
			return r
		}
		p := e.Entity().Parent
		if p == nil {
			break
		}
		e, _ = simulator.Map.Get(*p).(mo.Entity)
	}
	return types.ManagedObjectReference{}
}

func sameDC(a, b mo.Entity) bool { return dcOf(a) == dcOf(b) }
