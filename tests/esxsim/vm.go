package main

import (
	"crypto/sha1"
	"fmt"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// vmShadow implements the VirtualMachine methods that the simulator lacks or gets wrong.
type vmShadow struct {
	shadowBase
	vm     *simulator.VirtualMachine
	answer chan string
}

func newVMShadow(o mo.Reference) mo.Reference {
	return &vmShadow{shadow(o), o.(*simulator.VirtualMachine), make(chan string, 1)}
}

// as makes the simulator believe that the object itself is called (it keeps locks per caller).
func as(ctx *simulator.Context, o mo.Reference) *simulator.Context {
	c := *ctx
	ref := o.Reference()
	c.Caller = &ref
	return &c
}

func setVM(vm *simulator.VirtualMachine, c ...types.PropertyChange) {
	simulator.Map.WithLock(vm, func() { simulator.Map.Update(vm, c) })
}

func passthroughs(vm *simulator.VirtualMachine) (r []*types.VirtualPCIPassthrough) {
	for _, d := range vm.Config.Hardware.Device {
		if p, ok := d.(*types.VirtualPCIPassthrough); ok {
			r = append(r, p)
		}
	}
	return
}

func hostOf(vm *simulator.VirtualMachine) *simulator.HostSystem {
	if vm.Runtime.Host == nil {
		return nil
	}
	h, _ := simulator.Map.Get(*vm.Runtime.Host).(*simulator.HostSystem)
	return h
}

// datastoreOn finds a datastore of this name that the host has mounted.
func datastoreOn(h *simulator.HostSystem, name string) *simulator.Datastore {
	for _, ref := range h.Datastore {
		if ds, ok := simulator.Map.Get(ref).(*simulator.Datastore); ok && ds.Name == name {
			return ds
		}
	}
	return nil
}

// newMAC is stable (the same VM at the same place gets the same address again) and unique.
// vCenter assigns 00:50:56:80:00:00 … 00:50:56:bf:ff:ff.
func newMAC(vm string, n int32) string {
	used := map[string]bool{}
	for _, e := range simulator.Map.All("VirtualMachine") {
		v, ok := e.(*simulator.VirtualMachine)
		if !ok || v.Config == nil {
			continue
		}
		for _, d := range v.Config.Hardware.Device {
			if c, ok := d.(types.BaseVirtualEthernetCard); ok {
				used[c.GetVirtualEthernetCard().MacAddress] = true
			}
		}
	}
	for i := 0; ; i++ {
		s := sha1.Sum([]byte(fmt.Sprintf("mac:%s:%d:%d", vm, n, i)))
		mac := fmt.Sprintf("00:50:56:%02x:%02x:%02x", 0x80|s[0]&0x3f, s[1], s[2])
		if !used[mac] {
			return mac
		}
	}
}

func setOption(list []types.BaseOptionValue) []types.BaseOptionValue {
	// a later value replaces an earlier one, an empty value removes the key
	at := map[string]int{}
	var all, out []types.BaseOptionValue
	for _, o := range list {
		k := o.GetOptionValue().Key
		if i, ok := at[k]; ok {
			all[i] = o
			continue
		}
		at[k] = len(all)
		all = append(all, o)
	}
	for _, o := range all {
		if fmt.Sprint(o.GetOptionValue().Value) != "" {
			out = append(out, o)
		}
	}
	return out
}
