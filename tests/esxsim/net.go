package main

import (
	"fmt"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// NetworkSystem adds vmkernel ports and keeps host.config.network in step
// (the simulator changes only its own networkInfo).
type NetworkSystem struct {
	simulator.HostNetworkSystem
	host *simulator.HostSystem
	next int
}

func installNet(h *simulator.HostSystem, k int) {
	cable(h, k)
	ns, ok := simulator.Map.Get(*h.ConfigManager.NetworkSystem).(*simulator.HostNetworkSystem)
	if !ok {
		return
	}
	n := &NetworkSystem{HostNetworkSystem: *ns, host: h, next: 1}
	n.Host = &h.HostSystem
	n.NetworkInfo.Vnic = append([]types.HostVirtualNic{}, h.Config.Network.Vnic...)
	n.NetworkInfo.Pnic = h.Config.Network.Pnic
	n.NetworkInfo.Vswitch = append([]types.HostVirtualSwitch{}, h.Config.Network.Vswitch...)
	n.NetworkInfo.Portgroup = append([]types.HostPortGroup{}, h.Config.Network.Portgroup...)
	simulator.Map.Put(n)

	vm := &VirtualNicManager{net: n}
	vm.Info.NetConfig = []types.VirtualNicManagerNetConfig{{NicType: "management", MultiSelectAllowed: true, SelectedVnic: []string{"management.key-vim.host.VirtualNic-vmk0"}}, {NicType: "vmotion"}, {NicType: "vsan"}}
	vm.Self = types.ManagedObjectReference{Type: "HostVirtualNicManager", Value: "virtualNicManager-" + h.Self.Value}
	ref := simulator.Map.Put(vm).Reference()
	h.ConfigManager.VirtualNicManager = &ref
}

func (n *NetworkSystem) sync() {
	info := *n.NetworkInfo
	simulator.Map.WithLock(n.host, func() {
		simulator.Map.Update(n.host, []types.PropertyChange{{Name: "config.network.vswitch", Val: info.Vswitch},
			{Name: "config.network.portgroup", Val: info.Portgroup}, {Name: "config.network.vnic", Val: info.Vnic}})
		n.host.Config.Network.Vswitch = info.Vswitch
		n.host.Config.Network.Portgroup = info.Portgroup
		n.host.Config.Network.Vnic = info.Vnic
	})
}

func (n *NetworkSystem) AddVirtualSwitch(ctx *simulator.Context, req *types.AddVirtualSwitch) soap.HasFault {
	res := n.HostNetworkSystem.AddVirtualSwitch(req)
	if res.Fault() == nil {
		s := &n.NetworkInfo.Vswitch[len(n.NetworkInfo.Vswitch)-1]
		s.Key = "key-vim.host.VirtualSwitch-" + req.VswitchName
		s.Mtu = 1500
		if req.Spec != nil {
			s.Spec = *req.Spec
			if req.Spec.Mtu != 0 {
				s.Mtu = req.Spec.Mtu
			}
			s.NumPorts = req.Spec.NumPorts
		}
		n.sync()
	}
	return res
}

func (n *NetworkSystem) RemoveVirtualSwitch(ctx *simulator.Context, req *types.RemoveVirtualSwitch) soap.HasFault {
	for _, s := range n.NetworkInfo.Vswitch {
		if s.Name == req.VswitchName && len(s.Portgroup) > 0 {
			return &methods.RemoveVirtualSwitchBody{Fault_: simulator.Fault("The resource is in use.", &types.ResourceInUse{Type: "VirtualSwitch", Name: s.Name})}
		}
	}
	res := n.HostNetworkSystem.RemoveVirtualSwitch(req)
	if res.Fault() == nil {
		n.sync()
	}
	return res
}

// AddPortGroup: real hosts may have port groups of one name on several hosts (one
// Network object in the datacenter); the simulator says DuplicateName. Fixed here.
func (n *NetworkSystem) AddPortGroup(ctx *simulator.Context, req *types.AddPortGroup) soap.HasFault {
	for _, pg := range n.NetworkInfo.Portgroup {
		if pg.Spec.Name == req.Portgrp.Name {
			return &methods.AddPortGroupBody{Fault_: simulator.Fault("The specified key, name, or identifier already exists.", &types.AlreadyExists{Name: req.Portgrp.Name})}
		}
	}
	var net mo.Entity
	for _, e := range simulator.Map.All("Network") {
		if e.(*mo.Network).Name == req.Portgrp.Name && sameDC(e, n.host) {
			net = e
		}
	}
	if net == nil {
		res := n.HostNetworkSystem.AddPortGroup(ctx, req)
		if res.Fault() != nil {
			return res
		}
		for _, e := range simulator.Map.All("Network") {
			if e.(*mo.Network).Name == req.Portgrp.Name && sameDC(e, n.host) {
				net = e
			}
		}
	} else {
		found := false
		for i := range n.NetworkInfo.Vswitch {
			if n.NetworkInfo.Vswitch[i].Name == req.Portgrp.VswitchName {
				found = true
				n.NetworkInfo.Vswitch[i].Portgroup = append(n.NetworkInfo.Vswitch[i].Portgroup, req.Portgrp.Name)
			}
		}
		if !found {
			return &methods.AddPortGroupBody{Fault_: simulator.Fault("The object or item referred to could not be found.", &types.NotFound{})}
		}
		n.NetworkInfo.Portgroup = append(n.NetworkInfo.Portgroup, types.HostPortGroup{Key: "key-vim.host.PortGroup-" + req.Portgrp.Name, Spec: req.Portgrp})
	}
	if mn, ok := net.(*mo.Network); ok {
		simulator.Map.AddReference(mn, &mn.Host, n.host.Self)
		if mn.Summary == nil {
			mn.Summary = &types.NetworkSummary{Network: &mn.Self, Name: mn.Name, Accessible: true}
		}
		simulator.Map.AddReference(n.host, &n.host.Network, mn.Self)
		if cr := computeOf(n.host); cr != nil {
			simulator.Map.AddReference(cr, &cr.Network, mn.Self)
		}
	}
	n.sync()
	return &methods.AddPortGroupBody{Res: new(types.AddPortGroupResponse)}
}

func (n *NetworkSystem) AddVirtualNic(ctx *simulator.Context, req *types.AddVirtualNic) soap.HasFault {
	body := &methods.AddVirtualNicBody{}
	found := false
	for _, pg := range n.NetworkInfo.Portgroup {
		found = found || pg.Spec.Name == req.Portgroup
	}
	if !found {
		body.Fault_ = simulator.Fault("An error occurred during host configuration: no port group '"+req.Portgroup+"'", &types.HostConfigFault{})
		return body
	}
	for _, v := range n.NetworkInfo.Vnic {
		if v.Portgroup == req.Portgroup {
			body.Fault_ = simulator.Fault("The specified key, name, or identifier already exists.", &types.AlreadyExists{Name: req.Portgroup})
			return body
		}
		if req.Nic.Ip != nil && v.Spec.Ip != nil && v.Spec.Ip.IpAddress == req.Nic.Ip.IpAddress && req.Nic.Ip.IpAddress != "" {
			body.Fault_ = simulator.Fault("An error occurred during host configuration.", &types.HostConfigFault{})
			return body
		}
	}
	dev := fmt.Sprintf("vmk%d", n.next)
	n.next++
	spec := req.Nic
	spec.Portgroup = req.Portgroup
	if spec.Mtu == 0 {
		spec.Mtu = 1500
	}
	if spec.Mac == "" {
		spec.Mac = fmt.Sprintf("00:50:56:6a:%02x:%02x", len(n.host.Self.Value), n.next)
	}
	if spec.NetStackInstanceKey == "" {
		spec.NetStackInstanceKey = "defaultTcpipStack"
	}
	n.NetworkInfo.Vnic = append(n.NetworkInfo.Vnic, types.HostVirtualNic{Device: dev, Key: "key-vim.host.VirtualNic-" + dev, Portgroup: req.Portgroup, Spec: spec})
	n.sync()
	body.Res = &types.AddVirtualNicResponse{Returnval: dev}
	return body
}

func (n *NetworkSystem) RemoveVirtualNic(ctx *simulator.Context, req *types.RemoveVirtualNic) soap.HasFault {
	for i, v := range n.NetworkInfo.Vnic {
		if v.Device == req.Device {
			n.NetworkInfo.Vnic = append(append([]types.HostVirtualNic{}, n.NetworkInfo.Vnic[:i]...), n.NetworkInfo.Vnic[i+1:]...)
			n.sync()
			return &methods.RemoveVirtualNicBody{Res: new(types.RemoveVirtualNicResponse)}
		}
	}
	return &methods.RemoveVirtualNicBody{Fault_: simulator.Fault("The object or item referred to could not be found.", &types.NotFound{})}
}

// VirtualNicManager: absent from 0.24.2.
type VirtualNicManager struct {
	mo.HostVirtualNicManager
	net *NetworkSystem
}

func (m *VirtualNicManager) QueryNetConfig(req *types.QueryNetConfig) soap.HasFault {
	for _, c := range m.Info.NetConfig {
		if c.NicType == req.NicType {
			c := c
			c.CandidateVnic = m.net.NetworkInfo.Vnic
			return &methods.QueryNetConfigBody{Res: &types.QueryNetConfigResponse{Returnval: &c}}
		}
	}
	return &methods.QueryNetConfigBody{Fault_: simulator.Fault("A specified parameter was not correct: nicType", &types.InvalidArgument{InvalidProperty: "nicType"})}
}

func (m *VirtualNicManager) SelectVnicForNicType(req *types.SelectVnicForNicType) soap.HasFault {
	for i := range m.Info.NetConfig {
		if c := &m.Info.NetConfig[i]; c.NicType == req.NicType {
			c.SelectedVnic = append(c.SelectedVnic, req.NicType+".key-vim.host.VirtualNic-"+req.Device)
			return &methods.SelectVnicForNicTypeBody{Res: new(types.SelectVnicForNicTypeResponse)}
		}
	}
	return &methods.SelectVnicForNicTypeBody{Fault_: simulator.Fault("A specified parameter was not correct: nicType", &types.InvalidArgument{InvalidProperty: "nicType"})}
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
