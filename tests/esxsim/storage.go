package main

import (
	"crypto/sha1"
	"fmt"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// The host's own disks: what a safety check must see before a controller is given away.
//
//	vmhba0 0000:00:1f.2 AHCI  boot disk: boot banks, scratch, coredump partition
//	vmhba1 0000:02:00.0 LSI   1 TiB disk with the VMFS of LocalDS
//	vmhba2 0000:03:00.0 NVMe  512 GB disk, empty
//
// The DDRdrive (0000:04:00.0) has no ESXi driver, so no adapter. An adapter whose device is
// in passthrough is gone, with its disks and volumes.
type hostDisk struct {
	pci, hba, canonical, model, vendor string
	bytes                              int64
	ssd                                bool
}

func hostDisks(k int) []hostDisk {
	return []hostDisk{
		{"0000:00:1f.2", "vmhba0", fmt.Sprintf("t10.ATA_____SATADOM2DSL_3IE3_V2____________________2021%08d", k), "SATADOM-SL 3IE3 V2", "ATA", 32 * gib, true},
		{"0000:02:00.0", "vmhba1", fmt.Sprintf("naa.5000c50056%06x", 0xab0000+k), "ST1000NX0453", "SEAGATE", 1024 * gib, false},
		{"0000:03:00.0", "vmhba2", fmt.Sprintf("t10.NVMe____Samsung_SSD_970_PRO_512GB_______________%016X", 0x2538500000+k), "Samsung SSD 970 PRO 512GB", "NVMe", 477 * gib, true},
	}
}

func (d hostDisk) lunKey() string { return "key-vim.host.ScsiDisk-" + d.uuid() }

func (d hostDisk) uuid() string { return fmt.Sprintf("0100000000%x", sha1.Sum([]byte(d.canonical))) }

func (d hostDisk) adapter() types.BaseHostHostBusAdapter {
	base := types.HostHostBusAdapter{Device: d.hba, Pci: d.pci, Status: "unknown"}
	fmt.Sscanf(d.pci, "0000:%02x", &base.Bus)
	switch d.hba {
	case "vmhba0":
		base.Key, base.Model, base.Driver = "key-vim.host.BlockHba-vmhba0", "Wellsburg AHCI Controller", "vmw_ahci"
		return &types.HostBlockHba{HostHostBusAdapter: base}
	case "vmhba1":
		base.Key, base.Model, base.Driver, base.Status = "key-vim.host.SerialAttachedHba-vmhba1", "LSI2308_2", "mpt3sas", "online"
		return &types.HostSerialAttachedHba{HostHostBusAdapter: base, NodeWorldWideName: "500304801cfa1200"}
	}
	base.Key, base.Model, base.Driver = "key-vim.host.PcieHba-"+d.hba, "NVMe SSD Controller SM981/PM981", "nvme_pcie"
	return &types.HostPcieHba{HostHostBusAdapter: base}
}

func (d hostDisk) lun() types.BaseScsiLun {
	return &types.HostScsiDisk{
		ScsiLun: types.ScsiLun{
			HostDevice: types.HostDevice{DeviceName: "/vmfs/devices/disks/" + d.canonical, DeviceType: "disk"},
			Key:        d.lunKey(), Uuid: d.uuid(), CanonicalName: d.canonical, DisplayName: "Local " + d.vendor + " Disk (" + d.canonical + ")",
			LunType: "disk", Vendor: d.vendor, Model: d.model, Revision: "1.0", ScsiLevel: 6, QueueDepth: 31, OperationalState: []string{"ok"},
		},
		Capacity: types.HostDiskDimensionsLba{BlockSize: 512, Block: d.bytes / 512}, DevicePath: "/vmfs/devices/disks/" + d.canonical,
		Ssd: types.NewBool(d.ssd), LocalDisk: types.NewBool(true), ScsiDiskType: "native512",
	}
}

func (d hostDisk) topology() types.HostScsiTopologyInterface {
	return types.HostScsiTopologyInterface{
		Key: "key-vim.host.ScsiTopology.Interface-" + d.hba, Adapter: d.adapter().GetHostHostBusAdapter().Key,
		Target: []types.HostScsiTopologyTarget{{
			Key: "key-vim.host.ScsiTopology.Target-" + d.hba + ":0:0", Target: 0,
			Lun: []types.HostScsiTopologyLun{{Key: "key-vim.host.ScsiTopology.Lun-" + d.lunKey(), Lun: 0, ScsiLun: d.lunKey()}},
		}},
	}
}

func localName(k int) string {
	if *flagLab {
		return fmt.Sprintf("LocalDS_%d", k)
	}
	return "LocalDS_0"
}

func vmfsVolume(k int) *types.HostVmfsVolume {
	d := hostDisks(k)[1]
	return &types.HostVmfsVolume{
		HostFileSystemVolume: types.HostFileSystemVolume{Type: "VMFS", Name: localName(k), Capacity: 1023 * gib},
		BlockSizeMb:          1, BlockSize: 1024, MaxBlocks: 63963136, MajorVersion: 6, Version: "6.82", Uuid: fmt.Sprintf("5e9f4930-c3a2f1b4-88c1-0050569a%04x", k),
		Extent: []types.HostScsiDiskPartition{{DiskName: d.canonical, Partition: 1}},
		Ssd:    types.NewBool(false), Local: types.NewBool(true),
	}
}

// storageFacts is what the host reports while the given PCI devices are passed through.
func storageFacts(k int, gone map[string]bool) (*types.HostStorageDeviceInfo, *types.HostFileSystemVolumeInfo, *types.HostDiagnosticPartition) {
	dev := &types.HostStorageDeviceInfo{ScsiTopology: &types.HostScsiTopology{}}
	vol := &types.HostFileSystemVolumeInfo{VolumeTypeList: []string{"VMFS", "NFS", "NFS41", "vfat", "VFFS"}}
	mount := func(uuid string, v types.BaseHostFileSystemVolume) {
		vol.MountInfo = append(vol.MountInfo, types.HostFileSystemMountInfo{Volume: v, MountInfo: types.HostMountInfo{
			Path: "/vmfs/volumes/" + uuid, AccessMode: "readWrite", Mounted: types.NewBool(true), Accessible: types.NewBool(true)}})
	}
	disks := hostDisks(k)
	for _, d := range disks {
		if !gone[d.pci] {
			dev.HostBusAdapter = append(dev.HostBusAdapter, d.adapter())
			dev.ScsiLun = append(dev.ScsiLun, d.lun())
			dev.ScsiTopology.Adapter = append(dev.ScsiTopology.Adapter, d.topology())
		}
	}
	if !gone[disks[1].pci] {
		v := vmfsVolume(k)
		mount(v.Uuid, v)
	}
	var core *types.HostDiagnosticPartition
	if boot := disks[0]; !gone[boot.pci] {
		for i, size := range []int64{500 * mib, 500 * mib, 4 * gib} {
			name := []string{"BOOTBANK1", "BOOTBANK2", "SCRATCH"}[i]
			mount(fmt.Sprintf("a%d5c3e7f-1b2d%04x-77aa-b0c4de10%02x%02x", i, k, k&0xff, i),
				&types.HostVfatVolume{HostFileSystemVolume: types.HostFileSystemVolume{Type: "VFAT", Name: name, Capacity: size}})
		}
		core = &types.HostDiagnosticPartition{StorageType: "directAttached", DiagnosticType: "singleHost", Slots: 1,
			Id: types.HostScsiDiskPartition{DiskName: boot.canonical, Partition: 7}}
	}
	return dev, vol, core
}

// StorageSystem replaces the simulator's, whose rescan puts fibre channel adapters in.
type StorageSystem struct {
	simulator.HostStorageSystem
	host *simulator.HostSystem
	k    int
	pnic []types.PhysicalNic // all, also those passed through
}

var storageByHost = map[types.ManagedObjectReference]*StorageSystem{}

func installStorage(h *simulator.HostSystem, k int) {
	s := &StorageSystem{host: h, k: k, pnic: h.Config.Network.Pnic}
	if old, ok := simulator.Map.Get(*h.ConfigManager.StorageSystem).(*simulator.HostStorageSystem); ok {
		s.HostStorageSystem = *old
	}
	simulator.Map.Put(s)
	storageByHost[h.Self] = s
	boot := &BootDeviceSystem{disk: hostDisks(k)[0]}
	boot.Self = types.ManagedObjectReference{Type: "HostBootDeviceSystem", Value: "bootDeviceSystem-" + h.Self.Value}
	ref := simulator.Map.Put(boot).Reference()
	h.ConfigManager.BootDeviceSystem = &ref
	s.refresh()
}

// refresh follows the host's passthrough state.
func (s *StorageSystem) refresh() {
	gone := map[string]bool{}
	if p := pciByHost[s.host.Self]; p != nil {
		for _, b := range p.PciPassthruInfo {
			i := b.GetHostPciPassthruInfo()
			gone[i.Id] = i.PassthruActive
		}
	}
	dev, vol, core := storageFacts(s.k, gone)
	setHost(s.host, types.PropertyChange{Name: "config.storageDevice", Val: dev}, types.PropertyChange{Name: "config.fileSystemVolume", Val: vol})
	s.host.Config.StorageDevice, s.host.Config.FileSystemVolume, s.host.Config.ActiveDiagnosticPartition = dev, vol, core
	s.StorageDeviceInfo, s.FileSystemVolumeInfo = dev, *vol

	pnic := []types.PhysicalNic{}
	for _, p := range s.pnic {
		if !gone[p.Pci] {
			pnic = append(pnic, p)
		}
	}
	setHost(s.host, types.PropertyChange{Name: "config.network.pnic", Val: pnic})

	lost := gone[hostDisks(s.k)[1].pci]
	for _, ref := range s.host.Datastore {
		ds, ok := simulator.Map.Get(ref).(*simulator.Datastore)
		if !ok {
			continue
		}
		if _, vmfs := ds.Info.(*types.VmfsDatastoreInfo); vmfs {
			setAccessible(ds, s.host.Self, !lost, nil)
		}
	}
}

func (s *StorageSystem) RescanAllHba(ctx *simulator.Context, _ *types.RescanAllHba) soap.HasFault {
	return &methods.RescanAllHbaBody{Res: new(types.RescanAllHbaResponse)}
}

// BootDeviceSystem: absent from the simulator.
type BootDeviceSystem struct {
	mo.HostBootDeviceSystem
	disk hostDisk
}

func (b *BootDeviceSystem) QueryBootDevices(*types.QueryBootDevices) soap.HasFault {
	return &methods.QueryBootDevicesBody{Res: &types.QueryBootDevicesResponse{Returnval: &types.HostBootDeviceInfo{
		BootDevices:          []types.HostBootDevice{{Key: b.disk.canonical, Description: "Local " + b.disk.vendor + " Disk (" + b.disk.model + ")"}},
		CurrentBootDeviceKey: b.disk.canonical,
	}}}
}
