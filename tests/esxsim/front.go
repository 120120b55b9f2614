package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"html"
	"io/ioutil"
	"log"
	"net/http"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

const shadowSuffix = ".esxsim"

// shadowed lists the methods redirected to shadow objects, by type.
var shadowed = map[string]map[string]func(mo.Reference) mo.Reference{
	"HostSystem": {
		"RebootHost_Task":           newHostShadow,
		"EnterMaintenanceMode_Task": newHostShadow,
		"ExitMaintenanceMode_Task":  newHostShadow,
	},
	"VirtualMachine": {
		"ReconfigVM_Task": newVMShadow,
		"PowerOnVM_Task":  newVMShadow,
		"PowerOffVM_Task": newVMShadow,
		"ShutdownGuest":   newVMShadow,
		"ResetVM_Task":    newVMShadow,
		"CloneVM_Task":    newVMShadow,
		"RelocateVM_Task": newVMShadow,
		"AnswerVM":        newVMShadow,
		"UnregisterVM":    newVMShadow,
		"Reload":          newVMShadow,

		"RefreshStorageInfo":                newVMShadow,
		"reloadVirtualMachineFromPath_Task": newVMShadow,
	},
	"Task": {
		"CancelTask": newTaskShadow,
	},
	"Folder": {
		"CreateVM_Task":   newFolderShadow,
		"RegisterVM_Task": newFolderShadow,
	},
	"Datastore": {
		"RefreshDatastore": newDatastoreShadow,
		"Rename_Task":      newDatastoreShadow,
	},
	"ClusterComputeResource": {
		"RetrieveDasAdvancedRuntimeInfo": newClusterShadow,
	},
}

// front stands before the simulator: it counts, records, injects faults, checks the form
// of requests and sends some of them to shadow objects.
type front struct {
	svc *simulator.Service

	mu       sync.Mutex
	calls    map[string]int
	total    int
	refused  int
	recorded int
	bytes    [2]int64
	faults   []*injected
	tasks    []*injected     // those that strike in the middle of a task
	live     map[string]bool // sessions

	rebooting int32 // esx model: the whole endpoint is away
	awayUntil int64 // /esxsim/away: so is it until then (Unix time in ns)
	renew     func() (string, error)
}

var theFront *front

func newFront(svc *simulator.Service) *front {
	theFront = &front{svc: svc, calls: map[string]int{}, live: map[string]bool{}}
	return theFront
}

func (f *front) mux() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("/sdk", f.sdk)
	mux.HandleFunc("/sdk/", f.sdk)
	mux.HandleFunc("/sdk/vimServiceVersions.xml", f.svc.ServiceVersions)
	mux.HandleFunc("/folder/", f.svc.ServeDatastore)
	mux.HandleFunc("/about", f.svc.About)
	mux.HandleFunc("/esxsim/stats", f.stats)
	mux.HandleFunc("/esxsim/reset", f.reset)
	mux.HandleFunc("/esxsim/fault", f.fault)
	mux.HandleFunc("/esxsim/taskfault", f.taskFault)
	mux.HandleFunc("/esxsim/expire", f.expire)
	mux.HandleFunc("/esxsim/away", f.away)
	mux.HandleFunc("/esxsim/certificate", f.certificate)
	mux.HandleFunc("/esxsim/renumber", renumber)
	mux.HandleFunc("/esxsim/lose", lose)
	mux.HandleFunc("/esxsim/heartbeat", setHeartbeat)
	return mux
}

var thisTag = regexp.MustCompile(`<(?:\w+:)?_this\b[^>]*>`)
var typeAttr = regexp.MustCompile(`\btype=(["'])(\w+)["']`)

func (f *front) sdk(w http.ResponseWriter, r *http.Request) {
	if atomic.LoadInt32(&f.rebooting) != 0 || time.Now().UnixNano() < atomic.LoadInt64(&f.awayUntil) {
		http.Error(w, "host is rebooting", http.StatusServiceUnavailable)
		return
	}
	body, err := ioutil.ReadAll(r.Body)
	if err != nil {
		return
	}
	r.URL.Path = "/sdk" // ServeSDK looks up its registry by path
	req, parseErr := parseRequest(body)
	inj := f.count(req, body)
	if inj != nil {
		time.Sleep(time.Duration(inj.Delay) * time.Millisecond)
		switch inj.Fault {
		case "":
		case "DROP":
			drop(w)
			return
		case "DROP-AFTER":
			defer drop(w)
			w = &nowhere{http.Header{}}
		case "HANG":
			<-r.Context().Done() // until the client goes away
			return
		case "REDIRECT":
			http.Redirect(w, r, inj.Text, http.StatusMovedPermanently)
			return
		case "503":
			http.Error(w, "503 Service Unavailable (Failed to connect to endpoint)", http.StatusServiceUnavailable)
			return
		default:
			sendFault(w, inj.Fault, inj.Text, inj.Fields)
			return
		}
	}
	if c, err := r.Cookie(cookieName); err == nil {
		req.cookie = strings.Trim(c.Value, `"`)
	}
	if !f.session(r) && !anonymous[req.method] {
		sendFault(w, "NotAuthenticated", "The session is not authenticated.",
			fmt.Sprintf(`<object type="%s">%s</object><privilegeId>System.View</privilegeId>`, req.this.Type, html.EscapeString(req.this.Value)))
		return
	}
	if *flagStrict {
		if parseErr == nil {
			parseErr = req.check()
		}
		if parseErr != nil {
			log.Printf("refused %s: %v", req.method, parseErr)
			f.mu.Lock()
			f.refused++
			f.mu.Unlock()
			sendFault(w, "InvalidRequest", parseErr.Error(), "")
			return
		}
	}
	f.pass(w, r, req, redirect(body, req))
}

// pass hands the request to the simulator. A panic in there must not look like a lost link.
func (f *front) pass(w http.ResponseWriter, r *http.Request, req *request, body []byte) {
	out := &answer{header: http.Header{}, code: http.StatusOK}
	defer func() {
		if p := recover(); p != nil {
			log.Printf("%s: panic: %v\n%s", req.method, p, debug.Stack())
			sendFault(w, "RuntimeFault", fmt.Sprint("simulator panic: ", p), "")
		}
	}()
	r.Body = ioutil.NopCloser(bytes.NewReader(body))
	f.svc.ServeSDK(out, r)
	f.sessions(req, out)
	f.mu.Lock()
	f.bytes[1] += int64(out.body.Len())
	f.mu.Unlock()

	h := w.Header()
	for k, v := range out.header {
		h[k] = v
	}
	h.Set("Content-Type", "text/xml; charset=utf-8")
	if out.body.Len() > 1024 && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip") // as vCenter does
		w.WriteHeader(out.code)
		z, _ := gzip.NewWriterLevel(w, gzip.BestSpeed)
		_, _ = z.Write(out.body.Bytes())
		_ = z.Close()
		return
	}
	w.WriteHeader(out.code)
	_, _ = w.Write(out.body.Bytes())
}

// redirect rewrites _this for the methods that a shadow object implements.
func redirect(body []byte, req *request) []byte {
	make, ok := shadowed[req.this.Type][req.method]
	if !ok {
		return body
	}
	ref := types.ManagedObjectReference{Type: req.this.Type + shadowSuffix, Value: req.this.Value}
	shadows.Lock()
	if simulator.Map.Get(ref) == nil {
		if obj := simulator.Map.Get(req.this); obj != nil {
			simulator.Map.Put(make(obj))
		}
	}
	shadows.Unlock()
	if simulator.Map.Get(ref) == nil || simulator.Map.Get(req.this) == nil {
		return body
	}
	done := false
	return thisTag.ReplaceAllFunc(body, func(tag []byte) []byte {
		if done {
			return tag
		}
		done = true
		return typeAttr.ReplaceAll(tag, []byte(`type=${1}${2}`+shadowSuffix+`${1}`))
	})
}

var shadows sync.Mutex

// count keeps the books and returns the fault to inject, if one is due.
func (f *front) count(req *request, body []byte) *injected {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.total++
	f.calls[req.method]++
	f.bytes[0] += int64(len(body))
	if *flagRecord != "" {
		f.recorded++
		name := fmt.Sprintf("%03d-%s.xml", f.recorded, filepath.Base(req.method))
		if err := ioutil.WriteFile(filepath.Join(*flagRecord, name), body, 0644); err != nil {
			log.Print(err)
		}
	}
	for _, i := range f.faults {
		if i.Count == 0 || i.Method != "*" && i.Method != req.method || i.This != "" && i.This != req.this.Value {
			continue
		}
		if i.After > 0 {
			i.After--
			continue
		}
		if i.Count > 0 {
			i.Count--
		}
		return i
	}
	return nil
}

func sendFault(w http.ResponseWriter, fault, text, fields string) {
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	w.WriteHeader(http.StatusInternalServerError)
	fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>%s</faultstring><detail><%[2]sFault xmlns="urn:vim25" xsi:type="%[2]s">%s</%[2]sFault></detail></soapenv:Fault></soapenv:Body></soapenv:Envelope>`,
		html.EscapeString(text), fault, fields)
}

// drop closes the connection in the middle of the call.
func drop(w http.ResponseWriter) {
	if h, ok := w.(http.Hijacker); ok {
		if c, _, err := h.Hijack(); err == nil {
			_ = c.Close()
		}
	}
}

// answer keeps what the simulator writes.
type answer struct {
	header http.Header
	code   int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) WriteHeader(code int)        { a.code = code }
func (a *answer) Write(b []byte) (int, error) { return a.body.Write(b) }

// nowhere swallows an answer that must get lost.
type nowhere struct{ header http.Header }

func (n *nowhere) Header() http.Header         { return n.header }
func (n *nowhere) WriteHeader(int)             {}
func (n *nowhere) Write(b []byte) (int, error) { return len(b), nil }
