package main

import (
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// RelocateVMTask moves the files, the datastore and host references; the simulator's
// own version changes only vm.datastore and removes the wrong references.
func (s *vmShadow) RelocateVMTask(ctx *simulator.Context, req *types.RelocateVM_Task) soap.HasFault {
	vm := s.vm
	ref := task(vm, "relocate", *flagTask, func() (types.AnyType, types.BaseMethodFault) {
		if len(passthroughs(vm)) > 0 && vm.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOn {
			return nil, withText(&types.MigrationNotReady{Reason: "passthrough"}, "Device 'PCI device 0' uses backing '', which is not supported for vMotion.")
		}
		if r := req.Spec.Host; r != nil {
			to := simulator.Map.Get(*r).(*simulator.HostSystem)
			if req.Spec.Datastore == nil {
				for _, d := range vm.Datastore {
					if simulator.FindReference(to.Datastore, d) == nil {
						return nil, withText(&types.DatastoreNotWritableOnHost{InvalidDatastore: types.InvalidDatastore{Datastore: &d}}, "Unable to access the virtual machine configuration: datastore not mounted on the target host.")
					}
				}
			}
		}
		var fault types.BaseMethodFault
		simulator.Map.WithLock(vm, func() { fault = s.relocate(req.Spec) })
		return nil, fault
	})
	return &methods.RelocateVM_TaskBody{Res: &types.RelocateVM_TaskResponse{Returnval: ref}}
}

func (s *vmShadow) relocate(spec types.VirtualMachineRelocateSpec) types.BaseMethodFault {
	vm := s.vm
	var changes []types.PropertyChange
	if ref := spec.Datastore; ref != nil {
		to := simulator.Map.Get(*ref).(*simulator.Datastore)
		var p object.DatastorePath
		p.FromString(vm.Config.Files.VmPathName)
		var from *simulator.Datastore
		for _, r := range vm.Datastore {
			if d := simulator.Map.Get(r).(*simulator.Datastore); d.Name == p.Datastore {
				from = d
			}
		}
		if from != nil && from.Self != to.Self {
			dir := path.Dir(p.Path)
			src := filepath.Join(from.Info.GetDatastoreInfo().Url, dir)
			dst := filepath.Join(to.Info.GetDatastoreInfo().Url, dir)
			if err := copyDir(src, dst); err != nil {
				return withText(&types.FileFault{File: dst}, err.Error())
			}
			_ = os.RemoveAll(src)
			re := func(s string) string {
				return strings.Replace(s, "["+from.Name+"]", "["+to.Name+"]", 1)
			}
			f := vm.Config.Files
			f.VmPathName, f.SnapshotDirectory, f.SuspendDirectory, f.LogDirectory = re(f.VmPathName), re(f.SnapshotDirectory), re(f.SuspendDirectory), re(f.LogDirectory)
			for _, d := range vm.Config.Hardware.Device {
				if disk, ok := d.(*types.VirtualDisk); ok {
					if b, ok := disk.Backing.(types.BaseVirtualDeviceFileBackingInfo); ok {
						i := b.GetVirtualDeviceFileBackingInfo()
						i.FileName = re(i.FileName)
						i.Datastore = &to.Self
					}
				}
			}
			simulator.Map.RemoveReference(from, &from.Vm, vm.Self)
			simulator.Map.AddReference(to, &to.Vm, vm.Self)
			changes = append(changes, types.PropertyChange{Name: "config.files", Val: f},
				types.PropertyChange{Name: "summary.config.vmPathName", Val: f.VmPathName},
				types.PropertyChange{Name: "datastore", Val: []types.ManagedObjectReference{to.Self}})
			vm.Config.Files = f
		}
	}
	if ref := spec.Host; ref != nil && (vm.Runtime.Host == nil || *vm.Runtime.Host != *ref) {
		if old, ok := simulator.Map.Get(*vm.Runtime.Host).(*simulator.HostSystem); ok {
			simulator.Map.RemoveReference(old, &old.Vm, vm.Self)
		}
		to := simulator.Map.Get(*ref).(*simulator.HostSystem)
		simulator.Map.AddReference(to, &to.Vm, vm.Self)
		r := *ref
		changes = append(changes, types.PropertyChange{Name: "runtime.host", Val: &r}, types.PropertyChange{Name: "summary.runtime.host", Val: &r})
	}
	if ref := spec.Pool; ref != nil {
		r := *ref
		changes = append(changes, types.PropertyChange{Name: "resourcePool", Val: &r})
	}
	simulator.Map.Update(vm, changes)
	return nil
}

func copyDir(src, dst string) error {
	return filepath.Walk(src, func(p string, fi os.FileInfo, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(src, p)
		q := filepath.Join(dst, rel)
		if fi.IsDir() {
			return os.MkdirAll(q, 0700)
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		return os.WriteFile(q, b, 0600)
	})
}
