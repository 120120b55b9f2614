package main

import (
	"os"
	"path/filepath"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// plan reads a relocation's spec and refuses what a vCenter refuses.
func plan(vm *simulator.VirtualMachine, spec types.VirtualMachineRelocateSpec) (*move, types.BaseMethodFault) {
	m := &move{vm: vm, disks: map[int32]*simulator.Datastore{}, pool: spec.Pool}
	if vm.Config.Template {
		return nil, withText(&types.NotSupported{}, "The operation is not supported on the object: it is a template.")
	}
	on := vm.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOn
	if on && len(passthroughs(vm)) > 0 {
		return nil, withText(&types.MigrationFault{}, "Device 'PCI device 0' uses backing '', which is not supported for vMotion.")
	}
	if ref := spec.Datastore; ref != nil {
		if m.home = store(*ref); m.home == nil {
			return nil, withText(&types.InvalidDatastore{Datastore: ref}, "The datastore is not there.")
		}
		for _, d := range disksOf(vm) {
			m.disks[d.Key] = m.home
		}
	}
	for _, l := range spec.Disk {
		if m.disks[l.DiskId] = store(l.Datastore); m.disks[l.DiskId] == nil {
			return nil, withText(&types.InvalidArgument{InvalidProperty: "spec.disk"}, "A specified parameter was not correct: spec.disk")
		}
	}
	if spec.Host != nil && (vm.Runtime.Host == nil || *vm.Runtime.Host != *spec.Host) {
		m.host, _ = simulator.Map.Get(*spec.Host).(*simulator.HostSystem)
		if f := m.mayGo(on); f != nil {
			return nil, f
		}
	}
	return m, m.mayMove()
}

func store(ref types.ManagedObjectReference) *simulator.Datastore {
	d, _ := simulator.Map.Get(ref).(*simulator.Datastore)
	return d
}

func (m *move) mayGo(on bool) types.BaseMethodFault {
	if m.host == nil {
		return withText(&types.InvalidArgument{InvalidProperty: "spec.host"}, "A specified parameter was not correct: spec.host")
	}
	if m.host.Runtime.InMaintenanceMode || m.host.Runtime.ConnectionState != types.HostSystemConnectionStateConnected {
		return withText(&types.InvalidHostState{Host: &m.host.Self}, "The operation is not allowed in the current state of the host.")
	}
	if from, to := computeOf(hostOf(m.vm)), computeOf(m.host); m.pool == nil && from != to {
		return withText(&types.InvalidArgument{InvalidProperty: "spec.pool"}, "A specified parameter was not correct: spec.pool")
	}
	ns, ok := simulator.Map.Get(*m.host.ConfigManager.NetworkSystem).(*NetworkSystem)
	if !ok || !on {
		return nil
	}
	groups := map[string]bool{}
	for _, g := range ns.NetworkInfo.Portgroup {
		groups[g.Spec.Name] = true
	}
	for _, d := range devicesOf(m.vm) {
		if c, ok := d.(types.BaseVirtualEthernetCard); ok {
			if name := networkName(c.GetVirtualEthernetCard()); !groups[name] {
				return withText(&types.CannotAccessNetwork{}, "Currently connected network interface uses network '"+name+"', which is not accessible.")
			}
		}
	}
	return nil
}

// mayRun: every datastore of the VM is accessible from the host.
func mayRun(vm *simulator.VirtualMachine, h *simulator.HostSystem) types.BaseMethodFault {
	for _, ref := range vm.Datastore {
		if f := reaches(h, store(ref)); f != nil {
			return f
		}
	}
	return nil
}

func reaches(h *simulator.HostSystem, d *simulator.Datastore) types.BaseMethodFault {
	if d != nil {
		for _, m := range d.Host {
			if m.Key == h.Self && (m.MountInfo.Accessible == nil || *m.MountInfo.Accessible) && m.MountInfo.AccessMode != "readOnly" {
				return nil
			}
		}
		if simulator.FindReference(h.Datastore, d.Self) != nil && len(d.Host) == 0 {
			return nil
		}
	}
	return withText(&types.DatastoreNotWritableOnHost{InvalidDatastore: types.InvalidDatastore{Datastore: &d.Self, Name: d.Name}, Host: h.Self},
		"Unable to access the virtual machine configuration: datastore '"+d.Name+"' is not writable on host '"+h.Name+"'.")
}

func (m *move) mayMove() types.BaseMethodFault {
	h := m.host
	if h == nil {
		h = hostOf(m.vm)
	}
	need := map[*simulator.Datastore]int64{}
	sizes := map[types.ManagedObjectReference]int64{}
	for _, u := range usage(m.vm) {
		sizes[u.Datastore] = u.Committed
	}
	part := func(file string, to *simulator.Datastore) types.BaseMethodFault {
		from, path := storeNamed(m.vm, file)
		if from == nil {
			return withText(&types.FileNotFound{FileFault: types.FileFault{File: file}}, "File "+file+" was not found.")
		}
		if to == nil || to == from {
			return reaches(h, from)
		}
		if f := reaches(h, to); f != nil {
			return f
		}
		need[to] += sizes[from.Self]
		sizes[from.Self] = 0
		dir := filepath.Dir(path)
		if _, err := os.Stat(filepath.Join(to.Info.GetDatastoreInfo().Url, dir)); err == nil && !dirsOf(m.vm, to)[dir] {
			return withText(&types.FileAlreadyExists{FileFault: types.FileFault{File: "[" + to.Name + "] " + dir}}, "The specified key, name, or identifier '"+dir+"' already exists.")
		}
		return nil
	}
	if f := part(m.vm.Config.Files.VmPathName, m.home); f != nil {
		return f
	}
	for _, d := range disksOf(m.vm) {
		if f := part(fileOf(d).FileName, m.disks[d.Key]); f != nil {
			return f
		}
	}
	for to, bytes := range need {
		if free := to.Summary.FreeSpace; free > 0 && bytes > free {
			return withText(&types.NoDiskSpace{Datastore: to.Name}, "Insufficient disk space on datastore '"+to.Name+"'.")
		}
	}
	return nil
}

func waitFor(ref types.ManagedObjectReference) {
	for {
		t, ok := simulator.Map.Get(ref).(*simulator.Task)
		if !ok {
			return
		}
		var state types.TaskInfoState
		simulator.Map.WithLock(t, func() { state = t.Info.State })
		if state == types.TaskInfoStateSuccess || state == types.TaskInfoStateError {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}
