package main

import (
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// Changes of what a host's network has. The simulator knows none of these methods.

func netFault(prop string) (string, types.BaseMethodFault) {
	return "A specified parameter was not correct: " + prop, &types.InvalidArgument{InvalidProperty: prop}
}

func inUse(kind, name string) (string, types.BaseMethodFault) {
	return "The resource '" + name + "' is in use.", &types.ResourceInUse{Type: kind, Name: name}
}

const notFound = "The object or item referred to could not be found."

// plug puts a specification into a switch: without a bridge it has no uplinks. Nothing is changed in case of a fault.
func (n *NetworkSystem) plug(s *types.HostVirtualSwitch, spec types.HostVirtualSwitchSpec) (string, types.BaseMethodFault) {
	if m := spec.Mtu; m != 0 && (m < 1280 || m > 9000) {
		return netFault("spec.mtu")
	}
	nics, keys := map[string]bool{}, []string(nil)
	if bond, ok := spec.Bridge.(*types.HostVirtualSwitchBondBridge); ok {
		for _, dev := range bond.NicDevice {
			key, user := n.uplink(dev)
			if key == "" {
				return notFound, &types.NotFound{}
			}
			if user != "" && user != s.Name {
				return inUse("PhysicalNic", dev)
			}
			nics[dev], keys = true, append(keys, key)
		}
	}
	if p := spec.Policy; p != nil && p.NicTeaming != nil && p.NicTeaming.NicOrder != nil {
		for _, dev := range append(append([]string{}, p.NicTeaming.NicOrder.ActiveNic...), p.NicTeaming.NicOrder.StandbyNic...) {
			if !nics[dev] {
				return netFault("spec.policy.nicTeaming.nicOrder")
			}
		}
	}
	s.Spec, s.Pnic = spec, keys
	if spec.Mtu != 0 {
		s.Mtu = spec.Mtu
	}
	s.NumPorts, s.NumPortsAvailable = spec.NumPorts, spec.NumPorts
	return "", nil
}

func (n *NetworkSystem) UpdateVirtualSwitch(ctx *simulator.Context, req *types.UpdateVirtualSwitch) soap.HasFault {
	bad := func(msg string, f types.BaseMethodFault) soap.HasFault {
		return &methods.UpdateVirtualSwitchBody{Fault_: simulator.Fault(msg, f)}
	}
	for i := range n.NetworkInfo.Vswitch {
		if n.NetworkInfo.Vswitch[i].Name != req.VswitchName {
			continue
		}
		n.own()
		if msg, f := n.plug(&n.NetworkInfo.Vswitch[i], req.Spec); f != nil {
			return bad(msg, f)
		}
		n.sync()
		return &methods.UpdateVirtualSwitchBody{Res: new(types.UpdateVirtualSwitchResponse)}
	}
	return bad(notFound, &types.NotFound{})
}

// UpdatePortGroup: of another name it would be another Network object; the lab has no need of that.
func (n *NetworkSystem) UpdatePortGroup(ctx *simulator.Context, req *types.UpdatePortGroup) soap.HasFault {
	bad := func(msg string, f types.BaseMethodFault) soap.HasFault {
		return &methods.UpdatePortGroupBody{Fault_: simulator.Fault(msg, f)}
	}
	if req.Portgrp.VlanId < 0 || req.Portgrp.VlanId > 4095 || req.Portgrp.Name != req.PgName {
		return bad(netFault("portgrp"))
	}
	groups := append([]types.HostPortGroup{}, n.NetworkInfo.Portgroup...)
	for i := range groups {
		if groups[i].Spec.Name != req.PgName {
			continue
		}
		if groups[i].Spec.VswitchName != req.Portgrp.VswitchName {
			return bad(notFound, &types.NotFound{})
		}
		groups[i].Spec = req.Portgrp
		n.NetworkInfo.Portgroup = groups
		n.sync()
		return &methods.UpdatePortGroupBody{Res: new(types.UpdatePortGroupResponse)}
	}
	return bad(notFound, &types.NotFound{})
}

// UpdateVirtualNic: what the specification leaves out stays.
func (n *NetworkSystem) UpdateVirtualNic(ctx *simulator.Context, req *types.UpdateVirtualNic) soap.HasFault {
	bad := func(msg string, f types.BaseMethodFault) soap.HasFault {
		return &methods.UpdateVirtualNicBody{Fault_: simulator.Fault(msg, f)}
	}
	if msg, f := n.checkNic(req.Nic, req.Device); f != nil {
		return bad(msg, f)
	}
	nics := append([]types.HostVirtualNic{}, n.NetworkInfo.Vnic...)
	for i := range nics {
		if nics[i].Device != req.Device {
			continue
		}
		if req.Nic.Ip != nil {
			nics[i].Spec.Ip = req.Nic.Ip
		}
		if req.Nic.Mtu != 0 {
			nics[i].Spec.Mtu = req.Nic.Mtu
		}
		n.NetworkInfo.Vnic = nics
		n.sync()
		return &methods.UpdateVirtualNicBody{Res: new(types.UpdateVirtualNicResponse)}
	}
	return bad(notFound, &types.NotFound{})
}

// services that a vmkernel port has been chosen for: management, vmotion…
func (n *NetworkSystem) services(device string) (list []string) {
	if n.host.Config.VirtualNicManagerInfo == nil {
		return
	}
	for _, c := range n.host.Config.VirtualNicManagerInfo.NetConfig {
		for _, key := range c.SelectedVnic {
			if key == c.NicType+".key-vim.host.VirtualNic-"+device {
				list = append(list, c.NicType)
			}
		}
	}
	return
}
