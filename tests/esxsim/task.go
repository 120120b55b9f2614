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
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"
)

// task runs f in the background as a vSphere task.
func task(entity mo.Reference, name string, d time.Duration, f func() (types.AnyType, types.BaseMethodFault)) types.ManagedObjectReference {
	t := simulator.CreateTask(entity, name, nil)
	update := func(c ...types.PropertyChange) {
		simulator.Map.WithLock(t, func() { simulator.Map.Update(t, c) })
	}
	if e, ok := entity.(mo.Entity); ok {
		update(types.PropertyChange{Name: "info.entityName", Val: e.Entity().Name})
	}
	update(types.PropertyChange{Name: "info.startTime", Val: time.Now()},
		types.PropertyChange{Name: "info.state", Val: types.TaskInfoStateRunning})
	go func() {
		if d > 0 {
			for i := 1; i <= 4; i++ {
				time.Sleep(d / 4)
				update(types.PropertyChange{Name: "info.progress", Val: int32(i * 20)})
			}
		}
		res, err := guarded(name, f)
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
