package main

import (
	"bytes"
	"fmt"
	"log"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"
)

// task runs f in the background as a vSphere task. While it waits it can be cancelled, and a
// fault told to /esxsim/taskfault ends or holds it half-way.
func task(entity mo.Reference, name string, d time.Duration, f func() (types.AnyType, types.BaseMethodFault)) types.ManagedObjectReference {
	t := simulator.CreateTask(entity, name, nil)
	update := func(c ...types.PropertyChange) {
		simulator.Map.WithLock(t, func() { simulator.Map.Update(t, c) })
	}
	if e, ok := entity.(mo.Entity); ok {
		update(types.PropertyChange{Name: "info.entityName", Val: e.Entity().Name})
	}
	update(types.PropertyChange{Name: "info.startTime", Val: time.Now()},
		types.PropertyChange{Name: "info.state", Val: types.TaskInfoStateRunning},
		types.PropertyChange{Name: "info.cancelable", Val: d > 0})
	if vm, ok := entity.(*simulator.VirtualMachine); ok {
		keepRecent(vm, t.Self)
	}
	stop := make(chan struct{})
	cancels.Store(t.Self, stop)
	go func() {
		res, err := guarded(name, func() (types.AnyType, types.BaseMethodFault) {
			for i := 1; i <= 4 && d > 0; i++ {
				if fault := pause(d/4, stop); fault != nil {
					return nil, fault
				}
				update(types.PropertyChange{Name: "info.progress", Val: int32(i * 20)})
				if fault := theFront.midway(name, entity.Reference(), i, stop); fault != nil {
					return nil, fault
				}
			}
			return f()
		})
		cancels.Delete(t.Self)
		state := types.TaskInfoStateSuccess
		var fault interface{}
		if err != nil {
			state = types.TaskInfoStateError
			fault = types.LocalizedMethodFault{Fault: err, LocalizedMessage: faultText(err)}
		}
		update(types.PropertyChange{Name: "info.completeTime", Val: time.Now()},
			types.PropertyChange{Name: "info.result", Val: res},
			types.PropertyChange{Name: "info.error", Val: fault},
			types.PropertyChange{Name: "info.state", Val: state})
	}()
	return t.Self
}

var cancels sync.Map // task ref -> chan struct{}

// rest1 waits, unless the task is cancelled.
func pause(d time.Duration, stop chan struct{}) types.BaseMethodFault {
	select {
	case <-time.After(d):
		return nil
	case <-stop:
		return withText(&types.RequestCanceled{}, "The task was canceled by a user.")
	}
}

// keepRecent puts the task among the recent ones of its VM.
func keepRecent(vm *simulator.VirtualMachine, ref types.ManagedObjectReference) {
	simulator.Map.WithLock(vm, func() {
		recent := append(append([]types.ManagedObjectReference{}, vm.RecentTask...), ref)
		if len(recent) > 10 {
			recent = recent[len(recent)-10:]
		}
		simulator.Map.Update(vm, []types.PropertyChange{{Name: "recentTask", Val: recent}})
	})
}

// taskShadow: Task.CancelTask, for tasks that say cancelable.
type taskShadow struct {
	shadowBase
	t *simulator.Task
}

func newTaskShadow(o mo.Reference) mo.Reference { return &taskShadow{shadow(o), o.(*simulator.Task)} }

func (s *taskShadow) CancelTask(*types.CancelTask) soap.HasFault {
	body := &methods.CancelTaskBody{}
	if !s.t.Info.Cancelable {
		body.Fault_ = simulator.Fault("The operation is not supported on the object.", &types.NotSupported{})
		return body
	}
	if c, ok := cancels.LoadAndDelete(s.t.Self); ok {
		close(c.(chan struct{}))
	}
	body.Res = new(types.CancelTaskResponse)
	return body
}

// guarded: a bug in the simulator's own code must end the task, not the server.
func guarded(name string, f func() (types.AnyType, types.BaseMethodFault)) (res types.AnyType, err types.BaseMethodFault) {
	defer func() {
		if r := recover(); r != nil {
			log.Printf("task %s: panic: %v\n%s", name, r, debug.Stack())
			err = withText(&types.SystemError{Reason: fmt.Sprint(r)}, fmt.Sprint("simulator panic: ", r))
		}
	}()
	return f()
}

// failed is a task that ends in error at once: what vCenter does with a bad spec.
func failed(entity mo.Reference, name string, f types.BaseMethodFault) types.ManagedObjectReference {
	return task(entity, name, 0, func() (types.AnyType, types.BaseMethodFault) { return nil, f })
}

// done returns result and fault of a task that the underlying simulator has already run.
func done(ref types.ManagedObjectReference) (types.AnyType, types.BaseMethodFault) {
	t := simulator.Map.Get(ref).(*simulator.Task)
	if t.Info.Error != nil {
		return nil, t.Info.Error.Fault
	}
	return t.Info.Result, nil
}

var texts sync.Map // fault pointer -> message

func withText(f types.BaseMethodFault, msg string) types.BaseMethodFault {
	texts.Store(f, msg)
	return f
}

func faultText(f types.BaseMethodFault) string {
	if s, ok := texts.Load(f); ok {
		return s.(string)
	}
	return strings.TrimPrefix(fmt.Sprintf("%T", f), "*types.")
}

// deepCopy copies by way of XML, so that no part is shared with the original.
func deepCopy(src, dst interface{}) {
	b, err := xml.Marshal(src)
	if err != nil {
		panic(err)
	}
	dec := xml.NewDecoder(bytes.NewReader(b))
	dec.TypeFunc = types.TypeFunc()
	if err := dec.Decode(dst); err != nil {
		panic(err)
	}
}
