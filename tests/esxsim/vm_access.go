package main

import (
	"errors"
	"os"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// A VM whose datastore is away becomes inaccessible, and stays so until somebody reloads it.

func setConnection(vm *simulator.VirtualMachine, s types.VirtualMachineConnectionState) {
	setVM(vm, types.PropertyChange{Name: "runtime.connectionState", Val: s},
		types.PropertyChange{Name: "summary.runtime.connectionState", Val: s})
}

// loseVMs: those of this host that do not run; a running one hangs in its disk accesses instead.
// Local volumes are there when a host has booted, and their VMs with them.
func loseVMs(ds *simulator.Datastore, host types.ManagedObjectReference) {
	if _, nas := ds.Info.(*types.NasDatastoreInfo); !nas {
		return
	}
	for _, ref := range append([]types.ManagedObjectReference{}, ds.Vm...) {
		vm, ok := simulator.Map.Get(ref).(*simulator.VirtualMachine)
		if ok && vm.Runtime.Host != nil && *vm.Runtime.Host == host && vm.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOff {
			setConnection(vm, types.VirtualMachineConnectionStateInaccessible)
		}
	}
}

// inaccessible is the fault of what cannot be done with such a VM.
func inaccessible(vm *simulator.VirtualMachine) types.BaseMethodFault {
	if s := vm.Runtime.ConnectionState; s == types.VirtualMachineConnectionStateInaccessible || s == types.VirtualMachineConnectionStateInvalid {
		return withText(&types.InvalidState{}, "The operation is not allowed in the current connection state of the virtual machine ("+string(s)+").")
	}
	return nil
}

// readable: the host reaches the datastore of the file, and the file is there.
func readable(vm *simulator.VirtualMachine, file string) bool {
	var p object.DatastorePath
	h := hostOf(vm)
	if h == nil || !p.FromString(file) {
		return false
	}
	ds := datastoreOn(h, p.Datastore)
	if ds == nil {
		return false
	}
	for _, m := range ds.Host {
		if m.Key == h.Self && m.MountInfo.Accessible != nil && !*m.MountInfo.Accessible {
			return false
		}
	}
	_, err := os.Stat(vmxFile(file, vm))
	return err == nil
}

func (s *vmShadow) Reload(*types.Reload) soap.HasFault {
	if readable(s.vm, s.vm.Config.Files.VmPathName) {
		setConnection(s.vm, types.VirtualMachineConnectionStateConnected)
	}
	return &methods.ReloadBody{Res: new(types.ReloadResponse)}
}

func (s *vmShadow) ReloadVirtualMachineFromPathTask(req *types.ReloadVirtualMachineFromPath_Task) soap.HasFault {
	ref := task(s.vm, "reloadVirtualMachineFromPath", 0, func() (types.AnyType, types.BaseMethodFault) {
		switch {
		case s.vm.Runtime.PowerState != types.VirtualMachinePowerStatePoweredOff:
			return nil, &types.InvalidPowerState{RequestedState: types.VirtualMachinePowerStatePoweredOff, ExistingState: s.vm.Runtime.PowerState}
		case !readable(s.vm, req.ConfigurationPath):
			return nil, withText(&types.FileNotFound{FileFault: types.FileFault{File: req.ConfigurationPath}}, "File "+req.ConfigurationPath+" was not found")
		}
		setVM(s.vm, types.PropertyChange{Name: "config.files.vmPathName", Val: req.ConfigurationPath})
		setConnection(s.vm, types.VirtualMachineConnectionStateConnected)
		return nil, nil
	})
	return &methods.ReloadVirtualMachineFromPath_TaskBody{Res: &types.ReloadVirtualMachineFromPath_TaskResponse{Returnval: ref}}
}

// dirCheck stands for a look at the server where there is no hook: its directory is there or not.
func dirCheck(e mountEvent) error {
	if fi, err := os.Stat(nasDir(e.RemoteHost, e.RemotePath)); err != nil || !fi.IsDir() {
		return errors.New("no such export")
	}
	return nil
}
