package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io/ioutil"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"

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
	},
	"Folder": {
		"CreateVM_Task":   newFolderShadow,
		"RegisterVM_Task": newFolderShadow,
	},
	"Datastore": {
		"RefreshDatastore": newDatastoreShadow,
	},
}

type injected struct {
	Method, Fault, Text string
	Count               int
}

type front struct {
	svc *simulator.Service

	mu     sync.Mutex
	calls  map[string]int
	total  int
	bytes  [2]int64
	faults []*injected

	rebooting int32 // esx model: the whole endpoint is away
	epoch     map[string]bool
}

var theFront *front

func newFront(svc *simulator.Service) *front {
	theFront = &front{svc: svc, calls: map[string]int{}, epoch: map[string]bool{}}
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
	return mux
}

func (f *front) stats(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	_ = json.NewEncoder(w).Encode(map[string]interface{}{"total": f.total, "calls": f.calls, "bytesIn": f.bytes[0], "bytesOut": f.bytes[1]})
}

func (f *front) reset(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.total, f.calls, f.bytes, f.faults = 0, map[string]int{}, [2]int64{}, nil
	f.mu.Unlock()
}

// fault injects: /esxsim/fault?method=CreateNasDatastore&fault=PlatformConfigFault&text=...&count=1
func (f *front) fault(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	n := 1
	fmt.Sscan(q.Get("count"), &n)
	f.mu.Lock()
	f.faults = append(f.faults, &injected{q.Get("method"), q.Get("fault"), q.Get("text"), n})
	f.mu.Unlock()
}

var thisTag = regexp.MustCompile(`<(?:\w+:)?_this\b[^>]*>`)
var typeAttr = regexp.MustCompile(`\btype=(["'])(\w+)["']`)

// peek returns the method name and _this of a SOAP request.
func peek(body []byte) (method string, this types.ManagedObjectReference) {
	d := xml.NewDecoder(bytes.NewReader(body))
	inBody := false
	for {
		t, err := d.Token()
		if err != nil {
			return
		}
		e, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		switch {
		case e.Name.Local == "Body":
			inBody = true
		case inBody && method == "":
			method = e.Name.Local
		case inBody && e.Name.Local == "_this":
			for _, a := range e.Attr {
				if a.Name.Local == "type" && a.Name.Space == "" {
					this.Type = a.Value
				}
			}
			if c, err := d.Token(); err == nil {
				if s, ok := c.(xml.CharData); ok {
					this.Value = string(s)
				}
			}
			return
		}
	}
}

func (f *front) sdk(w http.ResponseWriter, r *http.Request) {
	if atomic.LoadInt32(&f.rebooting) != 0 {
		http.Error(w, "host is rebooting", http.StatusServiceUnavailable)
		return
	}
	body, err := ioutil.ReadAll(r.Body)
	if err != nil {
		return
	}
	r.URL.Path = "/sdk" // ServeSDK looks up its registry by path
	method, this := peek(body)

	f.mu.Lock()
	f.total++
	f.calls[method]++
	f.bytes[0] += int64(len(body))
	var inj *injected
	for _, i := range f.faults {
		if i.Count > 0 && i.Method == method {
			i.Count--
			inj = i
			break
		}
	}
	f.mu.Unlock()
	if inj != nil {
		w.Header().Set("Content-Type", "text/xml; charset=utf-8")
		w.WriteHeader(500)
		fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>%s</faultstring><detail><%sFault xmlns="urn:vim25" xsi:type="%s"></%sFault></detail></soapenv:Fault></soapenv:Body></soapenv:Envelope>`,
			inj.Text, inj.Fault, inj.Fault, inj.Fault)
		return
	}

	// sessions from before a reboot of a stand-alone ESXi host are gone
	if c, err := r.Cookie("vmware_soap_session"); err == nil {
		v := strings.Trim(c.Value, `"`) // Go's server side cookie parser keeps no quotes, hostd sends them
		f.mu.Lock()
		dead := f.epoch[v]
		if !dead {
			f.epoch[v] = false
		}
		f.mu.Unlock()
		if dead {
			r.Header.Del("Cookie")
		}
	}

	if make, ok := shadowed[this.Type][method]; ok {
		ref := types.ManagedObjectReference{Type: this.Type + shadowSuffix, Value: this.Value}
		if simulator.Map.Get(ref) == nil {
			if obj := simulator.Map.Get(this); obj != nil {
				simulator.Map.Put(make(obj))
			}
		}
		if simulator.Map.Get(ref) != nil {
			done := false
			body = thisTag.ReplaceAllFunc(body, func(tag []byte) []byte {
				if done {
					return tag
				}
				done = true
				return typeAttr.ReplaceAll(tag, []byte(`type=${1}${2}`+shadowSuffix+`${1}`))
			})
		}
	}

	r.Body = ioutil.NopCloser(bytes.NewReader(body))
	cw := &countWriter{ResponseWriter: w, f: f}
	cw.Header().Set("Content-Type", "text/xml; charset=utf-8")
	f.svc.ServeSDK(cw, r)
}

type countWriter struct {
	http.ResponseWriter
	f *front
}

func (c *countWriter) Write(b []byte) (int, error) {
	c.f.mu.Lock()
	c.f.bytes[1] += int64(len(b))
	c.f.mu.Unlock()
	return c.ResponseWriter.Write(b)
}

// dropSessions invalidates all sessions seen so far (ESXi reboot).
func (f *front) dropSessions() {
	f.mu.Lock()
	for k := range f.epoch {
		f.epoch[k] = true
	}
	f.mu.Unlock()
}
