package main

import (
	"strings"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/simulator/esx"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

type folderShadow struct {
	shadowBase
	f *simulator.Folder
}

func newFolderShadow(o mo.Reference) mo.Reference {
	return &folderShadow{shadow(o), o.(*simulator.Folder)}
}

// CreateVMTask checks names, places and devices first: the simulator panics on most of them.
func (s *folderShadow) CreateVMTask(ctx *simulator.Context, req *types.CreateVM_Task) soap.HasFault {
	ref := task(s.f, "createVm", 0, func() (types.AnyType, types.BaseMethodFault) {
		vm, f := createVM(ctx, s.f, req)
		if f != nil {
			return nil, f
		}
		return vm.Self, nil
	})
	return &methods.CreateVM_TaskBody{Res: &types.CreateVM_TaskResponse{Returnval: ref}}
}

func createVM(ctx *simulator.Context, f *simulator.Folder, req *types.CreateVM_Task) (*simulator.VirtualMachine, types.BaseMethodFault) {
	spec := &req.Config
	if spec.Name == "" {
		return nil, withText(&types.InvalidVmConfig{Property: "configSpec.name"}, "A specified parameter was not correct: configSpec.name")
	}
	if strings.ContainsAny(spec.Name, `/\`) || len(spec.Name) > 80 { // a client has to write them as %2f and %5c
		return nil, withText(&types.InvalidName{Name: spec.Name}, "The name '"+spec.Name+"' is invalid.")
	}
	if spec.GuestId != "" && !knownGuest(spec.GuestId) {
		return nil, withText(&types.InvalidArgument{InvalidProperty: "configSpec.guestId"}, "A specified parameter was not correct: configSpec.guestId")
	}
	var p object.DatastorePath
	if spec.Files == nil || !p.FromString(spec.Files.VmPathName) {
		return nil, withText(&types.InvalidDatastorePath{}, "Invalid datastore path ''.")
	}
	defer perFolder.lock(f.Self.Value)()
	var e mo.Entity
	simulator.Map.WithLock(f, func() { e = simulator.Map.FindByName(spec.Name, f.ChildEntity) })
	if e != nil {
		return nil, withText(&types.DuplicateName{Name: spec.Name, Object: e.Reference()}, "The name '"+spec.Name+"' already exists.")
	}
	h, fault := placeVM(req.Pool, req.Host, p.Datastore)
	if fault != nil {
		return nil, fault
	}
	req.Host = &h.Self
	if spec.Uuid == "" { // the simulator's follows from the path: a VM made anew would be the old one
		spec.Uuid = newUUID()
	}
	if spec.InstanceUuid == "" {
		spec.InstanceUuid = newUUID()
	}
	// a change that fails half-way leaves devices behind in the request, hence the copy
	a := arranger{host: h, vmName: spec.Name, home: p.Datastore, have: append(object.VirtualDeviceList{}, esx.VirtualDevice...), creating: true}
	if fault := a.arrange(spec.DeviceChange); fault != nil {
		return nil, fault
	}
	var res soap.HasFault
	simulator.Map.WithLock(f, func() { res = f.CreateVMTask(as(ctx, f), req) })
	if res.Fault() != nil {
		return nil, &types.InvalidState{}
	}
	result, fault := done(res.(*methods.CreateVM_TaskBody).Res.Returnval)
	if fault != nil {
		return nil, fault
	}
	vm := simulator.Map.Get(result.(types.ManagedObjectReference)).(*simulator.VirtualMachine)
	simulator.Map.WithLock(vm, func() {
		settle(vm)
		vm.Summary.Config.Template = false
		vm.Summary.Config.InstanceUuid = vm.Config.InstanceUuid
	})
	return vm, nil
}

var perFolder keyed

// placeVM finds the host: the one asked for, or the first of the pool's that has the datastore.
func placeVM(pool types.ManagedObjectReference, host *types.ManagedObjectReference, ds string) (*simulator.HostSystem, types.BaseMethodFault) {
	rp, ok := simulator.Map.Get(pool).(*simulator.ResourcePool)
	if !ok {
		return nil, withText(&types.InvalidArgument{InvalidProperty: "pool"}, "A specified parameter was not correct: pool")
	}
	var hosts []types.ManagedObjectReference
	switch c := simulator.Map.Get(rp.Owner).(type) {
	case *mo.ComputeResource:
		hosts = c.Host
	case *simulator.ClusterComputeResource:
		hosts = c.Host
	}
	if host != nil {
		if simulator.FindReference(hosts, *host) == nil {
			return nil, withText(&types.InvalidArgument{InvalidProperty: "host"}, "A specified parameter was not correct: host")
		}
		hosts = []types.ManagedObjectReference{*host}
	}
	for _, ref := range hosts {
		h := simulator.Map.Get(ref).(*simulator.HostSystem)
		if h.Runtime.ConnectionState != types.HostSystemConnectionStateConnected || h.Runtime.InMaintenanceMode {
			continue
		}
		if datastoreOn(h, ds) != nil {
			return h, nil
		}
	}
	return nil, withText(&types.InvalidDatastorePath{DatastorePath: "[" + ds + "]"},
		"Unable to access the virtual machine configuration: Unable to access file ["+ds+"]: no host to run the virtual machine has this datastore.")
}
