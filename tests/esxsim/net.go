package main

import (
	"strings"
	"sync"

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
	k    int
}

func installNet(h *simulator.HostSystem, k int) {
	cable(h, k)
	ns, ok := simulator.Map.Get(*h.ConfigManager.NetworkSystem).(*simulator.HostNetworkSystem)
	if !ok {
		return
	}
	n := &NetworkSystem{HostNetworkSystem: *ns, host: h, next: 1, k: k}
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
	h.Config.VirtualNicManagerInfo = &vm.Info
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

// own: what a reader may hold is not changed in place.
func (n *NetworkSystem) own() {
	n.NetworkInfo.Vswitch = append([]types.HostVirtualSwitch{}, n.NetworkInfo.Vswitch...)
}

func (n *NetworkSystem) AddVirtualSwitch(ctx *simulator.Context, req *types.AddVirtualSwitch) soap.HasFault {
	bad := func(msg string, f types.BaseMethodFault) soap.HasFault {
		return &methods.AddVirtualSwitchBody{Fault_: simulator.Fault(msg, f)}
	}
	if req.VswitchName == "" || len(req.VswitchName) > 31 {
		return bad("A specified parameter was not correct: vswitchName", &types.InvalidArgument{InvalidProperty: "vswitchName"})
	}
	for _, s := range n.NetworkInfo.Vswitch {
		if s.Name == req.VswitchName {
			return bad("The specified key, name, or identifier '"+s.Name+"' already exists.", &types.AlreadyExists{Name: s.Name})
		}
	}
	s := types.HostVirtualSwitch{Name: req.VswitchName, Key: "key-vim.host.VirtualSwitch-" + req.VswitchName, Mtu: 1500, NumPorts: 128}
	if req.Spec != nil {
		if msg, f := n.plug(&s, *req.Spec); f != nil {
			return bad(msg, f)
		}
	}
	n.own()
	n.NetworkInfo.Vswitch = append(n.NetworkInfo.Vswitch, s)
	n.sync()
	return &methods.AddVirtualSwitchBody{Res: new(types.AddVirtualSwitchResponse)}
}

// uplink finds a physical NIC's key, and the switch that has it.
func (n *NetworkSystem) uplink(dev string) (key, user string) {
	for _, p := range n.host.Config.Network.Pnic {
		if p.Device == dev {
			key = p.Key
		}
	}
	for _, s := range n.NetworkInfo.Vswitch {
		for _, k := range s.Pnic {
			if k == key {
				user = s.Name
			}
		}
	}
	for _, s := range n.host.Config.Network.ProxySwitch {
		for _, k := range s.Pnic {
			if k == key {
				user = s.DvsName
			}
		}
	}
	return
}

func (n *NetworkSystem) RemoveVirtualSwitch(ctx *simulator.Context, req *types.RemoveVirtualSwitch) soap.HasFault {
	for _, s := range n.NetworkInfo.Vswitch {
		for _, pg := range s.Portgroup {
			if s.Name == req.VswitchName && n.inUse(strings.TrimPrefix(pg, pgKey)) {
				return &methods.RemoveVirtualSwitchBody{Fault_: simulator.Fault("The resource '"+s.Name+"' is in use.", &types.ResourceInUse{Type: "VirtualSwitch", Name: s.Name})}
			}
		}
	}
	for i, s := range n.NetworkInfo.Vswitch {
		if s.Name == req.VswitchName {
			for _, pg := range s.Portgroup {
				n.dropPortGroup(ctx, strings.TrimPrefix(pg, pgKey))
			}
			n.NetworkInfo.Vswitch = append(append([]types.HostVirtualSwitch{}, n.NetworkInfo.Vswitch[:i]...), n.NetworkInfo.Vswitch[i+1:]...)
			n.sync()
			return &methods.RemoveVirtualSwitchBody{Res: new(types.RemoveVirtualSwitchResponse)}
		}
	}
	return &methods.RemoveVirtualSwitchBody{Fault_: simulator.Fault("The object or item referred to could not be found.", &types.NotFound{})}
}

const pgKey = "key-vim.host.PortGroup-"

// AddPortGroup: real hosts may have port groups of one name on several hosts (one
// Network object in the datacenter); the simulator says DuplicateName. Fixed here.
func (n *NetworkSystem) AddPortGroup(ctx *simulator.Context, req *types.AddPortGroup) soap.HasFault {
	bad := func(msg string, f types.BaseMethodFault) soap.HasFault {
		return &methods.AddPortGroupBody{Fault_: simulator.Fault(msg, f)}
	}
	spec := req.Portgrp
	if spec.Name == "" || len(spec.Name) > 80 || spec.VlanId < 0 || spec.VlanId > 4095 {
		return bad("A specified parameter was not correct: portgrp", &types.InvalidArgument{InvalidProperty: "portgrp"})
	}
	for _, pg := range n.NetworkInfo.Portgroup {
		if pg.Spec.Name == spec.Name {
			return bad("The specified key, name, or identifier '"+spec.Name+"' already exists.", &types.AlreadyExists{Name: spec.Name})
		}
	}
	at := -1
	for i := range n.NetworkInfo.Vswitch {
		if n.NetworkInfo.Vswitch[i].Name == spec.VswitchName {
			at = i
		}
	}
	if at < 0 {
		return bad("The object or item referred to could not be found.", &types.NotFound{})
	}
	n.own()
	networks.Lock()
	defer networks.Unlock()
	net := networkNamed(n.host, spec.Name)
	if net == nil {
		// the simulator's own method makes the Network object, and needs a switch of that name
		if res := n.HostNetworkSystem.AddPortGroup(ctx, req); res.Fault() != nil {
			return res
		}
		net = networkNamed(n.host, spec.Name)
		vs := &n.NetworkInfo.Vswitch[at]
		vs.Portgroup = vs.Portgroup[:len(vs.Portgroup)-1]
		n.NetworkInfo.Portgroup = n.NetworkInfo.Portgroup[:len(n.NetworkInfo.Portgroup)-1]
	}
	vs := &n.NetworkInfo.Vswitch[at]
	vs.Portgroup = append(append([]string{}, vs.Portgroup...), pgKey+spec.Name)
	n.NetworkInfo.Portgroup = append(append([]types.HostPortGroup{}, n.NetworkInfo.Portgroup...),
		types.HostPortGroup{Key: pgKey + spec.Name, Vswitch: vs.Key, Spec: spec})

	simulator.Map.AddReference(net, &net.Host, n.host.Self)
	simulator.Map.AddReference(n.host, &n.host.Network, net.Self)
	if cr := computeOf(n.host); cr != nil {
		simulator.Map.AddReference(cr, &cr.Network, net.Self)
	}
	n.sync()
	return &methods.AddPortGroupBody{Res: new(types.AddPortGroupResponse)}
}

func (n *NetworkSystem) RemovePortGroup(ctx *simulator.Context, req *types.RemovePortGroup) soap.HasFault {
	bad := func(msg string, f types.BaseMethodFault) soap.HasFault {
		return &methods.RemovePortGroupBody{Fault_: simulator.Fault(msg, f)}
	}
	if n.inUse(req.PgName) {
		return bad("The resource '"+req.PgName+"' is in use.", &types.ResourceInUse{Type: "PortGroup", Name: req.PgName})
	}
	if !n.dropPortGroup(ctx, req.PgName) {
		return bad("The object or item referred to could not be found.", &types.NotFound{})
	}
	n.sync()
	return &methods.RemovePortGroupBody{Res: new(types.RemovePortGroupResponse)}
}

// inUse: by a vmkernel port, or by a running VM of this host.
func (n *NetworkSystem) inUse(name string) bool {
	for _, v := range n.NetworkInfo.Vnic {
		if v.Portgroup == name {
			return true
		}
	}
	for _, ref := range n.host.Vm {
		vm, ok := simulator.Map.Get(ref).(*simulator.VirtualMachine)
		if !ok || vm.Runtime.PowerState != types.VirtualMachinePowerStatePoweredOn {
			continue
		}
		for _, d := range vm.Config.Hardware.Device {
			if c, ok := d.(types.BaseVirtualEthernetCard); ok && networkName(c.GetVirtualEthernetCard()) == name {
				return true
			}
		}
	}
	return false
}

func (n *NetworkSystem) dropPortGroup(ctx *simulator.Context, name string) bool {
	found := false
	var groups []types.HostPortGroup
	for _, pg := range n.NetworkInfo.Portgroup {
		if pg.Spec.Name == name {
			found = true
			continue
		}
		groups = append(groups, pg)
	}
	if !found {
		return false
	}
	n.NetworkInfo.Portgroup = groups
	n.own()
	for i := range n.NetworkInfo.Vswitch {
		var keys []string
		for _, k := range n.NetworkInfo.Vswitch[i].Portgroup {
			if k != pgKey+name {
				keys = append(keys, k)
			}
		}
		n.NetworkInfo.Vswitch[i].Portgroup = keys
	}
	networks.Lock()
	defer networks.Unlock()
	if net := networkNamed(n.host, name); net != nil {
		simulator.Map.RemoveReference(net, &net.Host, n.host.Self)
		simulator.Map.RemoveReference(n.host, &n.host.Network, net.Self)
	}
	return true
}

// networks guards the Network objects, which all hosts share.
var networks sync.Mutex

func networkNamed(h *simulator.HostSystem, name string) *mo.Network {
	for _, e := range simulator.Map.All("Network") {
		if net, ok := e.(*mo.Network); ok && net.Name == name && sameDC(e, h) {
			return net
		}
	}
	return nil
}
