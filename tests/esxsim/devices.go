package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// arranger gives the devices of a spec the keys, units, addresses and names that a host
// gives them, and refuses what a host refuses. The simulator below accepts nearly all.
type arranger struct {
	host     *simulator.HostSystem
	vmName   string
	home     string                   // the datastore of its configuration
	have     object.VirtualDeviceList // what the VM has before the change
	creating bool                     // CreateVM and CloneVM take no passthrough devices
	keys     map[int32]int32          // key in the spec -> key given
}

func invalidDevice(i int) types.BaseMethodFault {
	return withText(&types.InvalidDeviceSpec{InvalidVmConfig: types.InvalidVmConfig{Property: fmt.Sprintf("deviceChange[%d]", i)}, DeviceIndex: int32(i)},
		fmt.Sprintf("Invalid configuration for device '%d'.", i))
}

func invalidBacking(i int, why string) types.BaseMethodFault {
	return withText(&types.InvalidDeviceBacking{InvalidDeviceSpec: types.InvalidDeviceSpec{
		InvalidVmConfig: types.InvalidVmConfig{Property: fmt.Sprintf("deviceChange[%d].device.backing", i)}, DeviceIndex: int32(i)}},
		fmt.Sprintf("Invalid backing for device '%d'. %s", i, why))
}

func (a *arranger) arrange(changes []types.BaseVirtualDeviceConfigSpec) types.BaseMethodFault {
	a.keys = map[int32]int32{}
	seen := map[int32]int{}
	for i, c := range changes {
		spec := c.GetVirtualDeviceConfigSpec()
		if spec.Device == nil {
			return invalidDevice(i)
		}
		key := spec.Device.GetVirtualDevice().Key
		if spec.Operation != types.VirtualDeviceConfigSpecOperationAdd {
			continue
		}
		if j, dup := seen[key]; dup {
			return withText(&types.InvalidArgument{InvalidProperty: fmt.Sprintf("deviceChange[%d].device.key", i)},
				fmt.Sprintf("A specified parameter was not correct: deviceChange[%d].device.key: cannot add multiple devices using the same device key (also %d)", i, j))
		}
		seen[key] = i
	}
	for i, c := range changes { // removals first: their places are free for the others
		spec := c.GetVirtualDeviceConfigSpec()
		if spec.Operation != types.VirtualDeviceConfigSpecOperationRemove {
			continue
		}
		if spec.Device = a.have.FindByKey(spec.Device.GetVirtualDevice().Key); spec.Device == nil {
			return invalidDevice(i)
		}
		key := spec.Device.GetVirtualDevice().Key
		a.have = a.have.Select(func(d types.BaseVirtualDevice) bool { return d.GetVirtualDevice().Key != key })
	}
	for _, pass := range []bool{true, false} { // controllers before what hangs on them
		for i, c := range changes {
			spec := c.GetVirtualDeviceConfigSpec()
			if _, controller := spec.Device.(types.BaseVirtualController); controller != pass {
				continue
			}
			var f types.BaseMethodFault
			switch spec.Operation {
			case types.VirtualDeviceConfigSpecOperationAdd:
				if f = a.add(i, spec); f == nil {
					a.have = append(a.have, spec.Device)
				}
			case types.VirtualDeviceConfigSpecOperationEdit:
				f = a.edit(i, spec)
			}
			if f != nil {
				return f
			}
		}
	}
	return nil
}

func (a *arranger) add(i int, spec *types.VirtualDeviceConfigSpec) types.BaseMethodFault {
	d := spec.Device.GetVirtualDevice()
	asked := d.Key
	if k, ok := a.keys[d.ControllerKey]; ok {
		d.ControllerKey = k
	}
	var f types.BaseMethodFault
	switch x := spec.Device.(type) {
	case types.BaseVirtualController:
		a.controller(x)
	case *types.VirtualDisk:
		f = a.disk(i, x, spec)
	case types.BaseVirtualEthernetCard:
		f = a.nic(i, x.GetVirtualEthernetCard())
	case *types.VirtualPCIPassthrough:
		f = a.passthrough(i, x)
	}
	if f == nil && d.Key != asked {
		a.keys[asked] = d.Key
	}
	return f
}

func (a *arranger) edit(i int, spec *types.VirtualDeviceConfigSpec) types.BaseMethodFault {
	d := spec.Device.GetVirtualDevice()
	old := a.have.FindByKey(d.Key)
	if old == nil {
		return invalidDevice(i)
	}
	o := old.GetVirtualDevice()
	if d.DeviceInfo == nil {
		d.DeviceInfo = &types.Description{Label: o.DeviceInfo.GetDescription().Label}
	}
	if d.Backing == nil {
		d.Backing = o.Backing
	}
	if d.ControllerKey == 0 {
		d.ControllerKey, d.UnitNumber = o.ControllerKey, o.UnitNumber
	}
	switch x := spec.Device.(type) {
	case types.BaseVirtualEthernetCard:
		c, was := x.GetVirtualEthernetCard(), old.(types.BaseVirtualEthernetCard).GetVirtualEthernetCard()
		if c.MacAddress == "" {
			c.MacAddress, c.AddressType = was.MacAddress, was.AddressType
		}
		return a.network(i, c)
	case *types.VirtualDisk:
		if was, ok := old.(*types.VirtualDisk); ok && capacity(x) < capacity(was) {
			return withText(&types.InvalidDeviceOperation{}, "Shrinking of virtual disks is not supported.")
		}
	}
	return nil
}

func (a *arranger) controller(x types.BaseVirtualController) {
	d := x.GetVirtualController()
	base, unit := int32(0), int32(3)
	switch x.(type) {
	case types.BaseVirtualSCSIController:
		base = 1000
	case *types.VirtualAHCIController:
		base, unit = 15000, 24
	case *types.VirtualNVMEController:
		base, unit = 31000, 30
	default:
		return
	}
	for a.have.FindByKey(base+d.BusNumber) != nil {
		d.BusNumber++
	}
	d.Key, d.ControllerKey = base+d.BusNumber, 100
	u := unit + d.BusNumber
	d.UnitNumber = &u
}

func (a *arranger) disk(i int, x *types.VirtualDisk, spec *types.VirtualDeviceConfigSpec) types.BaseMethodFault {
	if a.have.FindByKey(x.ControllerKey) == nil || x.UnitNumber == nil || *x.UnitNumber < 0 {
		return invalidDevice(i)
	}
	unit := *x.UnitNumber
	scsi := x.ControllerKey >= 1000 && x.ControllerKey < 1004
	if scsi && (unit == 7 || unit > 15) { // 7 is the controller's own
		return invalidDevice(i)
	}
	for _, d := range a.have {
		v := d.GetVirtualDevice()
		if v.ControllerKey == x.ControllerKey && v.UnitNumber != nil && *v.UnitNumber == unit {
			return invalidDevice(i)
		}
	}
	switch k := x.ControllerKey; {
	case scsi:
		x.Key = 2000 + 16*(k-1000) + unit
	case k >= 15000 && k < 15004:
		x.Key = 16000 + 30*(k-15000) + unit
	case k >= 31000 && k < 31004:
		x.Key = 32000 + 15*(k-31000) + unit
	}
	x.CapacityInBytes = capacity(x)
	x.CapacityInKB = x.CapacityInBytes / 1024
	b, ok := x.Backing.(types.BaseVirtualDeviceFileBackingInfo)
	if !ok {
		return invalidBacking(i, "")
	}
	file := b.GetVirtualDeviceFileBackingInfo()
	if spec.FileOperation == types.VirtualDeviceConfigSpecFileOperationCreate && x.CapacityInBytes <= 0 {
		return invalidDevice(i)
	}
	p := object.DatastorePath{Datastore: a.home}
	if file.FileName != "" && !p.FromString(file.FileName) {
		return withText(&types.InvalidDatastorePath{DatastorePath: file.FileName}, "Invalid datastore path '"+file.FileName+"'.")
	}
	if spec.FileOperation == types.VirtualDeviceConfigSpecFileOperationCreate && p.Datastore != "" {
		ds := datastoreOn(a.host, p.Datastore)
		if ds == nil {
			return withText(&types.InvalidDatastorePath{DatastorePath: file.FileName}, "Invalid datastore path '"+file.FileName+"'.")
		}
		flat, _ := x.Backing.(*types.VirtualDiskFlatVer2BackingInfo)
		thin := flat != nil && flat.ThinProvisioned != nil && *flat.ThinProvisioned
		if !thin && x.CapacityInBytes > ds.Summary.FreeSpace {
			return withText(&types.NoDiskSpace{FileFault: types.FileFault{File: file.FileName}, Datastore: ds.Name},
				"There is not enough space on the file system for the selected operation.")
		}
	}
	return nil
}

func capacity(x *types.VirtualDisk) int64 {
	if x.CapacityInBytes > 0 {
		return x.CapacityInBytes
	}
	return x.CapacityInKB * 1024
}

func (a *arranger) nic(i int, c *types.VirtualEthernetCard) types.BaseMethodFault {
	if f := a.network(i, c); f != nil {
		return f
	}
	k := int32(4000)
	for a.have.FindByKey(k) != nil {
		k++
	}
	c.Key, c.ControllerKey = k, 100
	u := k - 4000 + 7
	c.UnitNumber = &u
	switch {
	case c.AddressType == "manual" && c.MacAddress == "":
		return invalidDevice(i)
	case c.MacAddress == "":
		c.MacAddress, c.AddressType = newMAC(a.vmName, k), "assigned"
	case c.AddressType == "":
		c.AddressType = "manual"
	}
	c.MacAddress = strings.ToLower(c.MacAddress)
	if c.Connectable == nil {
		c.Connectable = &types.VirtualDeviceConnectInfo{StartConnected: true, AllowGuestControl: true, Status: "untried"}
	}
	return nil
}

// network: a standard port group must be there on the VM's host, and not be a vmkernel port's own.
func (a *arranger) network(i int, c *types.VirtualEthernetCard) types.BaseMethodFault {
	b, ok := c.Backing.(*types.VirtualEthernetCardNetworkBackingInfo)
	if !ok {
		if c.Backing == nil {
			return invalidBacking(i, "")
		}
		return nil
	}
	if vmPortGroup(a.host, b.DeviceName) {
		return nil
	}
	return invalidBacking(i, "Host "+a.host.Name+" has no virtual machine port group '"+b.DeviceName+"'.")
}

// passthrough devices get the keys 13000+N; pciPassthruN.* in the VMX belongs to them.
func (a *arranger) passthrough(i int, p *types.VirtualPCIPassthrough) types.BaseMethodFault {
	if a.creating {
		return invalidDevice(i)
	}
	if b, ok := p.Backing.(*types.VirtualPCIPassthroughDeviceBackingInfo); ok {
		if _, err := strconv.ParseUint(strings.TrimPrefix(b.DeviceId, "0x"), 16, 16); err != nil && b.DeviceId != "" {
			return withText(&types.InvalidDeviceBacking{}, "Incompatible device backing specified for device '"+strconv.Itoa(i)+"'.")
		}
	}
	k, have := int32(13000+*flagFirstPci), 0
	for a.have.FindByKey(k) != nil {
		k++
	}
	for _, d := range a.have {
		if _, ok := d.(*types.VirtualPCIPassthrough); ok {
			have++
		}
	}
	if have >= 16 { // of ESXi 7
		return withText(&types.TooManyDevices{InvalidVmConfig: types.InvalidVmConfig{Property: fmt.Sprintf("deviceChange[%d].device", i)}},
			"The maximum number of passthrough devices for this virtual machine has been exceeded.")
	}
	p.Key, p.ControllerKey = k, 100
	u := k - 13000 + 18
	p.UnitNumber = &u
	p.DeviceInfo = &types.Description{Label: fmt.Sprintf("PCI device %d", k-13000), Summary: ""}
	return nil
}
