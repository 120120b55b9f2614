// esxsim: a vSphere (vim25) simulator for ZfsEsx tests, built from Debian's
// golang-github-vmware-govmomi-dev 0.24.2 "simulator" package used as a library.
// See README.md for what it adds. Two ways of extending are used:
//  1. wrap: embed the simulator type BY VALUE as the first field and Map.Put it
//     under the same reference (only for types the simulator never type-asserts);
//  2. shadow: for HostSystem, VirtualMachine, Folder and Datastore, which the simulator
//     asserts as concrete types, front.go redirects single methods to a shadow object.
package main

import (
	"flag"
	"io/ioutil"
	"log"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

var (
	flagModel    = flag.String("model", "vpx", "vpx (vCenter) or esx (one host)")
	flagLab      = flag.Bool("lab", false, "the lab's inventory: hosts vh1…vhN in one cluster, own datastores, no VMs but the template")
	flagListen   = flag.String("l", "127.0.0.1:0", "listen address (loopback)")
	flagTLS      = flag.Bool("tls", true, "serve https with a self-signed certificate")
	flagUser     = flag.String("user", "administrator@vsphere.local", "login user")
	flagPass     = flag.String("pass", "vcsim-pass", "login password")
	flagDC       = flag.Int("dc", 1, "datacenters (vpx)")
	flagHosts    = flag.Int("host", 3, "hosts in the cluster (vpx)")
	flagAlone    = flag.Int("standalone-host", 1, "standalone hosts (vpx; none with -lab)")
	flagVMs      = flag.Int("vm", 2, "VMs per resource pool (none with -lab)")
	flagDS       = flag.Int("ds", 1, "local datastores shared by all hosts (with -lab each host has its own)")
	flagTemplate = flag.String("template", "debian-zfs", "name of the template VM of the lab; empty: none")
	flagDvs      = flag.String("dvs", "", "name of a distributed switch with vmnic1 of every host and two port groups for storage; empty: none")
	flagNasRoot  = flag.String("nas-root", "", "local directory standing in for all NFS servers: <nas-root>/<remoteHost>/<remotePath>")
	flagHook     = flag.String("hook", "", "command (split at blanks) run as CMD ARG… VERB on power and NFS events")
	flagHookTime = flag.Duration("hook-timeout", 120*time.Second, "how long a hook may take")
	flagCheck    = flag.Duration("nas-check", 5*time.Second, "pause between background checks of NFS mounts (with -hook; 0 = none)")
	flagTools    = flag.Bool("tools", false, "without a hook: guests run VMware Tools and shut down when asked, except those with guestinfo.deaf")
	flagHA       = flag.Bool("ha", false, "the cluster has vSphere HA switched on: hosts ignore autostart")
	flagRebind   = flag.Bool("rebind", false, "hosts report deviceRebindWithoutRebootSupported (ESXi 7+): passthrough active at once")
	flagFirstPci = flag.Int("first-pci-device", 0, "number N of the first pciPassthruN of a VM")
	flagDrs      = flag.Bool("drs", false, "the cluster's DRS is fully automated: it empties a host that enters maintenance mode")
	flagReboot   = flag.Duration("reboot-time", 2*time.Second, "how long a host reboot takes")
	flagTask     = flag.Duration("task-time", 200*time.Millisecond, "how long a RelocateVM or CloneVM task takes")
	flagLatency  = flag.Int("latency", 0, "artificial delay of each call in ms")
	flagMaxObj   = flag.Int("max-objects", 0, "server side page size of RetrievePropertiesEx (0 = unlimited)")
	flagStrict   = flag.Bool("strict", true, "refuse requests whose elements are unknown, missing or out of the schema's order")
	flagRecord   = flag.String("record", "", "write each request body to this directory as NNN-Method.xml")
	flagTrace    = flag.Bool("trace", false, "trace SOAP to stderr")
	flagEnvFile  = flag.String("env-file", "", "write GOVC_URL style environment to this file when ready")
	flagCert     = flag.String("cert-out", "", "write the PEM certificate to this file")
)

const apiVersion = "7.0.0"

func main() {
	flag.Parse()
	log.SetFlags(log.Lmicroseconds)
	t0 := time.Now()
	hookWords = strings.Fields(*flagHook)
	work, err := ioutil.TempDir("", "esxsim-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(work)
	if *flagNasRoot == "" {
		*flagNasRoot = work + "/nas"
	}
	if *flagRecord != "" {
		if err := os.MkdirAll(*flagRecord, 0755); err != nil {
			log.Fatal(err)
		}
	}
	m := model()
	about := &m.ServiceContent.About
	about.Version, about.ApiVersion = apiVersion, apiVersion+".0" // of the types in govmomi 0.24.2
	if err := m.Create(); err != nil {
		log.Fatal(err)
	}
	defer m.Remove()
	m.DelayConfig.Delay = *flagLatency // m.Service.delay points here
	simulator.GuestID = append(simulator.GuestID, "debian10Guest", "debian11_64Guest", "debian11Guest", "debian12_64Guest", "debian12Guest")
	extend()
	if *flagLab {
		furnish(work)
	}
	if *flagDvs != "" {
		distribute(*flagDvs)
	}

	f := newFront(m.Service)
	srv, err := serve(f, t0)
	if err != nil {
		log.Fatal(err)
	}
	if hooked() && *flagCheck > 0 {
		go watchMounts()
	}

	c := make(chan os.Signal, 1)
	signal.Notify(c, os.Interrupt, syscall.SIGTERM)
	<-c
	_ = srv.Close()
	endHooks()
}

func model() *simulator.Model {
	if *flagModel == "esx" {
		m := simulator.ESX()
		if *flagUser == "administrator@vsphere.local" {
			*flagUser = "root"
		}
		m.Machine, m.Datastore = *flagVMs, *flagDS
		return m
	}
	m := simulator.VPX()
	m.Datacenter = *flagDC
	m.ClusterHost = *flagHosts
	m.Host = *flagAlone
	m.Portgroup = 0 // no DVS: the tool uses standard switches
	m.Machine, m.Datastore = *flagVMs, *flagDS
	if *flagLab {
		m.Host, m.Machine, m.Datastore = 0, 0, 0
	}
	return m
}

// extend installs all the wrappers.
func extend() {
	installPropertyCollector()
	for k, h := range hostsInOrder() {
		if *flagLab {
			nameHost(h, k+1)
		}
		setVersion(h)
		installPci(h)
		installNet(h, k+1)
		installNas(h)
		installOptions(h)
		installStorage(h, k+1)
		installAutoStart(h)
	}
	withHA()
	browsers := map[types.ManagedObjectReference]bool{}
	for _, kind := range []string{"ComputeResource", "ClusterComputeResource"} {
		for _, e := range simulator.Map.All(kind) {
			installBrowser(e, browsers)
		}
	}
}
