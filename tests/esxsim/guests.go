package main

import (
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/simulator/esx"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// What a host says about guest systems: the simulator knows only their ids.

func knownGuest(id string) bool {
	for _, g := range simulator.GuestID {
		if string(g) == id {
			return true
		}
	}
	return false
}

func guestSystem(id string) types.GuestOsDescriptor {
	d := types.GuestOsDescriptor{Id: id, Family: "linuxGuest", FullName: id, SupportedMaxCPUs: 128, SupportedMinMemMB: 32, SupportedMaxMemMB: 6 << 20,
		RecommendedMemMB: 2048, SupportedNumDisks: 60, RecommendedDiskSizeMB: 16 << 10, RecommendedDiskController: "VirtualLsiLogicController",
		SupportedDiskControllerList: []string{"VirtualLsiLogicController", "VirtualLsiLogicSASController", "ParaVirtualSCSIController", "VirtualAHCIController"},
		RecommendedSCSIController:   "ParaVirtualSCSIController", SupportedEthernetCard: []string{"VirtualE1000", "VirtualE1000e", "VirtualVmxnet3"},
		RecommendedEthernetCard: "VirtualVmxnet3", SupportedFirmware: []string{"bios", "efi"}, RecommendedFirmware: "bios", SupportLevel: "supported"}
	if strings.HasPrefix(id, "solaris") || strings.HasPrefix(id, "freebsd") {
		d.Family, d.RecommendedSCSIController = "otherGuestFamily", "VirtualLsiLogicController"
	}
	if strings.HasPrefix(id, "solaris10") {
		d.SupportedFirmware = []string{"bios"}
	}
	return d
}

// QueryConfigOptionEx: the guest ids asked for that are known; all when none is.
func (b *Browser) QueryConfigOptionEx(req *types.QueryConfigOptionEx) soap.HasFault {
	opt := &types.VirtualMachineConfigOption{Version: esx.HardwareVersion, DefaultDevice: esx.VirtualDevice}
	var asked []string
	if req.Spec != nil {
		asked = req.Spec.GuestId
	}
	for _, id := range asked {
		if knownGuest(id) {
			opt.GuestOSDescriptor = append(opt.GuestOSDescriptor, guestSystem(id))
		}
	}
	if len(opt.GuestOSDescriptor) == 0 {
		for _, id := range simulator.GuestID {
			opt.GuestOSDescriptor = append(opt.GuestOSDescriptor, guestSystem(string(id)))
		}
	}
	return &methods.QueryConfigOptionExBody{Res: &types.QueryConfigOptionExResponse{Returnval: opt}}
}
