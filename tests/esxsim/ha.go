package main

import (
	"net/http"
	"sync"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// The datastore that vSphere HA uses for its heartbeat: hosts do not let go of it. /esxsim/heartbeat?name=DS, none: no name.
var beating struct {
	sync.Mutex
	name string
}

func setHeartbeat(w http.ResponseWriter, r *http.Request) {
	beating.Lock()
	beating.name = r.URL.Query().Get("name")
	beating.Unlock()
}

func heartbeat(name string) bool {
	beating.Lock()
	defer beating.Unlock()
	return beating.name != "" && beating.name == name
}

type clusterShadow struct {
	shadowBase
}

func newClusterShadow(o mo.Reference) mo.Reference { return &clusterShadow{shadow(o)} }

func (s *clusterShadow) RetrieveDasAdvancedRuntimeInfo(*types.RetrieveDasAdvancedRuntimeInfo) soap.HasFault {
	info := &types.ClusterDasAdvancedRuntimeInfo{}
	for _, e := range simulator.Map.All("Datastore") {
		if ds, ok := e.(*simulator.Datastore); ok && heartbeat(ds.Name) {
			info.HeartbeatDatastoreInfo = append(info.HeartbeatDatastoreInfo, types.DasHeartbeatDatastoreInfo{Datastore: ds.Self, Hosts: hostsWith(ds)})
		}
	}
	return &methods.RetrieveDasAdvancedRuntimeInfoBody{Res: &types.RetrieveDasAdvancedRuntimeInfoResponse{Returnval: info}}
}
