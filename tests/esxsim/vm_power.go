package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

func (s *vmShadow) PowerOnVMTask(ctx *simulator.Context, req *types.PowerOnVM_Task) soap.HasFault {
	ref := task(s.vm, "powerOn", 0, func() (types.AnyType, types.BaseMethodFault) { return nil, s.powerOn(ctx, req) })
	return &methods.PowerOnVM_TaskBody{Res: &types.PowerOnVM_TaskResponse{Returnval: ref}}
}

func (s *vmShadow) powerOn(ctx *simulator.Context, req *types.PowerOnVM_Task) types.BaseMethodFault {
	vm := s.vm
	defer perVM.lock(vm.Self.Value)()
	if f := mayPowerOn(vm); f != nil {
		return f
	}
	q := takeQuestion(vm)
	if action := option(vm, "uuid.action"); q != nil && action != "" { // answered beforehand
		if q = nil; action == "create" {
			takeIdentity(vm)
		}
	}
	if q != nil {
		setVM(vm, types.PropertyChange{Name: "runtime.question", Val: *q}, types.PropertyChange{Name: "summary.runtime.question", Val: *q})
		choice := <-s.answer
		setVM(vm, types.PropertyChange{Name: "runtime.question", Val: nil}, types.PropertyChange{Name: "summary.runtime.question", Val: nil})
		switch choice {
		case "0":
			putQuestion(vm)
			return withText(&types.GenericVmConfigFault{Reason: "cancelled"}, "The operation was cancelled by the user.")
		case "2": // copied: new identity
			takeIdentity(vm)
		}
	}
	var reply hookReply
	if hooked() {
		var in powerOnEvent
		simulator.Map.WithLock(vm, func() { in = describe(vm) })
		var err error
		if reply, err = runHook("power-on", in, *flagHookTime); err != nil {
			return withText(&types.GenericVmConfigFault{Reason: err.Error()}, err.Error())
		}
	}
	var fault types.BaseMethodFault
	simulator.Map.WithLock(vm, func() {
		r := vm.PowerOnVMTask(as(ctx, vm), req)
		if r.Fault() != nil {
			fault = &types.InvalidState{}
			return
		}
		_, fault = done(r.(*methods.PowerOnVM_TaskBody).Res.Returnval)
	})
	if fault == nil && (hooked() || *flagTools) {
		toolsUp(vm, reply)
	}
	return fault
}

func takeIdentity(vm *simulator.VirtualMachine) {
	id := newUUID()
	setVM(vm, types.PropertyChange{Name: "config.uuid", Val: id}, types.PropertyChange{Name: "summary.config.uuid", Val: id})
}

func mayPowerOn(vm *simulator.VirtualMachine) types.BaseMethodFault {
	if vm.Config.Template {
		return withText(&types.InvalidState{}, "The operation is not allowed in the current state: the virtual machine is a template.")
	}
	if vm.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOn {
		return withText(&types.InvalidPowerState{RequestedState: types.VirtualMachinePowerStatePoweredOn, ExistingState: vm.Runtime.PowerState},
			"The attempted operation cannot be performed in the current state (Powered on).")
	}
	if h := hostOf(vm); h != nil && (h.Runtime.InMaintenanceMode || h.Runtime.ConnectionState != types.HostSystemConnectionStateConnected) {
		return withText(&types.InvalidHostState{Host: &h.Self}, "The operation is not allowed in the current state of the host.")
	}
	if f := inaccessible(vm); f != nil {
		return f
	}
	ps := passthroughs(vm)
	if len(ps) == 0 {
		return nil
	}
	mem := vm.Config.MemoryAllocation
	if mem == nil || mem.Reservation == nil || *mem.Reservation < int64(vm.Config.Hardware.MemoryMB) {
		return withText(&types.GenericVmConfigFault{Reason: "Invalid memory setting"},
			fmt.Sprintf("Invalid memory setting: memory reservation (sched.mem.min) should be equal to memsize(%d).", vm.Config.Hardware.MemoryMB))
	}
	for _, p := range ps {
		if f := checkBacking(vm, p); f != nil {
			return f
		}
	}
	return nil
}

func checkBacking(vm *simulator.VirtualMachine, p *types.VirtualPCIPassthrough) types.BaseMethodFault {
	pci := pciByHost[*vm.Runtime.Host]
	if pci == nil {
		return nil
	}
	switch b := p.Backing.(type) {
	case *types.VirtualPCIPassthroughDeviceBackingInfo:
		dev, info := pci.find(b.Id)
		if dev == nil || info == nil || !info.PassthruActive {
			return withText(&types.GenericVmConfigFault{Reason: "not a passthrough device"}, "Device "+b.Id+" is not a passthrough device.")
		}
		id, _ := strconv.ParseUint(strings.TrimPrefix(b.DeviceId, "0x"), 16, 16)
		if b.SystemId != systemID(pci.host) || uint16(id) != uint16(dev.DeviceId) || b.VendorId != dev.VendorId {
			return withText(&types.GenericVmConfigFault{Reason: "systemId"},
				"The systemId does not match the current system or the deviceId and vendorId do not match the device currently at "+b.Id+".")
		}
		if other := userOf(pci.host, b.Id, vm); other != "" {
			return withText(&types.GenericVmConfigFault{Reason: "in use"}, "Device "+b.Id+" is already in use by virtual machine '"+other+"'.")
		}
	case *types.VirtualPCIPassthroughDynamicBackingInfo:
		for i := range pci.host.Hardware.PciDevice {
			d := &pci.host.Hardware.PciDevice[i]
			_, info := pci.find(d.Id)
			for _, a := range b.AllowedDevice {
				if info != nil && info.PassthruActive && uint16(a.VendorId) == uint16(d.VendorId) && uint16(a.DeviceId) == uint16(d.DeviceId) {
					b.AssignedId = d.Id
					return nil
				}
			}
		}
		return withText(&types.InsufficientResourcesFault{}, "No host is compatible with the virtual machine: no Dynamic DirectPath device available.")
	}
	return nil
}

// userOf names the running VM of this host that holds the device.
func userOf(h *simulator.HostSystem, id string, not *simulator.VirtualMachine) string {
	for _, ref := range h.Vm {
		vm, ok := simulator.Map.Get(ref).(*simulator.VirtualMachine)
		if !ok || vm == not || vm.Runtime.PowerState != types.VirtualMachinePowerStatePoweredOn {
			continue
		}
		for _, p := range passthroughs(vm) {
			if b, ok := p.Backing.(*types.VirtualPCIPassthroughDeviceBackingInfo); ok && b.Id == id {
				return vm.Name
			}
		}
	}
	return ""
}

func (s *vmShadow) PowerOffVMTask(ctx *simulator.Context, req *types.PowerOffVM_Task) soap.HasFault {
	vm := s.vm
	ref := task(vm, "powerOff", 0, func() (types.AnyType, types.BaseMethodFault) {
		defer perVM.lock(vm.Self.Value)()
		return nil, s.goDown(ctx, "power-off")
	})
	return &methods.PowerOffVM_TaskBody{Res: &types.PowerOffVM_TaskResponse{Returnval: ref}}
}

// goDown: power-off pulls the plug, shutdown asks the guest.
func (s *vmShadow) goDown(ctx *simulator.Context, verb string) (fault types.BaseMethodFault) {
	vm := s.vm
	if hooked() && vm.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOn {
		in := map[string]string{"vm": vm.Name, "uuid": vm.Config.Uuid}
		if _, err := runHook(verb, in, *flagHookTime); err != nil {
			return withText(&types.GenericVmConfigFault{Reason: err.Error()}, err.Error())
		}
	}
	simulator.Map.WithLock(vm, func() {
		r := vm.PowerOffVMTask(as(ctx, vm), &types.PowerOffVM_Task{This: vm.Self})
		_, fault = done(r.(*methods.PowerOffVM_TaskBody).Res.Returnval)
	})
	if fault == nil {
		toolsDown(vm)
	}
	return fault
}

// ShutdownGuest returns at once; the VM is off when its guest has gone down.
func (s *vmShadow) ShutdownGuest(ctx *simulator.Context, req *types.ShutdownGuest) soap.HasFault {
	vm := s.vm
	if vm.Runtime.PowerState != types.VirtualMachinePowerStatePoweredOn {
		return &methods.ShutdownGuestBody{Fault_: simulator.Fault("The attempted operation cannot be performed in the current state (Powered off).",
			&types.InvalidPowerState{RequestedState: types.VirtualMachinePowerStatePoweredOn, ExistingState: vm.Runtime.PowerState})}
	}
	if vm.Guest == nil || vm.Guest.ToolsRunningStatus != string(types.VirtualMachineToolsRunningStatusGuestToolsRunning) {
		return &methods.ShutdownGuestBody{Fault_: simulator.Fault("Cannot complete operation because VMware Tools is not running in this virtual machine.",
			&types.ToolsUnavailable{})}
	}
	go func() {
		if option(vm, "guestinfo.deaf") != "" {
			return // a guest that does not listen
		}
		_, _ = guarded("shutdownGuest", func() (types.AnyType, types.BaseMethodFault) {
			defer perVM.lock(vm.Self.Value)()
			return nil, s.goDown(ctx, "shutdown")
		})
	}()
	return &methods.ShutdownGuestBody{Res: new(types.ShutdownGuestResponse)}
}

// ResetVMTask is a power cycle of the guest.
func (s *vmShadow) ResetVMTask(ctx *simulator.Context, req *types.ResetVM_Task) soap.HasFault {
	ref := task(s.vm, "reset", 0, func() (types.AnyType, types.BaseMethodFault) {
		unlock := perVM.lock(s.vm.Self.Value)
		f := s.goDown(ctx, "power-off")
		unlock()
		if f != nil {
			return nil, f
		}
		time.Sleep(10 * time.Millisecond)
		return nil, s.powerOn(ctx, &types.PowerOnVM_Task{This: s.vm.Self})
	})
	return &methods.ResetVM_TaskBody{Res: &types.ResetVM_TaskResponse{Returnval: ref}}
}
