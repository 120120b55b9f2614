package main

import (
	"fmt"
	"net"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

func (n *NetworkSystem) AddVirtualNic(ctx *simulator.Context, req *types.AddVirtualNic) soap.HasFault {
	body := &methods.AddVirtualNicBody{}
	bad := func(msg string, f types.BaseMethodFault) soap.HasFault {
		body.Fault_ = simulator.Fault(msg, f)
		return body
	}
	if dvp := req.Nic.DistributedVirtualPort; dvp != nil {
		if req.Portgroup != "" {
			return bad(netFault("portgroup"))
		}
		if msg, f := n.port(dvp); f != nil {
			return bad(msg, f)
		}
	} else {
		found := false
		for _, pg := range n.NetworkInfo.Portgroup {
			found = found || pg.Spec.Name == req.Portgroup
		}
		if !found {
			return bad("An error occurred during host configuration: no port group '"+req.Portgroup+"'", &types.HostConfigFault{})
		}
		for _, v := range n.NetworkInfo.Vnic {
			if v.Portgroup == req.Portgroup {
				return bad("The specified key, name, or identifier already exists.", &types.AlreadyExists{Name: req.Portgroup})
			}
		}
	}
	if msg, f := n.checkNic(req.Nic, ""); f != nil {
		return bad(msg, f)
	}
	dev := fmt.Sprintf("vmk%d", n.next)
	n.next++
	spec := req.Nic
	spec.Portgroup = req.Portgroup
	if spec.Mtu == 0 {
		spec.Mtu = 1500
	}
	if spec.Mac == "" {
		spec.Mac = fmt.Sprintf("00:50:56:6%x:%02x:%02x", n.next&0xf, n.k>>8&0xff, n.k&0xff)
	}
	if spec.NetStackInstanceKey == "" {
		spec.NetStackInstanceKey = "defaultTcpipStack"
	}
	n.NetworkInfo.Vnic = append(n.NetworkInfo.Vnic, types.HostVirtualNic{Device: dev, Key: "key-vim.host.VirtualNic-" + dev, Portgroup: req.Portgroup, Spec: spec})
	n.sync()
	body.Res = &types.AddVirtualNicResponse{Returnval: dev}
	return body
}

// checkNic: addresses that cannot be, or that another vmkernel port of the host has.
func (n *NetworkSystem) checkNic(nic types.HostVirtualNicSpec, device string) (string, types.BaseMethodFault) {
	if nic.Mtu != 0 && (nic.Mtu < 1280 || nic.Mtu > 9000) {
		return netFault("nic.mtu")
	}
	if nic.Ip == nil || nic.Ip.Dhcp {
		return "", nil
	}
	if net.ParseIP(nic.Ip.IpAddress).To4() == nil || net.ParseIP(nic.Ip.SubnetMask).To4() == nil {
		return netFault("nic.ip")
	}
	for _, v := range n.NetworkInfo.Vnic {
		if v.Device != device && v.Spec.Ip != nil && v.Spec.Ip.IpAddress == nic.Ip.IpAddress {
			return "An error occurred during host configuration.", &types.HostConfigFault{}
		}
	}
	return "", nil
}

// RemoveVirtualNic: a port that carries a service of the host is not given up.
func (n *NetworkSystem) RemoveVirtualNic(ctx *simulator.Context, req *types.RemoveVirtualNic) soap.HasFault {
	for i, v := range n.NetworkInfo.Vnic {
		if v.Device == req.Device {
			if carried := n.services(v.Device); len(carried) > 0 {
				return &methods.RemoveVirtualNicBody{Fault_: simulator.Fault("The VMkernel network adapter "+v.Device+" is used for "+strings.Join(carried, ", ")+".", &types.HostConfigFault{})}
			}
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
