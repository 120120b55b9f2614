package main

import (
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// CloneVMTask: the simulator's own version keeps the source's host, shares the disk's
// backing with the source (and empties its file name), and forgets most of the config.
func (s *vmShadow) CloneVMTask(ctx *simulator.Context, req *types.CloneVM_Task) soap.HasFault {
	ref := task(s.vm, "clone", *flagTask, func() (types.AnyType, types.BaseMethodFault) {
		vm, f := s.clone(ctx, req)
		if f != nil {
			return nil, f
		}
		if req.Spec.PowerOn && !req.Spec.Template {
			sh := newVMShadow(vm).(*vmShadow)
			if f := sh.powerOn(ctx, &types.PowerOnVM_Task{This: vm.Self}); f != nil {
				return nil, f
			}
		}
		return vm.Self, nil
	})
	return &methods.CloneVM_TaskBody{Res: &types.CloneVM_TaskResponse{Returnval: ref}}
}

func (s *vmShadow) clone(ctx *simulator.Context, req *types.CloneVM_Task) (*simulator.VirtualMachine, types.BaseMethodFault) {
	src, loc := s.vm, req.Spec.Location
	folder, ok := simulator.Map.Get(req.Folder).(*simulator.Folder)
	if !ok {
		return nil, withText(&types.InvalidArgument{InvalidProperty: "folder"}, "A specified parameter was not correct: folder")
	}
	if len(passthroughs(src)) > 0 && src.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOn {
		return nil, withText(&types.InvalidState{}, "Cloning a running virtual machine with passthrough devices is not supported.")
	}
	pool := loc.Pool
	if pool == nil {
		pool = src.ResourcePool // a template has none
	}
	if pool == nil {
		return nil, withText(&types.InvalidArgument{InvalidProperty: "spec.location.pool"}, "A specified parameter was not correct: spec.location.pool")
	}
	var p object.DatastorePath
	p.FromString(src.Config.Files.VmPathName)
	if loc.Datastore != nil {
		ds, ok := simulator.Map.Get(*loc.Datastore).(*simulator.Datastore)
		if !ok {
			return nil, withText(&types.InvalidDatastore{Datastore: loc.Datastore}, "The specified datastore is invalid.")
		}
		p.Datastore = ds.Name
	}
	p.Path = ""

	var config types.VirtualMachineConfigSpec
	simulator.Map.WithLock(src, func() { config = copyConfig(src) })
	config.Name = req.Name
	config.Files = &types.VirtualMachineFileInfo{VmPathName: p.String()}
	create := &types.CreateVM_Task{This: folder.Self, Config: config, Pool: *pool, Host: loc.Host}
	vm, f := createVM(ctx, folder, create)
	if f != nil {
		return nil, f
	}

	change := types.VirtualMachineConfigSpec{}
	if req.Spec.Config != nil {
		change = *req.Spec.Config
	}
	change.Name, change.Files = "", nil
	change.DeviceChange = append(append([]types.BaseVirtualDeviceConfigSpec{}, loc.DeviceChange...), change.DeviceChange...)
	simulator.Map.WithLock(vm, func() {
		a := arranger{host: hostOf(vm), vmName: vm.Name, home: p.Datastore, have: devicesOf(vm), creating: true}
		if f = a.arrange(change.DeviceChange); f != nil {
			return
		}
		res := vm.ReconfigVMTask(as(ctx, vm), &types.ReconfigVM_Task{This: vm.Self, Spec: change})
		_, f = done(res.(*methods.ReconfigVM_TaskBody).Res.Returnval)
		settle(vm)
	})
	if f != nil { // no half-made clone stays behind
		simulator.Map.WithLock(vm, func() { vm.DestroyTask(as(ctx, vm), &types.Destroy_Task{This: vm.Self}) })
		return nil, f
	}
	if req.Spec.Template {
		markTemplate(vm)
	}
	return vm, nil
}

func markTemplate(vm *simulator.VirtualMachine) {
	pool := vm.ResourcePool
	setVM(vm, types.PropertyChange{Name: "config.template", Val: true},
		types.PropertyChange{Name: "summary.config.template", Val: true},
		types.PropertyChange{Name: "resourcePool", Val: nil})
	if pool != nil {
		if rp, ok := simulator.Map.Get(*pool).(*simulator.ResourcePool); ok {
			simulator.Map.RemoveReference(rp, &rp.Vm, vm.Self)
		}
	}
}

// copyConfig describes a VM like src: own disk files, own MAC addresses, own uuids.
func copyConfig(src *simulator.VirtualMachine) types.VirtualMachineConfigSpec {
	c := types.VirtualMachineConfigSpec{
		GuestId: src.Config.GuestId, Version: src.Config.Version, Annotation: src.Config.Annotation, Firmware: src.Config.Firmware,
		NumCPUs: src.Config.Hardware.NumCPU, NumCoresPerSocket: src.Config.Hardware.NumCoresPerSocket,
		MemoryMB:                     int64(src.Config.Hardware.MemoryMB),
		MemoryReservationLockedToMax: src.Config.MemoryReservationLockedToMax,
		ExtraConfig:                  append([]types.BaseOptionValue{}, src.Config.ExtraConfig...),
	}
	for _, d := range src.Config.Hardware.Device {
		spec := &types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationAdd}
		switch x := d.(type) {
		case types.BaseVirtualSCSIController, *types.VirtualAHCIController, *types.VirtualNVMEController:
		case *types.VirtualDisk:
			spec.FileOperation = types.VirtualDeviceConfigSpecFileOperationCreate
		case types.BaseVirtualEthernetCard:
		default:
			_ = x
			continue // default devices come by themselves; passthrough devices are not cloned
		}
		one := types.VirtualDeviceConfigSpec{Operation: spec.Operation, FileOperation: spec.FileOperation, Device: d}
		deepCopy(&one, spec)
		switch x := spec.Device.(type) {
		case *types.VirtualDisk:
			if b, ok := x.Backing.(*types.VirtualDiskFlatVer2BackingInfo); ok {
				b.FileName, b.Datastore, b.Parent, b.Uuid, b.BackingObjectId = "", nil, nil, "", ""
			}
		case types.BaseVirtualEthernetCard:
			n := x.GetVirtualEthernetCard()
			n.MacAddress, n.AddressType = "", ""
		}
		c.DeviceChange = append(c.DeviceChange, spec)
	}
	return c
}
