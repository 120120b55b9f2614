package main

import (
	"fmt"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// AutoStartManager: what a host starts by itself after a boot. The simulator has only a reference to it.
type AutoStartManager struct {
	mo.HostAutoStartManager
	host *simulator.HostSystem
}

func installAutoStart(h *simulator.HostSystem) {
	m := &AutoStartManager{host: h}
	m.Self = types.ManagedObjectReference{Type: "HostAutoStartManager", Value: "autoStartManager-" + h.Self.Value}
	m.Config.Defaults = &types.AutoStartDefaults{Enabled: types.NewBool(false), StartDelay: 120, StopDelay: 120,
		WaitForHeartbeat: types.NewBool(false), StopAction: "powerOff"}
	simulator.Map.Put(m)
	h.ConfigManager.AutoStartManager = &m.Self
	m.publish()
}

// publish: the host's own configuration shows the same.
func (m *AutoStartManager) publish() {
	c := m.Config
	m.host.Config.AutoStart = &c
}

// withHA: a host in an HA cluster ignores what is set here.
func withHA() {
	for _, e := range simulator.Map.All("ClusterComputeResource") {
		c := e.(*simulator.ClusterComputeResource)
		c.Configuration.DasConfig.Enabled = types.NewBool(*flagHA)
		if ex, ok := c.ConfigurationEx.(*types.ClusterConfigInfoEx); ok {
			ex.DasConfig.Enabled = types.NewBool(*flagHA)
		}
	}
}

func wrongOrder(property string) *soap.Fault {
	return simulator.Fault("A specified parameter was not correct: "+property, &types.InvalidArgument{InvalidProperty: property})
}

func oneOf(s string, words ...string) bool {
	for _, w := range words {
		if strings.EqualFold(s, w) {
			return true
		}
	}
	return false
}

// ReconfigureAutostart changes the VMs named and keeps the others. Those that neither start nor stop are taken out.
func (m *AutoStartManager) ReconfigureAutostart(req *types.ReconfigureAutostart) soap.HasFault {
	body := &methods.ReconfigureAutostartBody{}
	list := append([]types.AutoStartPowerInfo{}, m.Config.PowerInfo...)
	for i, p := range req.Spec.PowerInfo {
		at := fmt.Sprintf("spec.powerInfo[%d].", i)
		vm, ok := simulator.Map.Get(p.Key).(*simulator.VirtualMachine)
		switch {
		case !ok || vm.Runtime.Host == nil || *vm.Runtime.Host != m.host.Self || vm.Config.Template:
			body.Fault_ = wrongOrder(at + "key")
		case !oneOf(p.StartAction, "none", "powerOn"):
			body.Fault_ = wrongOrder(at + "startAction")
		case !oneOf(p.StopAction, "none", "systemDefault", "powerOff", "suspend", "guestShutdown"):
			body.Fault_ = wrongOrder(at + "stopAction")
		case !oneOf(string(p.WaitForHeartbeat), "yes", "no", "systemDefault"):
			body.Fault_ = wrongOrder(at + "waitForHeartbeat")
		case p.StartDelay < -1 || p.StopDelay < -1:
			body.Fault_ = wrongOrder(at + "startDelay")
		}
		if body.Fault_ != nil {
			return body
		}
		kept := list[:0]
		for _, o := range list {
			if o.Key != p.Key {
				kept = append(kept, o)
			}
		}
		if list = kept; !oneOf(p.StartAction, "none") || !oneOf(p.StopAction, "none") {
			list = append(list, p)
		}
	}
	if !sequential(list) {
		body.Fault_ = wrongOrder("spec.powerInfo.startOrder")
		return body
	}
	if d := req.Spec.Defaults; d != nil {
		m.Config.Defaults = d
	}
	simulator.Map.Update(m, []types.PropertyChange{{Name: "config", Val: types.HostAutoStartManagerConfig{Defaults: m.Config.Defaults, PowerInfo: list}}})
	m.publish()
	body.Res = new(types.ReconfigureAutostartResponse)
	return body
}

// sequential: numbers above 0 are 1, 2, 3…, each once; -1 may be there often.
func sequential(list []types.AutoStartPowerInfo) bool {
	seen, n := map[int32]bool{}, int32(0)
	for _, p := range list {
		if p.StartOrder == 0 || p.StartOrder < -1 || seen[p.StartOrder] {
			return false
		}
		if p.StartOrder > 0 {
			seen[p.StartOrder] = true
			n++
		}
	}
	for i := int32(1); i <= n; i++ {
		if !seen[i] {
			return false
		}
	}
	return true
}

// autoStart is what a host does after its boot: VMs in their order, without the delays.
func autoStart(ctx *simulator.Context, h *simulator.HostSystem) {
	m, ok := simulator.Map.Get(*h.ConfigManager.AutoStartManager).(*AutoStartManager)
	if !ok || *flagHA || !*m.Config.Defaults.Enabled || h.Runtime.InMaintenanceMode {
		return
	}
	for order := int32(1); order <= int32(len(m.Config.PowerInfo))+1; order++ {
		for _, p := range m.Config.PowerInfo {
			last := order > int32(len(m.Config.PowerInfo))
			vm, ok := simulator.Map.Get(p.Key).(*simulator.VirtualMachine)
			if ok && oneOf(p.StartAction, "powerOn") && (p.StartOrder == order || last && p.StartOrder == -1) {
				_ = newVMShadow(vm).(*vmShadow).powerOn(ctx, &types.PowerOnVM_Task{This: vm.Self})
			}
		}
	}
}
