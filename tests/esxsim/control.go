package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/vmware/govmomi/vim25/types"
)

// injected is a fault, a delay, or both, waiting for its call.
type injected struct {
	Method, This, Fault, Text, Fields string
	Count, After, Delay               int
}

// reading: methods that change nothing. All others count as changing.
var reading = regexp.MustCompile(`^(Retrieve|Continue|Query|WaitForUpdates|CheckForUpdates|CancelWaitForUpdates|CancelRetrieve|Create(Filter|PropertyCollector|ContainerView|ListView|InventoryView)$|` +
	`DestroyPropertyFilter$|DestroyPropertyCollector$|DestroyView$|ModifyListView|ResetListView|Login|Logout$|CloneSession$|CurrentTime$|SessionIsActive$|FindBy|FindAll|FindChild|Acquire|Search|` +
	`Refresh|Fetch$|List|Validate|Has|Get|Estimate|ReadNext|ReadPrevious)`)

func (f *front) stats(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	changing, which := 0, map[string]int{}
	for m, n := range f.calls {
		if !reading.MatchString(m) {
			changing += n
			which[m] = n
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]interface{}{"total": f.total, "calls": f.calls, "changing": changing, "changingCalls": which,
		"refused": f.refused, "sessions": len(f.live), "bytesIn": f.bytes[0], "bytesOut": f.bytes[1]})
}

func (f *front) reset(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.total, f.refused, f.calls, f.bytes, f.faults, f.tasks = 0, 0, map[string]int{}, [2]int64{}, nil, nil
	atomic.StoreInt64(&f.awayUntil, 0)
	f.mu.Unlock()
}

// fault: /esxsim/fault?method=CreateNasDatastore&fault=PlatformConfigFault&text=…&count=1
func (f *front) fault(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	i := &injected{Method: q.Get("method"), This: q.Get("this"), Fault: q.Get("fault"), Text: q.Get("text"), Fields: q.Get("fields"), Count: 1}
	for key, to := range map[string]*int{"count": &i.Count, "after": &i.After, "delay": &i.Delay} {
		if s := q.Get(key); s != "" {
			n, err := strconv.Atoi(s)
			if err != nil {
				http.Error(w, key+": "+err.Error(), http.StatusBadRequest)
				return
			}
			*to = n
		}
	}
	if i.Method == "" || i.Fault == "" && i.Delay == 0 {
		http.Error(w, "method, and fault or delay, are needed", http.StatusBadRequest)
		return
	}
	f.mu.Lock()
	f.faults = append(f.faults, i)
	f.mu.Unlock()
}

// taskFault: /esxsim/taskfault?task=relocate&this=vm-52&fault=FileFault&text=… fails the next such
// task half-way; hold=1 instead of a fault keeps it running until it is cancelled or reset.
func (f *front) taskFault(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	i := &injected{Method: q.Get("task"), This: q.Get("this"), Fault: q.Get("fault"), Text: q.Get("text"), Count: 1}
	if q.Get("hold") != "" {
		i.Fault = "HOLD"
	}
	if i.Method == "" || i.Fault == "" {
		http.Error(w, "task, and fault or hold, are needed", http.StatusBadRequest)
		return
	}
	f.mu.Lock()
	f.tasks = append(f.tasks, i)
	f.mu.Unlock()
}

// midway is asked by a task at each quarter of its time.
func (f *front) midway(task string, this types.ManagedObjectReference, quarter int, stop chan struct{}) types.BaseMethodFault {
	if quarter != 2 {
		return nil
	}
	var due *injected
	f.mu.Lock()
	for _, i := range f.tasks {
		if i.Count > 0 && i.Method == task && (i.This == "" || i.This == this.Value) {
			i.Count--
			due = i
			break
		}
	}
	f.mu.Unlock()
	if due == nil {
		return nil
	}
	if due.Fault != "HOLD" {
		kind, ok := types.TypeFunc()(due.Fault)
		if !ok {
			return withText(&types.SystemError{Reason: due.Fault}, due.Text)
		}
		return withText(reflect.New(kind).Interface().(types.BaseMethodFault), due.Text)
	}
	for f.holds(due) {
		if fault := pause(20*time.Millisecond, stop); fault != nil {
			return fault
		}
	}
	return nil
}

func (f *front) holds(i *injected) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, other := range f.tasks {
		if other == i {
			return true
		}
	}
	return false
}

// away: the endpoint answers 503 for a while, as when services restart: /esxsim/away?ms=2000
func (f *front) away(w http.ResponseWriter, r *http.Request) {
	ms, err := strconv.Atoi(r.URL.Query().Get("ms"))
	if err != nil {
		http.Error(w, "ms: "+err.Error(), http.StatusBadRequest)
		return
	}
	atomic.StoreInt64(&f.awayUntil, time.Now().Add(time.Duration(ms)*time.Millisecond).UnixNano())
}

// certificate: from now on another one is shown, and its SHA-256 thumbprint is told: /esxsim/certificate
func (f *front) certificate(w http.ResponseWriter, r *http.Request) {
	thumbprint, err := f.renew()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	fmt.Fprintln(w, thumbprint)
}

// expire ends all sessions, as an idle timeout does: /esxsim/expire
func (f *front) expire(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintln(w, f.dropSessions())
}

func (f *front) dropSessions() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := len(f.live)
	f.live = map[string]bool{}
	return n
}

const cookieName = "vmware_soap_session"

// anonymous: what can be asked without a session.
var anonymous = map[string]bool{"RetrieveServiceContent": true, "RetrieveInternalContent": true, "Login": true, "LoginByToken": true, "LoginBySSPI": true,
	"LoginExtensionByCertificate": true, "LoginExtensionBySubjectName": true, "CloneSession": true}

// session tells whether the request comes with a living session, and takes a dead cookie off.
func (f *front) session(r *http.Request) bool {
	c, err := r.Cookie(cookieName) // the parser takes the quotes off
	if err != nil {
		return false
	}
	f.mu.Lock()
	ok := f.live[strings.Trim(c.Value, `"`)]
	f.mu.Unlock()
	if !ok {
		r.Header.Del("Cookie")
	}
	return ok
}

// sessions follows logins and logouts. vCenter puts the cookie's value in quotes.
func (f *front) sessions(req *request, out *answer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if cookies := out.header["Set-Cookie"]; len(cookies) > 0 && out.code == http.StatusOK {
		resp := http.Response{Header: out.header}
		for i, c := range resp.Cookies() {
			if c.Name != cookieName {
				continue
			}
			if c.Value != "" {
				f.live[c.Value] = true
			}
			cookies[i] = fmt.Sprintf(`%s="%s"; Path=/; HttpOnly`, cookieName, c.Value)
			if *flagTLS {
				cookies[i] += "; Secure"
			}
		}
	}
	if out.code != http.StatusOK {
		return
	}
	switch req.method {
	case "Logout":
		delete(f.live, req.cookie)
	case "TerminateSession":
		for _, n := range req.body.children {
			if n.name == "sessionId" {
				delete(f.live, n.text)
			}
		}
	}
}
