package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

const (
	gib = int64(1) << 30
	mib = int64(1) << 20
)

// inner is the context of calls that the simulator makes to itself.
func inner(caller mo.Reference) *simulator.Context {
	ref := caller.Reference()
	return &simulator.Context{Context: context.Background(), Session: &simulator.Session{Registry: simulator.NewRegistry()},
		Caller: &ref, Map: simulator.Map}
}

// hostsInOrder: as created; the registry itself is a map.
func hostsInOrder() (hosts []*simulator.HostSystem) {
	for _, e := range simulator.Map.All("HostSystem") {
		hosts = append(hosts, e.(*simulator.HostSystem))
	}
	number := func(h *simulator.HostSystem) int {
		n, _ := strconv.Atoi(h.Self.Value[strings.LastIndex(h.Self.Value, "-")+1:])
		return n
	}
	sort.Slice(hosts, func(i, j int) bool { return number(hosts[i]) < number(hosts[j]) })
	return
}

func nameHost(h *simulator.HostSystem, k int) {
	name := fmt.Sprintf("vh%d", k)
	h.Name, h.Summary.Config.Name = name, name
	if dns := h.Config.Network.DnsConfig; dns != nil {
		dns.GetHostDnsConfig().HostName = name
	}
}

// setVersion makes a host of the version whose schema is spoken here.
func setVersion(h *simulator.HostSystem) {
	product := h.Config.Product
	product.Version, product.ApiVersion, product.FullName = apiVersion, apiVersion+".0", "VMware ESXi "+apiVersion+" build-15843807"
	product.Build = "15843807"
	h.Config.Product = product
	h.Summary.Config.Product = &product
}

// furnish gives every host a VMFS datastore of its own, LocalDS_K on vhK, and puts the
// template on the first: as in a site without shared storage, a clone for another host is
// copied over the network by vCenter.
func furnish(work string) {
	hosts := hostsInOrder()
	for i, h := range hosts {
		if err := localDatastore(h, i+1, work); err != nil {
			log.Fatal(err)
		}
	}
	for _, e := range simulator.Map.All("ClusterComputeResource") {
		if c, ok := e.(*simulator.ClusterComputeResource).ConfigurationEx.(*types.ClusterConfigInfoEx); ok {
			c.DrsConfig.Enabled = types.NewBool(*flagDrs)
			c.DrsConfig.DefaultVmBehavior = types.DrsBehaviorFullyAutomated
		}
	}
	if *flagTemplate != "" && len(hosts) > 0 {
		if err := template(hosts[0]); err != nil {
			log.Fatal(err)
		}
	}
}

func localDatastore(h *simulator.HostSystem, k int, work string) error {
	name := fmt.Sprintf("LocalDS_%d", k)
	dir := filepath.Join(work, name)
	if err := os.MkdirAll(dir, 0700); err != nil {
		return err
	}
	dss := simulator.Map.Get(*h.ConfigManager.DatastoreSystem).(*DatastoreSystem)
	res := dss.CreateLocalDatastore(inner(dss), &types.CreateLocalDatastore{This: dss.Self, Name: name, Path: dir})
	if f := res.Fault(); f != nil {
		return fmt.Errorf("%s: %s", name, f.String)
	}
	ds := simulator.Map.Get(res.(*methods.CreateLocalDatastoreBody).Res.Returnval).(*simulator.Datastore)
	if err := installerImage(dir); err != nil {
		return err
	}
	now := time.Now()
	volume := vmfsVolume(k)
	ds.Info = &types.VmfsDatastoreInfo{DatastoreInfo: types.DatastoreInfo{Name: name, Url: dir, FreeSpace: volume.Capacity - 2*gib,
		MaxFileSize: 64 << 40, MaxVirtualDiskCapacity: 62 << 40, Timestamp: &now}, Vmfs: volume}
	ds.Summary.Type = "VMFS"
	ds.Summary.Capacity, ds.Summary.FreeSpace = volume.Capacity, volume.Capacity-2*gib
	ds.Summary.MultipleHostAccess = types.NewBool(false)
	for i := range ds.Host {
		ds.Host[i].MountInfo.Path = "/vmfs/volumes/" + volume.Uuid
	}
	return nil
}

// installerImage: every host has one to install a system from, [LocalDS_K] iso/debian-13.iso.
func installerImage(dir string) error {
	if err := os.MkdirAll(filepath.Join(dir, "iso"), 0700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "iso", "debian-13.iso"), nil, 0600)
}

// template: what the lab's storage VMs are cloned from.
func template(h *simulator.HostSystem) error {
	unit := int32(0)
	add := func(d types.BaseVirtualDevice, op types.VirtualDeviceConfigSpecFileOperation) types.BaseVirtualDeviceConfigSpec {
		return &types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationAdd, FileOperation: op, Device: d}
	}
	scsi := &types.ParaVirtualSCSIController{}
	scsi.Key, scsi.SharedBus = -1, types.VirtualSCSISharingNoSharing
	disk := &types.VirtualDisk{CapacityInBytes: 256 * mib}
	disk.Key, disk.ControllerKey, disk.UnitNumber = -2, -1, &unit
	disk.Backing = &types.VirtualDiskFlatVer2BackingInfo{DiskMode: string(types.VirtualDiskModePersistent), ThinProvisioned: types.NewBool(true)}
	nic := &types.VirtualVmxnet3{}
	nic.Key = -3
	nic.Backing = &types.VirtualEthernetCardNetworkBackingInfo{VirtualDeviceDeviceBackingInfo: types.VirtualDeviceDeviceBackingInfo{DeviceName: "VM Network"}}

	folder, pool := vmFolder(h), computeOf(h).ResourcePool
	vm, f := createVM(inner(folder), folder, &types.CreateVM_Task{This: folder.Self, Pool: *pool, Host: &h.Self, Config: types.VirtualMachineConfigSpec{
		Name: *flagTemplate, GuestId: "debian12_64Guest", Version: "vmx-17", NumCPUs: 1, MemoryMB: 768, Annotation: "Debian with OpenZFS, for storage VMs",
		Files:        &types.VirtualMachineFileInfo{VmPathName: "[LocalDS_1]"},
		DeviceChange: []types.BaseVirtualDeviceConfigSpec{add(scsi, ""), add(disk, types.VirtualDeviceConfigSpecFileOperationCreate), add(nic, "")},
	}})
	if f != nil {
		return fmt.Errorf("template: %s", faultText(f))
	}
	markTemplate(vm)
	return nil
}

func vmFolder(h *simulator.HostSystem) *simulator.Folder {
	dc := simulator.Map.Get(dcOf(h)).(*simulator.Datacenter)
	return simulator.Map.Get(dc.VmFolder).(*simulator.Folder)
}
