package main

import (
	"time"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

func (s *vmShadow) ReconfigVMTask(ctx *simulator.Context, req *types.ReconfigVM_Task) soap.HasFault {
	vm := s.vm
	var res soap.HasFault
	var f types.BaseMethodFault
	if t := relocationOf(vm); t != nil {
		return &methods.ReconfigVM_TaskBody{Fault_: simulator.Fault("Another task is already in progress.", &types.TaskInProgress{Task: *t})}
	}
	ctx.WithLock(vm, func() {
		if f = inaccessible(vm); f == nil {
			f = changedSince(vm, req.Spec.ChangeVersion)
		}
		if f == nil {
			f = refuseWhileOn(vm, &req.Spec)
		}
		if f == nil {
			a := arranger{host: hostOf(vm), vmName: vm.Name, home: homeOf(vm), have: devicesOf(vm)}
			f = a.arrange(req.Spec.DeviceChange)
		}
		if f == nil {
			res = vm.ReconfigVMTask(as(ctx, vm), req)
			settle(vm)
		}
	})
	if f != nil {
		return &methods.ReconfigVM_TaskBody{Res: &types.ReconfigVM_TaskResponse{Returnval: failed(vm, "reconfigure", f)}}
	}
	return res
}

// homeOf names the datastore of the VM's configuration.
func homeOf(vm *simulator.VirtualMachine) string {
	var p object.DatastorePath
	p.FromString(vm.Config.Files.VmPathName)
	return p.Datastore
}

func devicesOf(vm *simulator.VirtualMachine) []types.BaseVirtualDevice {
	return append([]types.BaseVirtualDevice{}, vm.Config.Hardware.Device...)
}

// changedSince: a spec that names another version of the configuration is somebody's who has not seen the last change.
func changedSince(vm *simulator.VirtualMachine, version string) types.BaseMethodFault {
	if version == "" || version == vm.Config.ChangeVersion {
		return nil
	}
	return withText(&types.ConcurrentAccess{}, "The object or item referred to could not be changed: it has been modified since.")
}

// settle corrects what the simulator leaves behind after a change. Every change gives the
// configuration another version.
func settle(vm *simulator.VirtualMachine) {
	vm.Config.ChangeVersion = time.Now().UTC().Format("2006-01-02T15:04:05.000000000Z")
	vm.Config.ExtraConfig = setOption(vm.Config.ExtraConfig)
	if l := vm.Config.MemoryReservationLockedToMax; l != nil && *l {
		r := int64(vm.Config.Hardware.MemoryMB)
		mem := *vm.Config.MemoryAllocation // may be shared with the request
		mem.Reservation = &r
		vm.Config.MemoryAllocation = &mem
	}
	if m := vm.Config.MemoryAllocation; m != nil && m.Reservation != nil {
		vm.Summary.Config.MemoryReservation = int32(*m.Reservation)
	}
}

// refuseWhileOn: what a powered-on VM does not take. Disks and NICs can be added while it
// runs, unless the VM has a passthrough device: then nothing can.
func refuseWhileOn(vm *simulator.VirtualMachine, spec *types.VirtualMachineConfigSpec) types.BaseMethodFault {
	if vm.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOff {
		return nil
	}
	powered := withText(&types.InvalidPowerState{RequestedState: types.VirtualMachinePowerStatePoweredOff, ExistingState: vm.Runtime.PowerState},
		"The attempted operation cannot be performed in the current state (Powered on).")
	pinned := len(passthroughs(vm)) > 0
	for _, c := range spec.DeviceChange {
		d := c.GetVirtualDeviceConfigSpec()
		_, pci := d.Device.(*types.VirtualPCIPassthrough)
		if pci || pinned && d.Operation != types.VirtualDeviceConfigSpecOperationEdit {
			return powered
		}
	}
	isTrue := func(b *bool) bool { return b != nil && *b }
	switch {
	case spec.MemoryMB != 0 && spec.MemoryMB != int64(vm.Config.Hardware.MemoryMB) && (pinned || !isTrue(vm.Config.MemoryHotAddEnabled)):
		return withText(&types.MemoryHotPlugNotSupported{}, "Memory hot plug is not supported for this virtual machine.")
	case spec.NumCPUs != 0 && spec.NumCPUs != vm.Config.Hardware.NumCPU && (pinned || !isTrue(vm.Config.CpuHotAddEnabled)):
		return withText(&types.CpuHotPlugNotSupported{}, "CPU hot plug is not supported for this virtual machine.")
	case spec.MemoryReservationLockedToMax != nil && !*spec.MemoryReservationLockedToMax && pinned:
		return powered
	}
	return nil
}
