package main

import (
	"net"
	"strings"
	"sync"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// mountEvent is what the hook is told about an NFS mount.
type mountEvent struct {
	Host       string `json:"host"`
	Address    string `json:"address"`
	Netmask    string `json:"netmask"`
	Mtu        int32  `json:"mtu"`
	RemoteHost string `json:"remoteHost"`
	RemotePath string `json:"remotePath"`
	Type       string `json:"type"`
	Name       string `json:"name"`
	File       string `json:"file,omitempty"`
}

// mountOf takes the vmkernel port as ESXi does: the one in the server's own subnet, else
// the management port (where the default route is).
func mountOf(h *simulator.HostSystem, remoteHost, remotePath, kind, name string) mountEvent {
	e := mountEvent{Host: h.Name, RemoteHost: remoteHost, RemotePath: remotePath, Type: strings.ToUpper(kind), Name: name}
	var vnics []types.HostVirtualNic
	if ns, ok := simulator.Map.Get(*h.ConfigManager.NetworkSystem).(*NetworkSystem); ok {
		vnics = ns.NetworkInfo.Vnic
	}
	server := net.ParseIP(remoteHost)
	for i, v := range vnics {
		if v.Spec.Ip == nil {
			continue
		}
		ip, mask := net.ParseIP(v.Spec.Ip.IpAddress).To4(), net.ParseIP(v.Spec.Ip.SubnetMask).To4()
		same := ip != nil && mask != nil && server != nil && (&net.IPNet{IP: ip.Mask(net.IPMask(mask)), Mask: net.IPMask(mask)}).Contains(server)
		if i == 0 || same {
			e.Address, e.Netmask, e.Mtu = v.Spec.Ip.IpAddress, v.Spec.Ip.SubnetMask, v.Spec.Mtu
		}
		if same {
			break
		}
	}
	if e.Mtu == 0 {
		e.Mtu = 1500
	}
	return e
}

func mountOfDatastore(h *simulator.HostSystem, ds *simulator.Datastore) (mountEvent, bool) {
	info, ok := ds.Info.(*types.NasDatastoreInfo)
	if !ok {
		return mountEvent{}, false
	}
	return mountOf(h, info.Nas.RemoteHost, info.Nas.RemotePath, ds.Summary.Type, nameOnHost(ds, h)), true
}

func (e mountEvent) run(verb string, limit time.Duration) (hookReply, error) {
	defer perMount.lock(e.Host + " " + e.RemoteHost + ":" + e.RemotePath)()
	return runHook(verb, e, limit)
}

// setAccessible stores what a check of one host's mount has found.
func setAccessible(ds *simulator.Datastore, host types.ManagedObjectReference, ok bool, size *hookReply) {
	lost := false
	simulator.Map.WithLock(ds, func() {
		changed, any := false, false
		mounts := append([]types.DatastoreHostMount{}, ds.Host...)
		for i := range mounts {
			m := &mounts[i].MountInfo
			if mounts[i].Key == host && (m.Accessible == nil || *m.Accessible != ok) {
				m.Accessible, changed = types.NewBool(ok), true
				m.InaccessibleReason = ""
				if !ok {
					m.InaccessibleReason = string(types.HostMountInfoInaccessibleReasonAllPathsDown_Start)
				}
			}
			any = any || m.Accessible == nil || *m.Accessible
		}
		var c []types.PropertyChange
		if changed {
			c = append(c, types.PropertyChange{Name: "host", Val: mounts})
		}
		if any != ds.Summary.Accessible {
			c = append(c, types.PropertyChange{Name: "summary.accessible", Val: any})
		}
		if size != nil && size.Capacity > 0 && (size.Capacity != ds.Summary.Capacity || size.FreeSpace != ds.Summary.FreeSpace) {
			c = append(c, types.PropertyChange{Name: "summary.capacity", Val: size.Capacity},
				types.PropertyChange{Name: "summary.freeSpace", Val: size.FreeSpace})
			ds.Info.GetDatastoreInfo().FreeSpace = size.FreeSpace
		}
		if len(c) > 0 {
			simulator.Map.Update(ds, c)
		}
		lost = changed && !ok
	})
	if lost {
		loseVMs(ds, host)
	}
}

// checkMount asks the hook whether one host still reaches the datastore.
func checkMount(ds *simulator.Datastore, host types.ManagedObjectReference) {
	h, ok := simulator.Map.Get(host).(*simulator.HostSystem)
	if !ok || isLost(&host) {
		return // vCenter keeps what it knew of it
	}
	e, ok := mountOfDatastore(h, ds)
	if !ok {
		return
	}
	var reply hookReply
	err := dirCheck(e)
	if hooked() {
		reply, err = e.run("nas-check", 15*time.Second)
	}
	if simulator.Map.Get(ds.Self) == mo.Reference(ds) {
		setAccessible(ds, host, err == nil, &reply)
	}
}

func hostsWith(ds *simulator.Datastore) (refs []types.ManagedObjectReference) {
	simulator.Map.WithLock(ds, func() {
		for _, m := range ds.Host {
			refs = append(refs, m.Key)
		}
	})
	return
}

// watchMounts checks one mount after the other, and rests at least four times as long as a
// round has taken: however slow the hook is, it does not eat the machine.
func watchMounts() {
	for {
		t0 := time.Now()
		for _, e := range simulator.Map.All("Datastore") {
			if ds, ok := e.(*simulator.Datastore); ok {
				for _, host := range hostsWith(ds) {
					checkMount(ds, host)
				}
			}
		}
		pause := *flagCheck
		if busy := 4 * time.Since(t0); busy > pause {
			pause = busy
		}
		time.Sleep(pause)
	}
}

// datastoreShadow: Datastore.RefreshDatastore looks again, on all hosts at once. (The
// simulator's own method sends no answer at all.)
type datastoreShadow struct {
	shadowBase
	ds *simulator.Datastore
}

func newDatastoreShadow(o mo.Reference) mo.Reference {
	return &datastoreShadow{shadow(o), o.(*simulator.Datastore)}
}

func (s *datastoreShadow) RefreshDatastore(*types.RefreshDatastore) soap.HasFault {
	var wg sync.WaitGroup
	slots := make(chan struct{}, 8)
	for _, host := range hostsWith(s.ds) {
		wg.Add(1)
		go func(host types.ManagedObjectReference) {
			defer wg.Done()
			slots <- struct{}{}
			checkMount(s.ds, host)
			<-slots
		}(host)
	}
	wg.Wait()
	now := time.Now()
	simulator.Map.WithLock(s.ds, func() { s.ds.Info.GetDatastoreInfo().Timestamp = &now })
	return &methods.RefreshDatastoreBody{Res: new(types.RefreshDatastoreResponse)}
}
