package main

import (
	"net/http"
	"sync"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// renumbered: old address -> new one, of all hosts, from their next boot on. A card that was
// put in moves the others on the bus; the marks stay with the addresses.
var renumbered = struct {
	sync.Mutex
	to map[string]string
}{to: map[string]string{}}

// renumber: /esxsim/renumber?from=0000:04:00.0&to=0000:06:00.0
func renumber(w http.ResponseWriter, r *http.Request) {
	renumbered.Lock()
	defer renumbered.Unlock()
	renumbered.to[r.URL.Query().Get("from")] = r.URL.Query().Get("to")
}

// moveCards: all at once, as a card may take the place that another one leaves.
func (p *PciPassthruSystem) moveCards() {
	renumbered.Lock()
	defer renumbered.Unlock()
	hw := *p.host.Hardware
	hw.PciDevice = append([]types.HostPciDevice{}, hw.PciDevice...)
	for i := range hw.PciDevice {
		if to, moved := renumbered.to[hw.PciDevice[i].Id]; moved {
			hw.PciDevice[i].Id = to
		}
	}
	list := []types.BaseHostPciPassthruInfo{}
	for _, b := range p.PciPassthruInfo {
		i := *b.GetHostPciPassthruInfo()
		if to, moved := renumbered.to[i.Id]; moved {
			i = types.HostPciPassthruInfo{Id: to, DependentDevice: to, PassthruCapable: i.PassthruCapable}
		}
		list = append(list, &i)
	}
	simulator.Map.WithLock(p.host, func() {
		p.host.Hardware = &hw
		p.PciPassthruInfo = list
	})
}
