package main

import (
	"fmt"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// HostOptions: a host's advanced settings. The simulator's are shared by all hosts and take whatever comes; a host knows
// its own, and wants each value in the setting's own type and range.
type HostOptions struct {
	simulator.OptionManager
}

type limits struct{ value, least, most int64 }

var hostLimits = map[string]limits{
	"NFS.MaxVolumes": {8, 8, 256}, "NFS41.MaxVolumes": {8, 8, 256}, "Net.TcpipHeapSize": {0, 0, 32}, "Net.TcpipHeapMax": {0, 0, 1536}}

func installOptions(h *simulator.HostSystem) {
	old, ok := simulator.Map.Get(*h.ConfigManager.AdvancedOption).(*simulator.OptionManager)
	if !ok {
		return
	}
	o := &HostOptions{OptionManager: *old}
	o.Setting = nil
	for _, s := range old.Setting {
		v := *s.GetOptionValue()
		if _, ours := hostLimits[v.Key]; !ours {
			o.Setting = append(o.Setting, &v)
		}
	}
	for _, key := range []string{"NFS.MaxVolumes", "NFS41.MaxVolumes", "Net.TcpipHeapSize", "Net.TcpipHeapMax"} {
		o.Setting = append(o.Setting, &types.OptionValue{Key: key, Value: hostLimits[key].value})
	}
	simulator.Map.Put(o)
}

func (o *HostOptions) find(key string) *types.OptionValue {
	for _, s := range o.Setting {
		if s.GetOptionValue().Key == key {
			return s.GetOptionValue()
		}
	}
	return nil
}

// QueryOptions takes a key, or the beginning of keys up to a dot.
func (o *HostOptions) QueryOptions(req *types.QueryOptions) soap.HasFault {
	res := &types.QueryOptionsResponse{}
	for _, s := range o.Setting {
		key := s.GetOptionValue().Key
		if key == req.Name || req.Name == "" || strings.HasSuffix(req.Name, ".") && strings.HasPrefix(key, req.Name) {
			v := *s.GetOptionValue()
			res.Returnval = append(res.Returnval, &v)
		}
	}
	if len(res.Returnval) == 0 {
		return &methods.QueryOptionsBody{Fault_: simulator.Fault("", &types.InvalidName{Name: req.Name})}
	}
	return &methods.QueryOptionsBody{Res: res}
}

func (o *HostOptions) UpdateOptions(req *types.UpdateOptions) soap.HasFault {
	for _, c := range req.ChangedValue {
		v := c.GetOptionValue()
		old := o.find(v.Key)
		if old == nil {
			return &methods.UpdateOptionsBody{Fault_: simulator.Fault("", &types.InvalidName{Name: v.Key})}
		}
		number, isLong := v.Value.(int64)
		limit, limited := hostLimits[v.Key]
		if fmt.Sprintf("%T", v.Value) != fmt.Sprintf("%T", old.Value) || isLong && limited && (number < limit.least || number > limit.most) {
			return &methods.UpdateOptionsBody{Fault_: simulator.Fault(netFault(v.Key))}
		}
	}
	for _, c := range req.ChangedValue {
		v := c.GetOptionValue()
		o.find(v.Key).Value = v.Value
	}
	return &methods.UpdateOptionsBody{Res: new(types.UpdateOptionsResponse)}
}

// full: whether the host has as many NFS volumes of this version as it may have.
func (d *DatastoreSystem) full(kind string) bool {
	o, ok := simulator.Map.Get(*d.host.ConfigManager.AdvancedOption).(*HostOptions)
	if !ok {
		return false
	}
	key, n := "NFS.MaxVolumes", int64(0)
	if kind == "NFS41" {
		key = "NFS41.MaxVolumes"
	}
	for _, ref := range d.Datastore {
		if ds, ok := simulator.Map.Get(ref).(*simulator.Datastore); ok && ds.Summary.Type == kind {
			n++
		}
	}
	most, _ := o.find(key).Value.(int64)
	return n >= most
}
