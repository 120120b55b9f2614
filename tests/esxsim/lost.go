package main

import (
	"net/http"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// A host that is lost: vCenter keeps what it knew of it, and can change nothing of that until the host is back.

func isLost(ref *types.ManagedObjectReference) bool {
	if ref == nil {
		return false
	}
	h, ok := simulator.Map.Get(*ref).(*simulator.HostSystem)
	return ok && h.Runtime.ConnectionState != types.HostSystemConnectionStateConnected
}

func notConnected() *types.HostNotConnected { return &types.HostNotConnected{} }

const notConnectedText = "Unable to communicate with the remote host, since it is disconnected."

// lose: /esxsim/lose?host=vh1 takes the host away, with what runs on it; &back=1 brings it back, booted anew.
func lose(w http.ResponseWriter, r *http.Request) {
	for _, h := range hostsInOrder() {
		if h.Name != r.URL.Query().Get("host") {
			continue
		}
		if r.URL.Query().Get("back") == "" {
			setLost(h, types.HostSystemConnectionStateNotResponding, types.VirtualMachineConnectionStateDisconnected)
			return
		}
		for _, ref := range append([]types.ManagedObjectReference{}, h.Vm...) {
			if vm, ok := simulator.Map.Get(ref).(*simulator.VirtualMachine); ok {
				setVM(vm, types.PropertyChange{Name: "runtime.powerState", Val: types.VirtualMachinePowerStatePoweredOff},
					types.PropertyChange{Name: "summary.runtime.powerState", Val: types.VirtualMachinePowerStatePoweredOff})
				toolsDown(vm)
			}
		}
		now := time.Now()
		setHost(h, types.PropertyChange{Name: "runtime.bootTime", Val: now}, types.PropertyChange{Name: "summary.runtime.bootTime", Val: now})
		setLost(h, types.HostSystemConnectionStateConnected, types.VirtualMachineConnectionStateConnected)
		go func() { // a share that is away costs its time limit
			for _, ref := range append([]types.ManagedObjectReference{}, h.Datastore...) {
				if ds, ok := simulator.Map.Get(ref).(*simulator.Datastore); ok {
					if _, nas := ds.Info.(*types.NasDatastoreInfo); nas {
						checkMount(ds, h.Self)
					}
				}
			}
		}()
		go autoStart(inner(h), h)
		return
	}
	http.Error(w, "no such host", http.StatusNotFound)
}

func setLost(h *simulator.HostSystem, host types.HostSystemConnectionState, vms types.VirtualMachineConnectionState) {
	setHost(h, types.PropertyChange{Name: "runtime.connectionState", Val: host}, types.PropertyChange{Name: "summary.runtime.connectionState", Val: host})
	for _, ref := range append([]types.ManagedObjectReference{}, h.Vm...) {
		if vm, ok := simulator.Map.Get(ref).(*simulator.VirtualMachine); ok {
			setConnection(vm, vms)
		}
	}
}

// UnregisterVM of a lost host's VM: vCenter cannot tell the host.
func (s *vmShadow) UnregisterVM(ctx *simulator.Context, req *types.UnregisterVM) soap.HasFault {
	vm := s.vm
	if isLost(vm.Runtime.Host) {
		return &methods.UnregisterVMBody{Fault_: simulator.Fault(notConnectedText, notConnected())}
	}
	if vm.Runtime.PowerState != types.VirtualMachinePowerStatePoweredOff {
		return &methods.UnregisterVMBody{Fault_: simulator.Fault("The attempted operation cannot be performed in the current state (Powered on).",
			&types.InvalidPowerState{RequestedState: types.VirtualMachinePowerStatePoweredOff, ExistingState: vm.Runtime.PowerState})}
	}
	var res soap.HasFault
	simulator.Map.WithLock(vm, func() { res = vm.UnregisterVM(as(ctx, vm), &types.UnregisterVM{This: vm.Self}) })
	return res
}

// RenameTask of a datastore: the hosts that have it keep its name, so one of them must be there.
func (s *datastoreShadow) RenameTask(ctx *simulator.Context, req *types.Rename_Task) soap.HasFault {
	ref := task(s.ds, "rename", 0, func() (types.AnyType, types.BaseMethodFault) {
		for _, host := range hostsWith(s.ds) {
			if isLost(&host) {
				return nil, withText(notConnected(), notConnectedText)
			}
		}
		_, f := done(simulator.RenameTask(s.ds, &types.Rename_Task{This: s.ds.Self, NewName: req.NewName}).(*methods.Rename_TaskBody).Res.Returnval)
		return nil, f
	})
	return &methods.Rename_TaskBody{Res: &types.Rename_TaskResponse{Returnval: ref}}
}
