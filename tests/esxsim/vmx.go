package main

import (
	"bufio"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// What a .vmx says. The simulator does not look into it; a host takes name, identity and devices from there.

type vmxText map[string]string // keys in lower case

func readVmx(file string) vmxText {
	t := vmxText{}
	f, err := os.Open(file)
	if err != nil {
		return t
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		at := strings.Index(lines.Text(), "=")
		if at < 0 || strings.HasPrefix(strings.TrimSpace(lines.Text()), "#") {
			continue
		}
		t[strings.ToLower(strings.TrimSpace(lines.Text()[:at]))] = strings.Trim(strings.TrimSpace(lines.Text()[at+1:]), `"`)
	}
	return t
}

func (t vmxText) number(key string, otherwise int64) int64 {
	if n, err := strconv.ParseInt(t[key], 10, 64); err == nil {
		return n
	}
	return otherwise
}

// uuid: "56 4d 12 34 …-aa bb" is 564d1234-…-…
func (t vmxText) uuid(key string) string {
	hex := strings.NewReplacer(" ", "", "-", "").Replace(t[key])
	if len(hex) != 32 {
		return ""
	}
	return fmt.Sprintf("%s-%s-%s-%s-%s", hex[:8], hex[8:12], hex[12:16], hex[16:20], hex[20:])
}

// fetchVmx brings the .vmx from the share to where registering looks for it: behind a hook the shares are elsewhere.
func fetchVmx(h *simulator.HostSystem, dsPath, file string) {
	var p object.DatastorePath
	if !hooked() || h == nil || !p.FromString(dsPath) {
		return
	}
	ds := datastoreOn(h, p.Datastore)
	if ds == nil {
		return
	}
	e, nas := mountOfDatastore(h, ds)
	if !nas {
		return
	}
	e.File = p.Path
	reply, err := e.run("nas-read", *flagHookTime)
	if err != nil {
		_ = os.Remove(file)
		return
	}
	if reply.Text != "" {
		_ = os.MkdirAll(filepath.Dir(file), 0700)
		_ = os.WriteFile(file, []byte(reply.Text), 0600)
	}
}

// nameOnHost is the name under which the host itself has the volume, whatever vCenter calls it.
func nameOnHost(ds *simulator.Datastore, h *simulator.HostSystem) string {
	for _, m := range ds.Host {
		if m.Key == h.Self {
			return strings.TrimPrefix(m.MountInfo.Path, "/vmfs/volumes/")
		}
	}
	return ds.Name
}

// obey gives a VM that has just been registered what its .vmx says.
func (t vmxText) obey(vm *simulator.VirtualMachine) {
	var changes []types.PropertyChange
	if id := t.uuid("uuid.bios"); id != "" {
		changes = append(changes, types.PropertyChange{Name: "config.uuid", Val: id}, types.PropertyChange{Name: "summary.config.uuid", Val: id})
	}
	if id := t.uuid("vc.uuid"); id != "" {
		changes = append(changes, types.PropertyChange{Name: "config.instanceUuid", Val: id})
	}
	memory := int32(t.number("memsize", 256))
	cpus := int32(t.number("numvcpus", 1))
	var options []types.BaseOptionValue
	for k, v := range t {
		if strings.HasPrefix(k, "zfsesx.") || strings.HasPrefix(k, "guestinfo.") {
			options = append(options, &types.OptionValue{Key: k, Value: v})
		}
	}
	devices := devicesOf(vm)
	for i := int32(0); i < 10; i++ {
		if card := t.card(fmt.Sprintf("ethernet%d.", i), vm, i); card != nil {
			devices = append(devices, card)
		}
	}
	for i := int32(0); i < 7; i++ {
		if file := t[fmt.Sprintf("scsi0:%d.filename", i)]; file != "" {
			devices = append(devices, diskOf(vm, i, file))
		}
	}
	changes = append(changes, types.PropertyChange{Name: "config.hardware.device", Val: devices},
		types.PropertyChange{Name: "config.hardware.memoryMB", Val: memory}, types.PropertyChange{Name: "config.hardware.numCPU", Val: cpus},
		types.PropertyChange{Name: "summary.config.memorySizeMB", Val: memory}, types.PropertyChange{Name: "config.extraConfig", Val: options})
	setVM(vm, changes...)
}

// diskOf: a name without a path is beside the .vmx, a path leads to the datastore that the host has there.
func diskOf(vm *simulator.VirtualMachine, unit int32, file string) types.BaseVirtualDevice {
	name := "[] " + file
	var vmx object.DatastorePath
	if vmx.FromString(vm.Config.Files.VmPathName); !strings.HasPrefix(file, "/") {
		name = (&object.DatastorePath{Datastore: vmx.Datastore, Path: path.Join(path.Dir(vmx.Path), file)}).String()
	} else if h := hostOf(vm); h != nil {
		for _, ref := range h.Datastore {
			ds, ok := simulator.Map.Get(ref).(*simulator.Datastore)
			if !ok {
				continue
			}
			if at := "/vmfs/volumes/" + nameOnHost(ds, h) + "/"; strings.HasPrefix(file, at) {
				name = (&object.DatastorePath{Datastore: ds.Name, Path: strings.TrimPrefix(file, at)}).String()
			}
		}
	}
	disk := &types.VirtualDisk{CapacityInKB: 1024, CapacityInBytes: 1 << 20}
	disk.Key, disk.ControllerKey, disk.UnitNumber = 2000+unit, 1000, &unit
	disk.DeviceInfo = &types.Description{Label: fmt.Sprintf("Hard disk %d", unit+1), Summary: "1,024 KB"}
	disk.Backing = &types.VirtualDiskFlatVer2BackingInfo{DiskMode: "persistent",
		VirtualDeviceFileBackingInfo: types.VirtualDeviceFileBackingInfo{FileName: name}}
	return disk
}

func (t vmxText) card(prefix string, vm *simulator.VirtualMachine, i int32) types.BaseVirtualDevice {
	if !strings.EqualFold(t[prefix+"present"], "TRUE") {
		return nil
	}
	on := !strings.EqualFold(t[prefix+"startconnected"], "FALSE")
	unit := 7 + i
	card := &types.VirtualVmxnet3{}
	card.Key, card.ControllerKey, card.UnitNumber = 4000+i, 100, &unit
	card.DeviceInfo = &types.Description{Label: fmt.Sprintf("Network adapter %d", i+1), Summary: t[prefix+"networkname"]}
	network := types.ManagedObjectReference{Type: "Network"}
	if h := hostOf(vm); h != nil {
		for _, ref := range h.Network {
			if n, ok := simulator.Map.Get(ref).(mo.Entity); ok && n.Entity().Name == t[prefix+"networkname"] {
				network = ref
			}
		}
	}
	card.Backing = &types.VirtualEthernetCardNetworkBackingInfo{Network: &network,
		VirtualDeviceDeviceBackingInfo: types.VirtualDeviceDeviceBackingInfo{DeviceName: t[prefix+"networkname"]}}
	card.Connectable = &types.VirtualDeviceConnectInfo{StartConnected: on, AllowGuestControl: true}
	card.AddressType, card.MacAddress = "generated", t[prefix+"generatedaddress"]
	if card.MacAddress == "" {
		card.MacAddress = newMAC(vm.Name, card.Key)
	}
	return card
}
