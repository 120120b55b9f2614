package main

import (
	"fmt"
	"sort"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

type powerOnEvent struct {
	VM          string            `json:"vm"`
	UUID        string            `json:"uuid"`
	Host        string            `json:"host"`
	NumCPU      int32             `json:"numCpu"`
	MemoryMB    int32             `json:"memoryMB"`
	GuestInfo   map[string]string `json:"guestInfo"`
	Nics        []nicEvent        `json:"nics"`
	Disks       []diskEvent       `json:"disks"`
	Passthrough []pciEvent        `json:"passthrough"`
}

type nicEvent struct {
	Mac     string `json:"mac"`
	Network string `json:"network"`
}

type diskEvent struct {
	Key           int32  `json:"key"`
	File          string `json:"file"`
	CapacityBytes int64  `json:"capacityBytes"`
}

type pciEvent struct {
	ID     string `json:"id"`
	Vendor string `json:"vendor"`
	Device string `json:"device"`
	Name   string `json:"name"`
}

// describe says what the guest must be made of: the VM's configuration at this moment.
func describe(vm *simulator.VirtualMachine) powerOnEvent {
	e := powerOnEvent{VM: vm.Name, UUID: vm.Config.Uuid, NumCPU: vm.Config.Hardware.NumCPU, MemoryMB: vm.Config.Hardware.MemoryMB,
		GuestInfo: map[string]string{}, Nics: []nicEvent{}, Disks: []diskEvent{}, Passthrough: []pciEvent{}}
	h := hostOf(vm)
	if h != nil {
		e.Host = h.Name
	}
	for _, o := range vm.Config.ExtraConfig {
		v := o.GetOptionValue()
		if strings.HasPrefix(v.Key, "guestinfo.") {
			e.GuestInfo[strings.TrimPrefix(v.Key, "guestinfo.")] = fmt.Sprint(v.Value)
		}
	}
	devices := devicesOf(vm)
	sort.SliceStable(devices, func(i, j int) bool {
		return devices[i].GetVirtualDevice().Key < devices[j].GetVirtualDevice().Key
	})
	for _, d := range devices {
		switch x := d.(type) {
		case *types.VirtualDisk:
			disk := diskEvent{Key: x.Key, CapacityBytes: capacity(x)}
			if b, ok := x.Backing.(types.BaseVirtualDeviceFileBackingInfo); ok {
				disk.File = b.GetVirtualDeviceFileBackingInfo().FileName
			}
			e.Disks = append(e.Disks, disk)
		case types.BaseVirtualEthernetCard:
			c := x.GetVirtualEthernetCard()
			if c.Connectable != nil && !c.Connectable.StartConnected {
				continue // the cable is not plugged in
			}
			e.Nics = append(e.Nics, nicEvent{Mac: c.MacAddress, Network: networkName(c)})
		case *types.VirtualPCIPassthrough:
			if h != nil {
				e.Passthrough = append(e.Passthrough, describePci(h, x))
			}
		}
	}
	return e
}

func networkName(c *types.VirtualEthernetCard) string {
	switch b := c.Backing.(type) {
	case *types.VirtualEthernetCardNetworkBackingInfo:
		return b.DeviceName
	case *types.VirtualEthernetCardDistributedVirtualPortBackingInfo:
		return b.Port.PortgroupKey
	}
	return ""
}

func describePci(h *simulator.HostSystem, p *types.VirtualPCIPassthrough) pciEvent {
	id := ""
	switch b := p.Backing.(type) {
	case *types.VirtualPCIPassthroughDeviceBackingInfo:
		id = b.Id
	case *types.VirtualPCIPassthroughDynamicBackingInfo:
		id = b.AssignedId
	}
	e := pciEvent{ID: id}
	if pci := pciByHost[h.Self]; pci != nil {
		if dev, _ := pci.find(id); dev != nil {
			e.Vendor = fmt.Sprintf("%04x", uint16(dev.VendorId))
			e.Device = fmt.Sprintf("%04x", uint16(dev.DeviceId))
			e.Name = dev.DeviceName
		}
	}
	return e
}

// option is a value of the VM's extra configuration.
func option(vm *simulator.VirtualMachine, key string) string {
	for _, o := range vm.Config.ExtraConfig {
		if v := o.GetOptionValue(); v.Key == key {
			return fmt.Sprint(v.Value)
		}
	}
	return ""
}

// toolsUp sets what VMware Tools would report.
func toolsUp(vm *simulator.VirtualMachine, reply hookReply) {
	name := reply.HostName
	if name == "" {
		name = option(vm, "guestinfo.hostname")
	}
	if name == "" {
		name = vm.Name
	}
	var nets []types.GuestNicInfo
	first := ""
	for _, d := range devicesOf(vm) {
		if x, ok := d.(types.BaseVirtualEthernetCard); ok {
			c := x.GetVirtualEthernetCard()
			ips := reply.Ip[c.MacAddress]
			if ip := option(vm, fmt.Sprintf("guestinfo.ip%d", len(nets))); ip != "" && !hooked() {
				ips = []string{ip}
			}
			if first == "" && len(ips) > 0 {
				first = ips[0]
			}
			nets = append(nets, types.GuestNicInfo{Network: networkName(c), MacAddress: c.MacAddress, Connected: true, DeviceConfigId: c.Key, IpAddress: ips})
		}
	}
	setVM(vm, types.PropertyChange{Name: "guest.toolsRunningStatus", Val: string(types.VirtualMachineToolsRunningStatusGuestToolsRunning)},
		types.PropertyChange{Name: "guest.toolsStatus", Val: types.VirtualMachineToolsStatusToolsOk},
		types.PropertyChange{Name: "guest.hostName", Val: name},
		types.PropertyChange{Name: "guest.ipAddress", Val: first},
		types.PropertyChange{Name: "guest.net", Val: nets},
		types.PropertyChange{Name: "summary.guest.hostName", Val: name},
		types.PropertyChange{Name: "summary.guest.ipAddress", Val: first},
		types.PropertyChange{Name: "summary.guest.toolsRunningStatus", Val: string(types.VirtualMachineToolsRunningStatusGuestToolsRunning)})
}

func toolsDown(vm *simulator.VirtualMachine) {
	setVM(vm, types.PropertyChange{Name: "guest.toolsRunningStatus", Val: string(types.VirtualMachineToolsRunningStatusGuestToolsNotRunning)},
		types.PropertyChange{Name: "guest.toolsStatus", Val: types.VirtualMachineToolsStatusToolsNotRunning},
		types.PropertyChange{Name: "guest.ipAddress", Val: ""},
		types.PropertyChange{Name: "summary.guest.ipAddress", Val: ""},
		types.PropertyChange{Name: "summary.guest.toolsRunningStatus", Val: string(types.VirtualMachineToolsRunningStatusGuestToolsNotRunning)})
}
