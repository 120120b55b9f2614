package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/ioutil"
	"log"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// A hook is the world behind the simulator: `CMD ARG… VERB` with one JSON object on
// stdin. Exit status 0 = done, stdout may hold one JSON object. Otherwise the last line
// of stderr is the reason, and becomes the text of the fault.
var hookWords []string

func hooked() bool { return len(hookWords) > 0 }

type hookReply struct {
	// nas-mount and nas-check may tell the size of the volume in bytes
	Capacity  int64 `json:"capacity"`
	FreeSpace int64 `json:"freeSpace"`
	// power-on may tell what VMware Tools would report
	HostName string `json:"hostName"`
	// nas-read: the content of the file
	Text string              `json:"text"`
	Ip   map[string][]string `json:"ip"` // MAC -> addresses
}

var running = struct {
	sync.Mutex
	m map[int]*os.Process
}{m: map[int]*os.Process{}}

// runHook uses files and not pipes: a hook that leaves a guest running in the background
// would otherwise keep the pipes, and us, waiting for ever.
func runHook(verb string, in interface{}, limit time.Duration) (hookReply, error) {
	var reply hookReply
	body, err := json.Marshal(in)
	if err != nil {
		return reply, err
	}
	out, err := scratch()
	if err != nil {
		return reply, err
	}
	defer out.Close()
	errs, err := scratch()
	if err != nil {
		return reply, err
	}
	defer errs.Close()

	args := append(append([]string{}, hookWords[1:]...), verb)
	cmd := exec.Command(hookWords[0], args...)
	stdin, err := scratch()
	if err != nil {
		return reply, err
	}
	defer stdin.Close()
	if _, err = stdin.Write(body); err == nil {
		_, err = stdin.Seek(0, 0)
	}
	if err != nil {
		return reply, err
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, out, errs
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	t0 := time.Now()
	if err := cmd.Start(); err != nil {
		return reply, err
	}
	remember(cmd.Process, true)
	timer := time.AfterFunc(limit, func() { _ = cmd.Process.Kill() })
	err = cmd.Wait()
	late := !timer.Stop()
	remember(cmd.Process, false)

	took := time.Since(t0).Round(time.Millisecond)
	if err != nil {
		reason := lastLine(errs)
		switch {
		case late:
			reason = fmt.Sprintf("no answer within %v", limit)
		case reason == "":
			reason = err.Error()
		}
		if verb != "nas-check" {
			log.Printf("hook %s failed after %v: %s", verb, took, reason)
		}
		return reply, errors.New(reason)
	}
	if verb != "nas-check" {
		log.Printf("hook %s done in %v", verb, took)
	}
	if b := bytes.TrimSpace(content(out)); len(b) > 0 {
		if err := json.Unmarshal(b, &reply); err != nil {
			log.Printf("hook %s: stdout is no JSON object: %v", verb, err)
		}
	}
	return reply, nil
}

func remember(p *os.Process, on bool) {
	running.Lock()
	defer running.Unlock()
	if on {
		running.m[p.Pid] = p
	} else {
		delete(running.m, p.Pid)
	}
}

// endHooks asks the hooks that still run to end; called on SIGTERM.
func endHooks() {
	running.Lock()
	defer running.Unlock()
	for _, p := range running.m {
		_ = p.Signal(syscall.SIGTERM)
	}
}

func scratch() (*os.File, error) {
	f, err := ioutil.TempFile("", "esxsim-hook-")
	if err == nil {
		_ = os.Remove(f.Name())
	}
	return f, err
}

func content(f *os.File) []byte {
	_, _ = f.Seek(0, 0)
	b, _ := ioutil.ReadAll(f)
	return b
}

func lastLine(f *os.File) string {
	lines := strings.Split(strings.TrimSpace(string(content(f))), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}

// keyed hands out one mutex per key.
type keyed struct {
	mu sync.Mutex
	m  map[string]*sync.Mutex
}

func (k *keyed) lock(key string) (unlock func()) {
	k.mu.Lock()
	if k.m == nil {
		k.m = map[string]*sync.Mutex{}
	}
	l, ok := k.m[key]
	if !ok {
		l = new(sync.Mutex)
		k.m[key] = l
	}
	k.mu.Unlock()
	l.Lock()
	return l.Unlock
}

var perVM, perMount keyed
