package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// DatastoreSystem: NFS mounts that behave as on real hosts: a datastore is one object
// per (remoteHost, remotePath, type) in the datacenter, with one DatastoreHostMount per
// host. The simulator takes localPath for an existing LOCAL directory; here it is only
// the name and the files live in <nas-root>/<remoteHost>/<remotePath>.
type DatastoreSystem struct {
	simulator.HostDatastoreSystem
	host *simulator.HostSystem
}

func installNas(h *simulator.HostSystem) {
	if ds, ok := simulator.Map.Get(*h.ConfigManager.DatastoreSystem).(*simulator.HostDatastoreSystem); ok {
		simulator.Map.Put(&DatastoreSystem{HostDatastoreSystem: *ds, host: h})
	}
}

func nasDir(host, path string) string {
	return filepath.Join(*flagNasRoot, filepath.Clean("/"+host), filepath.Clean("/"+path))
}

func (d *DatastoreSystem) CreateNasDatastore(ctx *simulator.Context, req *types.CreateNasDatastore) soap.HasFault {
	body := &methods.CreateNasDatastoreBody{}
	spec := req.Spec
	if spec.Type == "" {
		spec.Type = "NFS"
	}
	if spec.Type == "NFS41" && len(spec.RemoteHostNames) > 0 && spec.RemoteHost != "" {
		spec.RemoteHost = spec.RemoteHostNames[0] // remoteHost must be there, its value is not used
	}
	switch {
	case spec.RemoteHost == "":
		body.Fault_ = simulator.Fault("A specified parameter was not correct: spec.remoteHost", &types.InvalidArgument{InvalidProperty: "spec.remoteHost"})
		return body
	case spec.RemotePath == "":
		body.Fault_ = simulator.Fault("A specified parameter was not correct: spec.remotePath", &types.InvalidArgument{InvalidProperty: "spec.remotePath"})
		return body
	case spec.AccessMode != "readWrite" && spec.AccessMode != "readOnly":
		body.Fault_ = simulator.Fault("A specified parameter was not correct: spec.accessMode", &types.InvalidArgument{InvalidProperty: "spec.accessMode"})
		return body
	}
	if isLost(&d.host.Self) {
		body.Fault_ = simulator.Fault(notConnectedText, notConnected())
		return body
	}
	if f := d.conflict(spec); f != nil {
		body.Fault_ = f
		return body
	}
	if d.full(spec.Type) {
		body.Fault_ = simulator.Fault("NFS has reached the maximum number of supported volumes.",
			&types.NasConnectionLimitReached{NasConfigFault: types.NasConfigFault{Name: spec.LocalPath}, RemoteHost: spec.RemoteHost, RemotePath: spec.RemotePath})
		return body
	}
	dir := nasDir(spec.RemoteHost, spec.RemotePath)
	var size hookReply
	if err := d.mount(spec, dir, &size); err != nil {
		body.Fault_ = simulator.Fault("An error occurred during host configuration. NFS mount "+spec.RemoteHost+":"+spec.RemotePath+" failed: "+err.Error(),
			&types.PlatformConfigFault{Text: "Unable to complete Sysinfo operation.  Please see the VMkernel log file for more details.: Unable to mount"})
		return body
	}
	// the mounts of several hosts run side by side, the bookkeeping does not
	nasBooks.Lock()
	defer nasBooks.Unlock()
	ref, fault := d.enter(ctx, req, spec, dir)
	if fault != nil {
		body.Fault_ = fault
		return body
	}
	setAccessible(simulator.Map.Get(ref).(*simulator.Datastore), d.host.Self, true, &size)
	body.Res = &types.CreateNasDatastoreResponse{Returnval: ref}
	return body
}

var nasBooks sync.Mutex

func sameVolume(ds *simulator.Datastore, spec types.HostNasVolumeSpec) bool {
	info, nas := ds.Info.(*types.NasDatastoreInfo)
	return nas && info.Nas.RemoteHost == spec.RemoteHost && info.Nas.RemotePath == spec.RemotePath && ds.Summary.Type == spec.Type
}

// conflict: the volume is mounted on this host already, or its name is taken there.
func (d *DatastoreSystem) conflict(spec types.HostNasVolumeSpec) *soap.Fault {
	for _, ref := range d.Datastore {
		ds, ok := simulator.Map.Get(ref).(*simulator.Datastore)
		switch {
		case !ok:
		case sameVolume(ds, spec):
			return simulator.Fault("The specified key, name, or identifier '"+ds.Name+"' already exists.", &types.AlreadyExists{Name: ds.Name})
		case ds.Name == spec.LocalPath || nameOnHost(ds, d.host) == spec.LocalPath:
			return simulator.Fault("The name '"+spec.LocalPath+"' already exists.", &types.DuplicateName{Name: ds.Name, Object: ds.Self})
		}
	}
	return nil
}

// enter puts the mount into the inventory: at the volume's datastore if another host has it
// mounted, else as a new one. A name that another host uses for another volume gets a number,
// as vCenter does it.
func (d *DatastoreSystem) enter(ctx *simulator.Context, req *types.CreateNasDatastore, spec types.HostNasVolumeSpec, dir string) (types.ManagedObjectReference, *soap.Fault) {
	var same *simulator.Datastore
	taken := map[string]bool{}
	for _, e := range simulator.Map.All("Datastore") {
		if ds, ok := e.(*simulator.Datastore); ok && sameDC(ds, d.host) {
			taken[ds.Name] = true
			if sameVolume(ds, spec) {
				same = ds
			}
		}
	}
	mount := types.DatastoreHostMount{Key: d.host.Self, MountInfo: types.HostMountInfo{
		Path: "/vmfs/volumes/" + spec.LocalPath, AccessMode: spec.AccessMode, Mounted: types.NewBool(true), Accessible: types.NewBool(true)}}
	if same != nil {
		simulator.Map.WithLock(same, func() {
			simulator.Map.Update(same, []types.PropertyChange{
				{Name: "host", Val: append(append([]types.DatastoreHostMount{}, same.Host...), mount)},
				{Name: "summary.multipleHostAccess", Val: true}})
		})
		d.setDatastores(append(append([]types.ManagedObjectReference{}, d.Datastore...), same.Self))
		if cr := computeOf(d.host); cr != nil {
			simulator.Map.AddReference(cr, &cr.Datastore, same.Self)
		}
		return same.Self, nil
	}
	name := spec.LocalPath
	for i := 1; taken[name]; i++ {
		name = fmt.Sprintf("%s (%d)", spec.LocalPath, i)
	}
	// the base method wants an existing directory whose base name is the datastore's name
	link := filepath.Join(*flagNasRoot, ".ds", d.host.Self.Value, name)
	_ = os.MkdirAll(filepath.Dir(link), 0700)
	_ = os.Remove(link)
	if err := os.Symlink(dir, link); err != nil {
		return types.ManagedObjectReference{}, simulator.Fault(err.Error(), &types.HostConfigFault{})
	}
	r := *req
	r.Spec = spec
	r.Spec.LocalPath = link
	if spec.Type == "NFS41" {
		r.Spec.RemotePath += "+41" // its reference must differ from that of the same path by NFS 3
	}
	res := d.HostDatastoreSystem.CreateNasDatastore(ctx, &r)
	if res.Fault() != nil {
		return types.ManagedObjectReference{}, res.Fault()
	}
	ref := res.(*methods.CreateNasDatastoreBody).Res.Returnval
	ds := simulator.Map.Get(ref).(*simulator.Datastore)
	simulator.Map.WithLock(ds, func() {
		info := ds.Info.(*types.NasDatastoreInfo)
		info.Url = dir // where the files are
		info.Nas.Name, info.Nas.RemotePath = name, spec.RemotePath
		info.Nas.RemoteHostNames = spec.RemoteHostNames
		if len(info.Nas.RemoteHostNames) == 0 {
			info.Nas.RemoteHostNames = []string{spec.RemoteHost}
		}
		info.Nas.SecurityType = spec.SecurityType
		ds.Host = []types.DatastoreHostMount{mount}
		ds.Summary.Accessible = true
		ds.Summary.MultipleHostAccess = types.NewBool(false)
	})
	d.setDatastores(d.Datastore)
	return ref, nil
}

func (d *DatastoreSystem) setDatastores(refs []types.ManagedObjectReference) {
	d.Datastore = refs
	setHost(d.host, types.PropertyChange{Name: "datastore", Val: refs})
}

// mount does the real thing with a hook; without one the server is a directory that must exist.
func (d *DatastoreSystem) mount(spec types.HostNasVolumeSpec, dir string, size *hookReply) error {
	if !hooked() {
		if fi, err := os.Stat(dir); err != nil || !fi.IsDir() {
			return errors.New("The mount request was denied by the NFS server. Check that the export exists and that the client is permitted to mount it.")
		}
		return nil
	}
	reply, err := mountOf(d.host, spec.RemoteHost, spec.RemotePath, spec.Type, spec.LocalPath).run("nas-mount", *flagHookTime)
	if err != nil {
		return err
	}
	*size = reply
	return os.MkdirAll(dir, 0700) // where browsing and registering find their files
}

func (d *DatastoreSystem) RemoveDatastore(ctx *simulator.Context, req *types.RemoveDatastore) soap.HasFault {
	body := &methods.RemoveDatastoreBody{}
	ds, ok := simulator.Map.Get(req.Datastore).(*simulator.Datastore)
	if !ok {
		body.Fault_ = simulator.Fault("The object or item referred to could not be found.", &types.NotFound{})
		return body
	}
	if isLost(&d.host.Self) {
		body.Fault_ = simulator.Fault(notConnectedText, notConnected())
		return body
	}
	for _, ref := range ds.Vm {
		vm, ok := simulator.Map.Get(ref).(*simulator.VirtualMachine)
		if ok && vm.Runtime.Host != nil && *vm.Runtime.Host == d.host.Self {
			body.Fault_ = simulator.Fault("The resource '"+ds.Name+"' is in use.", &types.ResourceInUse{Type: "Datastore", Name: ds.Name})
			return body
		}
	}
	if heartbeat(ds.Name) {
		body.Fault_ = simulator.Fault("The resource '"+ds.Name+"' is in use.", &types.ResourceInUse{Type: "Datastore", Name: ds.Name})
		return body
	}
	mounted := false
	for _, host := range hostsWith(ds) {
		mounted = mounted || host == d.host.Self
	}
	if !mounted {
		body.Fault_ = simulator.Fault("The object or item referred to could not be found.", &types.NotFound{})
		return body
	}
	if e, nas := mountOfDatastore(d.host, ds); nas && hooked() {
		if _, err := e.run("nas-unmount", *flagHookTime); err != nil {
			body.Fault_ = simulator.Fault("An error occurred during host configuration. "+err.Error(),
				&types.PlatformConfigFault{Text: "Unable to complete Sysinfo operation.  Please see the VMkernel log file for more details."})
			return body
		}
	}
	nasBooks.Lock()
	defer nasBooks.Unlock()
	var left []types.DatastoreHostMount
	simulator.Map.WithLock(ds, func() {
		for _, m := range ds.Host {
			if m.Key != d.host.Self {
				left = append(left, m)
			}
		}
		simulator.Map.Update(ds, []types.PropertyChange{{Name: "host", Val: left}, {Name: "summary.multipleHostAccess", Val: len(left) > 1}})
		ds.Host = left
	})
	var refs []types.ManagedObjectReference
	for _, r := range d.Datastore {
		if r != ds.Self {
			refs = append(refs, r)
		}
	}
	d.setDatastores(refs)
	if len(left) == 0 {
		ds.DestroyTask(ctx, &types.Destroy_Task{This: ds.Self})
	}
	body.Res = new(types.RemoveDatastoreResponse)
	return body
}
