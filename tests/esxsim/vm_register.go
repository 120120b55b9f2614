package main

import (
	"crypto/rand"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// RegisterVM and the "moved or copied" question.

func (s *folderShadow) RegisterVMTask(ctx *simulator.Context, req *types.RegisterVM_Task) soap.HasFault {
	var text vmxText
	if file := vmxFile(req.Path, s.f); file != "" {
		fetchVmx(hostFor(req), req.Path, file)
		if text = readVmx(file); req.Name == "" {
			req.Name = text["displayname"]
		}
	}
	if req.Name != "" {
		if e := simulator.Map.FindByName(req.Name, s.f.ChildEntity); e != nil {
			f := withText(&types.DuplicateName{Name: req.Name, Object: e.Reference()}, "The name '"+req.Name+"' already exists.")
			return &methods.RegisterVM_TaskBody{Res: &types.RegisterVM_TaskResponse{Returnval: failed(s.f, "registerVm", f)}}
		}
	}
	prepareVmx(s.f, req)
	var res soap.HasFault
	simulator.Map.WithLock(s.f, func() { res = s.f.RegisterVMTask(as(ctx, s.f), req) })
	if res.Fault() != nil {
		return res
	}
	t := simulator.Map.Get(res.(*methods.RegisterVM_TaskBody).Res.Returnval).(*simulator.Task)
	if ref, ok := t.Info.Result.(types.ManagedObjectReference); ok {
		if vm, ok := simulator.Map.Get(ref).(*simulator.VirtualMachine); ok {
			text.obey(vm)
			if !vmxHas(vm, "uuid.action") {
				putQuestion(vm)
			}
		}
	}
	return res
}

// hostFor: the host asked for, or one of the pool's that has the datastore.
func hostFor(req *types.RegisterVM_Task) *simulator.HostSystem {
	var p object.DatastorePath
	p.FromString(req.Path)
	if req.Pool != nil {
		if h, f := placeVM(*req.Pool, req.Host, p.Datastore); f == nil {
			return h
		}
	}
	return nil
}

// prepareVmx: the simulator opens <name>.vmx, <name>.nvram and vmware.log in the VM's
// directory and fails with NotFound when one is missing. Real hosts need the .vmx only.
func prepareVmx(f *simulator.Folder, req *types.RegisterVM_Task) {
	file := vmxFile(req.Path, f)
	if file == "" {
		return
	}
	if _, err := os.Stat(file); err != nil {
		return
	}
	name := req.Name
	if name == "" {
		var p object.DatastorePath
		p.FromString(req.Path)
		name = path.Dir(p.Path)
	}
	for _, n := range []string{name + ".nvram", "vmware.log"} {
		if h, err := os.OpenFile(filepath.Join(filepath.Dir(file), n), os.O_CREATE|os.O_RDWR, 0600); err == nil {
			h.Close()
		}
	}
}

func vmxFile(dsPath string, near mo.Entity) string {
	var p object.DatastorePath
	if !p.FromString(dsPath) {
		return ""
	}
	for _, e := range simulator.Map.All("Datastore") {
		if d, ok := e.(*simulator.Datastore); ok && d.Name == p.Datastore && sameDC(d, near) {
			return filepath.Join(d.Info.GetDatastoreInfo().Url, p.Path)
		}
	}
	return ""
}

func vmxHas(vm *simulator.VirtualMachine, key string) bool {
	b, err := os.ReadFile(vmxFile(vm.Config.Files.VmPathName, vm))
	return err == nil && strings.Contains(string(b), key)
}

var questions sync.Map // vm ref -> *VirtualMachineQuestionInfo

func putQuestion(vm *simulator.VirtualMachine) {
	questions.Store(vm.Self, &types.VirtualMachineQuestionInfo{
		Id:   fmt.Sprintf("_vmx%d", time.Now().UnixNano()%1000),
		Text: "msg.uuid.altered:This virtual machine might have been moved or copied. In order to configure certain management and networking features, VMware ESX needs to know if this virtual machine was moved or copied.",
		Choice: types.ChoiceOption{ChoiceInfo: []types.BaseElementDescription{
			&types.ElementDescription{Description: types.Description{Label: "button.uuid.cancel", Summary: "Cancel"}, Key: "0"},
			&types.ElementDescription{Description: types.Description{Label: "button.uuid.movedTheVM", Summary: "I Moved It"}, Key: "1"},
			&types.ElementDescription{Description: types.Description{Label: "button.uuid.copiedTheVM", Summary: "I Copied It"}, Key: "2"},
		}, DefaultIndex: 2},
		Message: []types.VirtualMachineMessage{{Id: "msg.uuid.altered", Text: "This virtual machine might have been moved or copied."}},
	})
}

func takeQuestion(vm *simulator.VirtualMachine) *types.VirtualMachineQuestionInfo {
	if q, ok := questions.LoadAndDelete(vm.Self); ok {
		return q.(*types.VirtualMachineQuestionInfo)
	}
	return nil
}

func newUUID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func (s *vmShadow) AnswerVM(ctx *simulator.Context, req *types.AnswerVM) soap.HasFault {
	body := &methods.AnswerVMBody{}
	q := s.vm.Runtime.Question
	if q == nil || q.Id != req.QuestionId {
		body.Fault_ = simulator.Fault("A specified parameter was not correct: questionId", &types.ConcurrentAccess{})
		return body
	}
	s.answer <- req.AnswerChoice
	body.Res = new(types.AnswerVMResponse)
	return body
}
