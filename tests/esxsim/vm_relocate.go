package main

import (
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// RelocateVM: the simulator's own version changes only vm.datastore, and removes the wrong
// references. Here files, disks and references move, and what a vCenter refuses is refused.

var relocations sync.Map // vm ref -> task ref, while it runs

func relocationOf(vm *simulator.VirtualMachine) *types.ManagedObjectReference {
	if t, ok := relocations.Load(vm.Self); ok {
		ref, _ := t.(types.ManagedObjectReference)
		return &ref
	}
	return nil
}

func (s *vmShadow) RelocateVMTask(ctx *simulator.Context, req *types.RelocateVM_Task) soap.HasFault {
	vm := s.vm
	if t := relocationOf(vm); t != nil {
		return &methods.RelocateVM_TaskBody{Fault_: simulator.Fault("Another task is already in progress.", &types.TaskInProgress{Task: *t})}
	}
	relocations.Store(vm.Self, types.ManagedObjectReference{})
	ref := task(vm, "relocate", *flagTask, func() (types.AnyType, types.BaseMethodFault) {
		m, fault := plan(vm, req.Spec)
		if fault == nil {
			fault = m.run()
		}
		return nil, fault
	})
	relocations.Store(vm.Self, ref)
	go func() {
		waitFor(ref)
		relocations.Delete(vm.Self)
	}()
	return &methods.RelocateVM_TaskBody{Res: &types.RelocateVM_TaskResponse{Returnval: ref}}
}

// move is one relocation: which datastore each part goes to, and which host.
type move struct {
	vm    *simulator.VirtualMachine
	home  *simulator.Datastore           // of the configuration; nil: stays
	disks map[int32]*simulator.Datastore // by device key; those that go elsewhere
	host  *simulator.HostSystem          // nil: stays
	pool  *types.ManagedObjectReference
}

func storeNamed(vm *simulator.VirtualMachine, file string) (*simulator.Datastore, string) {
	var p object.DatastorePath
	p.FromString(file)
	for _, r := range vm.Datastore {
		if d, ok := simulator.Map.Get(r).(*simulator.Datastore); ok && d.Name == p.Datastore {
			return d, p.Path
		}
	}
	return nil, p.Path
}

func disksOf(vm *simulator.VirtualMachine) (disks []*types.VirtualDisk) {
	for _, d := range vm.Config.Hardware.Device {
		if disk, ok := d.(*types.VirtualDisk); ok {
			disks = append(disks, disk)
		}
	}
	return
}

func fileOf(d *types.VirtualDisk) *types.VirtualDeviceFileBackingInfo {
	if b, ok := d.Backing.(types.BaseVirtualDeviceFileBackingInfo); ok {
		return b.GetVirtualDeviceFileBackingInfo()
	}
	return &types.VirtualDeviceFileBackingInfo{}
}

func (m *move) run() (fault types.BaseMethodFault) {
	vm := m.vm
	simulator.Map.WithLock(vm, func() {
		if fault = m.moveFiles(); fault != nil {
			return
		}
		settleStores(vm)
	})
	if fault == nil && m.host != nil {
		changeHost(vm, m.host)
	}
	if fault == nil && m.pool != nil {
		r := *m.pool
		setVM(vm, types.PropertyChange{Name: "resourcePool", Val: &r})
	}
	return
}

func (m *move) moveFiles() types.BaseMethodFault {
	vm := m.vm
	owned := map[string]bool{} // disk files of the home directory, without their endings
	for _, d := range disksOf(vm) {
		b := fileOf(d)
		from, file := storeNamed(vm, b.FileName)
		if from == nil {
			continue
		}
		stem := strings.TrimSuffix(file, ".vmdk")
		owned[from.Name+"/"+stem] = true
		to := m.disks[d.Key]
		if to == nil || to == from {
			continue
		}
		if err := moveMatching(from, to, path.Dir(file), func(name string) bool { return isDiskFile(name, path.Base(stem)) }); err != nil {
			return withText(&types.FileFault{File: file}, err.Error())
		}
		_ = os.Remove(filepath.Join(from.Info.GetDatastoreInfo().Url, path.Dir(file))) // only when nothing is left in it
		b.FileName = "[" + to.Name + "] " + file
		b.Datastore = &to.Self
	}
	if m.home == nil {
		return nil
	}
	from, file := storeNamed(vm, vm.Config.Files.VmPathName)
	if from == nil || from == m.home {
		return nil
	}
	dir := path.Dir(file)
	err := moveMatching(from, m.home, dir, func(name string) bool {
		for o := range owned {
			if strings.HasPrefix(o, from.Name+"/"+dir+"/") && isDiskFile(name, path.Base(o)) {
				return false
			}
		}
		return true
	})
	if err != nil {
		return withText(&types.FileFault{File: file}, err.Error())
	}
	_ = os.Remove(filepath.Join(from.Info.GetDatastoreInfo().Url, dir)) // only when nothing is left in it
	re := func(s string) string { return strings.Replace(s, "["+from.Name+"]", "["+m.home.Name+"]", 1) }
	f := vm.Config.Files
	f.VmPathName, f.SnapshotDirectory, f.SuspendDirectory, f.LogDirectory = re(f.VmPathName), re(f.SnapshotDirectory), re(f.SuspendDirectory), re(f.LogDirectory)
	vm.Config.Files = f
	simulator.Map.Update(vm, []types.PropertyChange{{Name: "config.files", Val: f}, {Name: "summary.config.vmPathName", Val: f.VmPathName}})
	return nil
}

func isDiskFile(name, stem string) bool { return name == stem+".vmdk" || name == stem+"-flat.vmdk" }

func moveMatching(from, to *simulator.Datastore, dir string, wanted func(string) bool) error {
	src, dst := filepath.Join(from.Info.GetDatastoreInfo().Url, dir), filepath.Join(to.Info.GetDatastoreInfo().Url, dir)
	files, err := os.ReadDir(src)
	if os.IsNotExist(err) {
		return nil
	}
	if err == nil {
		err = os.MkdirAll(dst, 0700)
	}
	for _, f := range files {
		if err != nil {
			return err
		}
		if f.IsDir() || !wanted(f.Name()) {
			continue
		}
		var b []byte
		if b, err = os.ReadFile(filepath.Join(src, f.Name())); err == nil {
			if err = os.WriteFile(filepath.Join(dst, f.Name()), b, 0600); err == nil {
				err = os.Remove(filepath.Join(src, f.Name()))
			}
		}
	}
	return err
}

// settleStores makes the references agree with the paths of the files.
func settleStores(vm *simulator.VirtualMachine) {
	used := map[types.ManagedObjectReference]bool{}
	var refs []types.ManagedObjectReference
	files := []string{vm.Config.Files.VmPathName}
	for _, d := range disksOf(vm) {
		files = append(files, fileOf(d).FileName)
	}
	for _, file := range files {
		var p object.DatastorePath
		p.FromString(file)
		for _, r := range hostOf(vm).Datastore {
			if d, ok := simulator.Map.Get(r).(*simulator.Datastore); ok && d.Name == p.Datastore && !used[d.Self] {
				used[d.Self] = true
				refs = append(refs, d.Self)
			}
		}
	}
	for _, old := range vm.Datastore {
		if d, ok := simulator.Map.Get(old).(*simulator.Datastore); ok && !used[old] {
			simulator.Map.RemoveReference(d, &d.Vm, vm.Self)
		}
	}
	for _, r := range refs {
		d := simulator.Map.Get(r).(*simulator.Datastore)
		simulator.Map.AddReference(d, &d.Vm, vm.Self)
	}
	simulator.Map.Update(vm, []types.PropertyChange{{Name: "datastore", Val: refs},
		{Name: "config.hardware.device", Val: vm.Config.Hardware.Device}, {Name: "storage.perDatastoreUsage", Val: usage(vm)}})
}

func changeHost(vm *simulator.VirtualMachine, to *simulator.HostSystem) {
	if old := hostOf(vm); old != nil {
		simulator.Map.RemoveReference(old, &old.Vm, vm.Self)
	}
	simulator.Map.AddReference(to, &to.Vm, vm.Self)
	r := to.Self
	setVM(vm, types.PropertyChange{Name: "runtime.host", Val: &r}, types.PropertyChange{Name: "summary.runtime.host", Val: &r})
}

// usage is what the VM's files take on each datastore.
func usage(vm *simulator.VirtualMachine) (list []types.VirtualMachineUsageOnDatastore) {
	for _, r := range vm.Datastore {
		d, ok := simulator.Map.Get(r).(*simulator.Datastore)
		if !ok {
			continue
		}
		u := types.VirtualMachineUsageOnDatastore{Datastore: r}
		for dir := range dirsOf(vm, d) {
			files, _ := os.ReadDir(filepath.Join(d.Info.GetDatastoreInfo().Url, dir))
			for _, f := range files {
				if fi, err := f.Info(); err == nil {
					u.Committed += fi.Size()
				}
			}
		}
		list = append(list, u)
	}
	return
}

func dirsOf(vm *simulator.VirtualMachine, d *simulator.Datastore) map[string]bool {
	dirs := map[string]bool{}
	note := func(file string) {
		if s, p := storeNamed(vm, file); s == d {
			dirs[path.Dir(p)] = true
		}
	}
	note(vm.Config.Files.VmPathName)
	for _, disk := range disksOf(vm) {
		note(fileOf(disk).FileName)
	}
	return dirs
}

func (s *vmShadow) RefreshStorageInfo(*types.RefreshStorageInfo) soap.HasFault {
	setVM(s.vm, types.PropertyChange{Name: "storage.perDatastoreUsage", Val: usage(s.vm)})
	return &methods.RefreshStorageInfoBody{Res: new(types.RefreshStorageInfoResponse)}
}
