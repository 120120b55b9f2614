#!/bin/bash
# Builds esxsim and tests it: the 67-call regression, then the lab's inventory, clones, hooks,
# storage facts, strictness, faults and counters. Needs bash, curl, openssl. Last line: "N passed, N failed".
set -u
HERE=$(cd "$(dirname "$0")" && pwd)
T=$(mktemp -d) || exit 1
PIDS=
trap 'for p in $PIDS; do kill $p 2>/dev/null; done; [ -f $T/h/guest.pid ] && kill $(cat $T/h/guest.pid) 2>/dev/null; rm -rf $T' EXIT
PASS=0; BAD=0; QUIET=1
ok() { # name command…
  local name=$1; shift
  if "$@"; then PASS=$((PASS+1)); else BAD=$((BAD+1)); echo "FAILED: $name"; printf '%s\n' "${R:-}" | cut -c1-1500; fi
}
is() { ok "$1 ('$2', wanted '$3')" [ "$2" = "$3" ]; }
has() { case $R in *"$1"*) true;; *) false;; esac; }
hasnt() { ! has "$1"; }
file_has() { grep -q -- "$2" "$1"; }
start() { # name flags… -> environment of the new simulator
  local name=$1; shift; S=$T/$name; mkdir -p $S
  $T/esxsim -env-file $S/env "$@" 2>$S/log & SIM=$!; PIDS="$PIDS $SIM"
  for i in $(seq 1 100); do [ -f $S/env ] && break; sleep 0.05; done
  . $S/env; BASE=${GOVC_URL%/sdk}; . "$HERE/soap-lib.sh"
}
ctl() { curl -sk "$BASE/esxsim/$1"; }
login() {
  call RetrieveServiceContent "$(M RetrieveServiceContent ServiceInstance ServiceInstance)"
  PC=$(val '<propertyCollector[^>]*>\K[^<]+'); SM=$(val '<sessionManager[^>]*>\K[^<]+'); ROOT=$(val '<rootFolder[^>]*>\K[^<]+'); VMGR=$(val '<viewManager[^>]*>\K[^<]+')
  call Login "$(M Login SessionManager $SM "<userName>$GOVC_USERNAME</userName><password>$GOVC_PASSWORD</password><locale>en</locale>")"
}
get() { call "get" "$(props "$@")"; }
all() { # type path… : one call for all objects of a type
  local t=$1; shift; local p=''; for x in "$@"; do p="$p<pathSet>$x</pathSet>"; done
  call CreateContainerView "$(M CreateContainerView ViewManager $VMGR "<container type=\"Folder\">$ROOT</container><type>$t</type><recursive>true</recursive>")"
  local v; v=$(val '<returnval[^>]*>\K[^<]+')
  call "all-$t" "$(M RetrievePropertiesEx PropertyCollector $PC "<specSet><propSet><type>$t</type>$p</propSet><objectSet><obj type=\"ContainerView\">$v</obj><skip>true</skip><selectSet xsi:type=\"TraversalSpec\"><name>v</name><type>ContainerView</type><path>view</path><skip>false</skip></selectSet></objectSet></specSet><options/>")"
}
ref() { printf '%s' "$R" | tr -d '\n' | sed 's/<objects>/\n<objects>/g' | grep -F "<name>name</name>" | grep -P ">$1</val>" | grep -oP '<obj type="[A-Za-z]+">\K[^<]+' | head -1; }
run() { call "$1" "$2"; [ "$CODE" = 200 ] || { STATE=fault; return; }; TASK=$(val '<returnval[^>]*>\K[^<]+'); waittask $TASK; get Task $TASK info.error info.result; RESULT=$(val '<name>info.result</name><val[^>]*>\K[^<]+'); }
one() { printf '%s' "$R" | tr -d '\n' | grep -oP "$1" | wc -l; }

(cd "$HERE" && GO111MODULE=off GOPATH=/usr/share/gocode GOPROXY=off go build ${ESXSIM_BUILD:-} -o $T/esxsim .) || { echo "0 passed, 1 failed"; exit 1; }

# --- regression ---------------------------------------------------------------------------
start plain -max-objects 2 -nas-root $T/nas
bash "$HERE/soap-test.sh" $S/env $T/samples $T/nas >$S/out; is "67-call regression" $? 0
R=$(ctl stats); ok "nothing refused" has '"refused":0'
kill $SIM; wait $SIM; is "SIGTERM ends it cleanly" $? 0

# --- the lab's inventory --------------------------------------------------------------------
mkdir $T/h; HOOK=$T/h
start lab -lab -host 3 -hook "$HERE/test-hook.sh $HOOK" -nas-check 300ms -reboot-time 300ms -task-time 50ms -record $T/rec -cert-out $T/cert.pem
is "SHA-256 thumbprint" "$VCSIM_THUMBPRINT_SHA256" "$(openssl x509 -in $T/cert.pem -noout -fingerprint -sha256 | sed 's/.*=//')"
login
is "login" "$CODE" 200
ok "cookie in quotes" grep -qi 'vmware_soap_session="' $S/02-Login.hdr.txt
all HostSystem name summary.config.name summary.config.product.apiVersion configManager.networkSystem configManager.datastoreSystem configManager.pciPassthruSystem datastore
is "three hosts" "$(one '<obj type="HostSystem">')" 3
H1=$(ref vh1); H2=$(ref vh2); HOSTS=$R
sys() { printf '%s' "$HOSTS" | tr -d '\n' | sed 's/<objects>/\n<objects>/g' | grep ">$1</obj>" | grep -oP "$2\">\K[^<]+" | head -1; }
ok "vh1 has its own datastore" [ -n "$(sys $H1 '"Datastore')" ]
all ComputeResource name; is "no host stands alone" "$(one '<obj type="ComputeResource">')" 0
all ClusterComputeResource name resourcePool; POOL=$(val 'ResourcePool">\K[^<]+')
all Datastore name summary.type summary.capacity host
is "a datastore per host" "$(one '<obj type="Datastore">')" 3
DS1=$(ref LocalDS_1); DS2=$(ref LocalDS_2); ok "VMFS" has '>VMFS<'
is "one host each" "$(one '<key type="HostSystem">')" 3
all VirtualMachine name config.template config.hardware.device config.hardware.memoryMB parent
is "only the template" "$(one '<obj type="VirtualMachine">')" 1
TPL=$(ref debian-zfs); FOLDER=$(val '<name>parent</name><val[^>]*>\K[^<]+')
ok "it is a template" has '<name>config.template</name><val xmlns:XMLSchema-instance="http://www.w3.org/2001/XMLSchema-instance" XMLSchema-instance:type="xsd:boolean">true<'
ok "256 MB" has '<capacityInBytes>268435456<'
ok "VMXNET3" has '"VirtualVmxnet3"'; ok "paravirtual" has '"ParaVirtualSCSIController"'
TMAC=$(val '<macAddress>\K[^<]+'); ok "assigned MAC" has '<macAddress>00:50:56:'
run PowerOn-template "$(M PowerOnVM_Task VirtualMachine $TPL)"; ok "a template does not start" has InvalidState

# --- network --------------------------------------------------------------------------------
NET2=$(sys $H2 HostNetworkSystem); DSS2=$(sys $H2 HostDatastoreSystem); PCI2=$(sys $H2 HostPciPassthruSystem)
get HostSystem $H2 config.network.pnic config.network.vnic config.network.vswitch
ok "free uplink" has '<pci>0000:05:00.1<'; ok "management address" has '<ipAddress>192.168.10.12<'
call AddVirtualSwitch "$(M AddVirtualSwitch HostNetworkSystem $NET2 '<vswitchName>eSAN</vswitchName><spec><numPorts>128</numPorts><bridge xsi:type="HostVirtualSwitchBondBridge"><nicDevice>vmnic1</nicDevice></bridge><mtu>9000</mtu></spec>')"; is "switch" $CODE 200
call AddVirtualSwitch-used "$(M AddVirtualSwitch HostNetworkSystem $NET2 '<vswitchName>other</vswitchName><spec><numPorts>128</numPorts><bridge xsi:type="HostVirtualSwitchBondBridge"><nicDevice>vmnic0</nicDevice></bridge></spec>')"; ok "uplink in use" has ResourceInUse

# --- clone ------------------------------------------------------------------------------------
DISK='<deviceChange xsi:type="VirtualDeviceConfigSpec"><operation>add</operation><fileOperation>create</fileOperation><device xsi:type="VirtualDisk"><key>-1</key><backing xsi:type="VirtualDiskFlatVer2BackingInfo"><fileName></fileName><diskMode>persistent</diskMode><thinProvisioned>true</thinProvisioned></backing><controllerKey>1000</controllerKey><unitNumber>1</unitNumber><capacityInKB>8388608</capacityInKB></device></deviceChange>'
NIC='<deviceChange xsi:type="VirtualDeviceConfigSpec"><operation>add</operation><device xsi:type="VirtualVmxnet3"><key>-2</key><backing xsi:type="VirtualEthernetCardNetworkBackingInfo"><deviceName>eSAN-VM</deviceName></backing></device></deviceChange>'
EXTRA='<extraConfig xsi:type="OptionValue"><key>guestinfo.hostname</key><value xsi:type="xsd:string">uss2</value></extraConfig>'
CLONE() { echo "<folder type=\"Folder\">$FOLDER</folder><name>$1</name><spec><location><datastore type=\"Datastore\">$DS2</datastore><pool type=\"ResourcePool\">$POOL</pool><host type=\"HostSystem\">$H2</host></location><template>false</template><config><numCPUs>2</numCPUs><memoryMB>1024</memoryMB>$2</config><powerOn>false</powerOn></spec>"; }
run Clone-no-pg "$(M CloneVM_Task VirtualMachine $TPL "$(CLONE uss2 "$DISK$NIC$EXTRA")")"
is "clone with an unknown port group" $STATE error; ok "says so" has InvalidDeviceBacking; ok "names it" has eSAN-VM
all VirtualMachine name; is "no half-made clone" "$(one '<obj type="VirtualMachine">')" 1
for pg in eSAN-Interface1 eSAN-VM; do call AddPortGroup "$(M AddPortGroup HostNetworkSystem $NET2 "<portgrp><name>$pg</name><vlanId>0</vlanId><vswitchName>eSAN</vswitchName><policy/></portgrp>")"; is "port group $pg" $CODE 200; done
call AddVirtualNic "$(M AddVirtualNic HostNetworkSystem $NET2 '<portgroup>eSAN-Interface1</portgroup><nic><ip><dhcp>false</dhcp><ipAddress>10.99.0.102</ipAddress><subnetMask>255.255.255.0</subnetMask></ip><mtu>9000</mtu></nic>')"; ok "vmk1" has '>vmk1<'
PT='<deviceChange xsi:type="VirtualDeviceConfigSpec"><operation>add</operation><device xsi:type="VirtualPCIPassthrough"><key>-9</key><backing xsi:type="VirtualPCIPassthroughDeviceBackingInfo"><deviceName></deviceName><id>0000:04:00.0</id><deviceId>5801</deviceId><systemId>SYSID</systemId><vendorId>6627</vendorId></backing></device></deviceChange>'
run Clone-passthrough "$(M CloneVM_Task VirtualMachine $TPL "$(CLONE uss2 "$PT")")"; ok "no passthrough in a clone" has '"InvalidDeviceSpec"'
run Clone "$(M CloneVM_Task VirtualMachine $TPL "$(CLONE uss2 "$DISK$NIC$EXTRA")")"; is "clone" $STATE success; VM=$RESULT
run Clone-again "$(M CloneVM_Task VirtualMachine $TPL "$(CLONE uss2 '')")"; ok "name taken" has DuplicateName
get VirtualMachine $VM name config.template config.uuid config.hardware runtime.host datastore resourcePool summary.config config.extraConfig
ok "on its host" has "\"HostSystem\">$H2<"; ok "in its datastore" has "\"Datastore\">$DS2<"; ok "memory" has '<memoryMB>1024<'; ok "cpus" has '<numCPU>2<'
for k in 1000 2000 2001 4000 4001; do ok "key $k" has "<key>$k<"; done
ok "system disk" has '<fileName>[LocalDS_2] uss2/uss2.vmdk<'; ok "data disk" has '<fileName>[LocalDS_2] uss2/uss2_1.vmdk<'; ok "8 GB" has '<capacityInBytes>8589934592<'
MACS=$(printf '%s' "$R" | grep -oP '<macAddress>\K00:50:56:[^<]+' | sort -u | wc -l); is "two own MACs" $MACS 2; ok "not the template's MAC" hasnt "$TMAC"
MAC2=$(printf '%s' "$R" | grep -oP '<macAddress>\K[^<]+' | sed -n 2p)
get VirtualMachine $TPL config.hardware.device; ok "the template keeps its disk" has '<fileName>[LocalDS_1] debian-zfs/debian-zfs.vmdk<'; ok "and its MAC" has "$TMAC"

# --- CreateVM and ReconfigVM --------------------------------------------------------------------
SPEC() { echo "<config><name>$1</name><guestId>debian12_64Guest</guestId><files><vmPathName>$2</vmPathName></files><numCPUs>1</numCPUs><memoryMB>512</memoryMB>$3</config><pool type=\"ResourcePool\">$POOL</pool><host type=\"HostSystem\">$H2</host>"; }
SCSI='<deviceChange xsi:type="VirtualDeviceConfigSpec"><operation>add</operation><device xsi:type="ParaVirtualSCSIController"><key>-5</key><busNumber>0</busNumber><sharedBus>noSharing</sharedBus></device></deviceChange>'
run CreateVM "$(M CreateVM_Task Folder $FOLDER "$(SPEC vm9 '[LocalDS_2]' "$SCSI${DISK/>1000</>-5<}$NIC")")"; is "create" $STATE success; VM9=$RESULT
get VirtualMachine $VM9 config.hardware.device; ok "disk on the new controller" has '<controllerKey>1000</controllerKey><unitNumber>1<'
run CreateVM-wrong-ds "$(M CreateVM_Task Folder $FOLDER "$(SPEC vm10 '[LocalDS_1]' '')")"; ok "datastore of another host" has InvalidDatastorePath
run CreateVM-passthrough "$(M CreateVM_Task Folder $FOLDER "$(SPEC vm10 '[LocalDS_2]' "$PT")")"; ok "no passthrough in CreateVM" has '"InvalidDeviceSpec"'
run Reconfig-same-unit "$(M ReconfigVM_Task VirtualMachine $VM9 "<spec>$DISK</spec>")"; ok "unit taken" has '"InvalidDeviceSpec"'
run Reconfig-nic "$(M ReconfigVM_Task VirtualMachine $VM9 "<spec>${NIC/eSAN-VM/VM Network}</spec>")"; is "NIC added" $STATE success
run Reconfig-vmk-pg "$(M ReconfigVM_Task VirtualMachine $VM9 "<spec>${NIC/eSAN-VM/eSAN-Interface1}</spec>")"; ok "no VM on a vmkernel port group" has InvalidDeviceBacking
run Reconfig-duplicate "$(M ReconfigVM_Task VirtualMachine $VM9 "<spec>$NIC$NIC</spec>")"; ok "same device key twice" has 'same device key'

get VirtualMachine $VM9 config.uuid; U9=$(val 'xsd:string">\K[^<]+')
run Destroy "$(M Destroy_Task VirtualMachine $VM9)"; is "destroy" $STATE success
run CreateVM-again "$(M CreateVM_Task Folder $FOLDER "$(SPEC vm9 '[LocalDS_2]' "$SCSI${DISK/>1000</>-5<}")")"; is "create again" $STATE success; VM9=$RESULT
get VirtualMachine $VM9 config.uuid config.hardware.device; ok "another uuid" hasnt "$U9"; ok "the same file name" has '<fileName>[LocalDS_2] vm9/vm9.vmdk<'

# --- passthrough and power ------------------------------------------------------------------------
call UpdatePassthruConfig "$(M UpdatePassthruConfig HostPciPassthruSystem $PCI2 '<config xsi:type="HostPciPassthruConfig"><id>0000:04:00.0</id><passthruEnabled>true</passthruEnabled></config><config xsi:type="HostPciPassthruConfig"><id>0000:02:00.0</id><passthruEnabled>true</passthruEnabled></config>')"; is "passthrough enabled" $CODE 200
STORAGE='config.storageDevice.hostBusAdapter config.storageDevice.scsiLun config.storageDevice.scsiTopology config.fileSystemVolume.mountInfo config.activeDiagnosticPartition configManager.bootDeviceSystem'
get HostSystem $H2 $STORAGE; for p in 0000:00:1f.2 0000:02:00.0 0000:03:00.0; do ok "adapter at $p" has "<pci>$p<"; done
ok "the DDRdrive has no adapter" hasnt "<pci>0000:04:00.0<"
EXTENT=$(val '<extent><diskName>\K[^<]+'); ok "VMFS extent is a disk" has "<canonicalName>$EXTENT<"; ok "VMFS of LocalDS_2" has '<name>LocalDS_2<'; ok "core dump on the boot disk" has '<diskName>t10.ATA_____SATADOM'
LUN=$(val "<key>\Kkey-vim.host.ScsiDisk-[^<]+"); ok "topology leads to the disk" has "<scsiLun>$LUN<"
BOOT=$(val 'HostBootDeviceSystem">\K[^<]+'); call QueryBootDevices "$(M QueryBootDevices HostBootDeviceSystem $BOOT)"; ok "boot device" has '<currentBootDeviceKey>t10.ATA'
run Reboot "$(M RebootHost_Task HostSystem $H2 '<force>true</force>')"
for i in $(seq 1 50); do get HostSystem $H2 runtime.connectionState summary.rebootRequired; has '>connected<' && has '>false<' && break; sleep 0.1; done
ok "rebooted" has '>connected<'
get HostSystem $H2 $STORAGE; ok "the LSI is gone" hasnt "<pci>0000:02:00.0<"; ok "with its VMFS" hasnt 'LocalDS_2'; ok "the boot disk is there" has "<pci>0000:00:1f.2<"
get Datastore $DS2 summary.accessible; ok "LocalDS_2 is not accessible" has '>false<'
call UpdatePassthruConfig-back "$(M UpdatePassthruConfig HostPciPassthruSystem $PCI2 '<config xsi:type="HostPciPassthruConfig"><id>0000:02:00.0</id><passthruEnabled>false</passthruEnabled></config>')"
run Reboot "$(M RebootHost_Task HostSystem $H2 '<force>true</force>')"; sleep 0.8
get Datastore $DS2 summary.accessible; ok "LocalDS_2 is back" has '>true<'
get VirtualMachine $VM environmentBrowser; EB=$(val 'EnvironmentBrowser">\K[^<]+')
call QueryConfigTarget "$(M QueryConfigTarget EnvironmentBrowser $EB "<host type=\"HostSystem\">$H2</host>")"; SYSID=$(val '<systemId>\K[^<]+')
run Reconfig-negative "$(M ReconfigVM_Task VirtualMachine $VM "<spec>$(echo "$PT" | sed "s/SYSID/$SYSID/;s/5801/-57f8/")</spec>")"; ok "device id that is no hex number" has InvalidDeviceBacking
get VirtualMachine $VM config.changeVersion; SEEN=$(val '<val[^>]*>\K[^<]+')
run Reconfig-pt "$(M ReconfigVM_Task VirtualMachine $VM "<spec>$(echo "$PT" | sed "s/SYSID/$SYSID/")<memoryReservationLockedToMax>true</memoryReservationLockedToMax></spec>")"; is "device attached" $STATE success
run Reconfig-late "$(M ReconfigVM_Task VirtualMachine $VM "<spec><changeVersion>$SEEN</changeVersion><annotation>late</annotation></spec>")"; ok "another's change is not overwritten" has '"ConcurrentAccess"'
MANY=$(for i in $(seq 101 116); do echo "$PT" | sed "s/<key>-9</<key>-$i</;s/SYSID/$SYSID/"; done)
run Reconfig-many "$(M ReconfigVM_Task VirtualMachine $VM "<spec>$MANY</spec>")"; ok "16 devices at most" has '"TooManyDevices"'
echo "no such image" >$HOOK/fail-power-on
run PowerOn-fails "$(M PowerOnVM_Task VirtualMachine $VM)"; ok "failing hook" has GenericVmConfigFault; ok "its last words" has '<localizedMessage>no such image<'
get VirtualMachine $VM runtime.powerState; ok "still off" has '>poweredOff<'
rm $HOOK/fail-power-on $HOOK/*.json
run PowerOn "$(M PowerOnVM_Task VirtualMachine $VM)"; is "power on" $STATE success
E=$HOOK/000-power-on.json
for w in '"vm":"uss2"' '"host":"vh2"' '"numCpu":2' '"memoryMB":1024' '"guestInfo":{"hostname":"uss2"}' '"network":"eSAN-VM"' "\"mac\":\"$MAC2\"" \
  '"key":2000,"file":"\[LocalDS_2\] uss2/uss2.vmdk","capacityBytes":268435456' '"key":2001,"file":"\[LocalDS_2\] uss2/uss2_1.vmdk","capacityBytes":8589934592' \
  '"passthrough":\[{"id":"0000:04:00.0","vendor":"19e3","device":"5801","name":"DDRdrive X1"}\]'; do ok "power-on event: $w" file_has $E "$w"; done
get VirtualMachine $VM guest.toolsRunningStatus guest.hostName guest.net; ok "tools" has '>guestToolsRunning<'; ok "host name" has '>from-hook<'; ok "guest NICs" has "<macAddress>$MAC2<"
run Reconfig-on "$(M ReconfigVM_Task VirtualMachine $VM "<spec>${DISK/<unitNumber>1/<unitNumber>2}</spec>")"; ok "nothing hot with passthrough" has InvalidPowerState
run Reconfig-mem "$(M ReconfigVM_Task VirtualMachine $VM "<spec><memoryMB>2048</memoryMB></spec>")"; ok "no memory hot plug" has MemoryHotPlugNotSupported
call ShutdownGuest "$(M ShutdownGuest VirtualMachine $VM)"; is "shutdown" $CODE 200
for i in $(seq 1 50); do get VirtualMachine $VM runtime.powerState; has '>poweredOff<' && break; sleep 0.1; done
ok "guest went down" has '>poweredOff<'; ok "shutdown event" file_has $HOOK/001-shutdown.json '"vm":"uss2"'
run PowerOn2 "$(M PowerOnVM_Task VirtualMachine $VM)"; run PowerOff "$(M PowerOffVM_Task VirtualMachine $VM)"; is "power off" $STATE success; ok "power-off event" [ -f $HOOK/003-power-off.json ]

# --- NFS --------------------------------------------------------------------------------------------
rm -f $HOOK/*.json
NAS='<spec><remoteHost>10.99.0.12</remoteHost><remotePath>/export/uss2-nas-vol0</remotePath><localPath>uss2-nas-vol0</localPath><accessMode>readWrite</accessMode><type>NFS</type></spec>'
echo "mount.nfs: access denied by server" >$HOOK/fail-nas-mount
call Nas-denied "$(M CreateNasDatastore HostDatastoreSystem $DSS2 "$NAS")"; ok "denied" has '"PlatformConfigFault"'; ok "useless text" has 'Unable to complete Sysinfo operation'; ok "the mount's words" has 'access denied by server'
rm $HOOK/fail-nas-mount $HOOK/*.json
call Nas "$(M CreateNasDatastore HostDatastoreSystem $DSS2 "$NAS")"; is "mounted" $CODE 200; NFS=$(val '<returnval[^>]*>\K[^<]+')
ok "nas-mount event" file_has $HOOK/000-nas-mount.json '{"host":"vh2","address":"10.99.0.102","netmask":"255.255.255.0","mtu":9000,"remoteHost":"10.99.0.12","remotePath":"/export/uss2-nas-vol0","type":"NFS","name":"uss2-nas-vol0"}'
call Nas-other "$(M CreateNasDatastore HostDatastoreSystem $(sys $H1 HostDatastoreSystem) "$NAS")"; ok "second host uses its management port" file_has $HOOK/001-nas-mount.json '"address":"192.168.10.11"'
get Datastore "$NFS" host summary; ok "accessible" has '<accessible>true<'; ok "size from the hook" has '<capacity>8000000000<'
echo dead >$HOOK/fail-nas-check
for i in $(seq 1 60); do get Datastore "$NFS" host summary.accessible; hasnt '<accessible>true<' && break; sleep 0.1; done
ok "seen dead in the background" hasnt '<accessible>true<'
rm $HOOK/fail-nas-check; call Refresh "$(M RefreshDatastore Datastore "$NFS")"; is "refresh" $CODE 200
get Datastore "$NFS" host; is "alive on both hosts" "$(one '<accessible>true<')" 2
ctl "heartbeat?name=uss2-nas-vol0"; call Unmount-HA "$(M RemoveDatastore HostDatastoreSystem $DSS2 "<datastore type=\"Datastore\">$NFS</datastore>")"; ok "not while HA uses it" has ResourceInUse
all ClusterComputeResource name; call Das "$(M RetrieveDasAdvancedRuntimeInfo ClusterComputeResource $(ref DC0_C0))"; ok "HA says so" has "<datastore type=\"Datastore\">$NFS<"; ctl heartbeat
call Unmount "$(M RemoveDatastore HostDatastoreSystem $DSS2 "<datastore type=\"Datastore\">$NFS</datastore>")"; is "unmounted" $CODE 200; ok "nas-unmount event" file_has $HOOK/002-nas-unmount.json '"name":"uss2-nas-vol0"'

# --- limits of NFS ------------------------------------------------------------------------------------
get HostSystem $H2 configManager.advancedOption; OPT=$(val 'OptionManager">\K[^<]+')
call Query "$(M QueryOptions OptionManager $OPT '<name>NFS.MaxVolumes</name>')"; ok "eight volumes" has 'xsd:long">8<'
call Query-none "$(M QueryOptions OptionManager $OPT '<name>NFS.Max</name>')"; ok "a setting has its whole name" has InvalidName
many() { call Nas-$1 "$(M CreateNasDatastore HostDatastoreSystem $DSS2 "${NAS//uss2-nas-vol0/x$1}")"; }
for i in 1 2 3 4 5 6 7 8; do many $i; is "volume $i" $CODE 200; done; many 9; ok "no ninth" has '"NasConnectionLimitReached"'; ok "in words" has 'maximum number of supported volumes'
SET() { M UpdateOptions OptionManager $OPT "<changedValue xsi:type=\"OptionValue\"><key>NFS.MaxVolumes</key><value xsi:type=\"xsd:$1\">$2</value></changedValue>"; }
call Set-int "$(SET int 16)"; ok "a setting keeps its type" has InvalidArgument; call Set-large "$(SET long 257)"; ok "and its range" has InvalidArgument
call Set "$(SET long 16)"; is "raised" $CODE 200; many 9; is "a ninth" $CODE 200
get HostSystem $H1 configManager.advancedOption; call Query-other "$(M QueryOptions OptionManager $(val 'OptionManager">\K[^<]+') '<name>NFS.MaxVolumes</name>')"; ok "of this host alone" has 'xsd:long">8<'

# --- changes of networks ------------------------------------------------------------------------------
NETV() { call $1 "$(M $1 HostNetworkSystem $NET2 "$2")"; }
BOND() { echo "<vswitchName>eSAN</vswitchName><spec><numPorts>128</numPorts>$1<mtu>$2</mtu></spec>"; }; NIC1='<bridge xsi:type="HostVirtualSwitchBondBridge"><nicDevice>vmnic1</nicDevice></bridge>'
NETV UpdateVirtualSwitch "$(BOND "${NIC1/vmnic1/vmnic0}" 9000)"; ok "uplink of another switch" has ResourceInUse
NETV UpdateVirtualSwitch "$(BOND "$NIC1" 9001)"; ok "no such MTU" has InvalidArgument
NETV UpdateVirtualSwitch "$(BOND "$NIC1<policy><nicTeaming><nicOrder><activeNic>vmnic3</activeNic></nicOrder></nicTeaming></policy>" 9000)"; ok "an order of adapters that it lacks" has InvalidArgument
NETV UpdateVirtualSwitch "$(BOND '' 1500)"; is "switch changed" $CODE 200; get HostSystem $H2 config.network.vswitch; ok "without a bridge no uplink" hasnt 'PhysicalNic-vmnic1'
NETV UpdateVirtualSwitch "$(BOND "$NIC1" 9000)"; is "and back" $CODE 200
NETV UpdatePortGroup '<pgName>eSAN-VM</pgName><portgrp><name>eSAN-VM</name><vlanId>7</vlanId><vswitchName>eSAN</vswitchName><policy/></portgrp>'; is "VLAN" $CODE 200
NETV UpdatePortGroup '<pgName>none</pgName><portgrp><name>none</name><vlanId>7</vlanId><vswitchName>eSAN</vswitchName><policy/></portgrp>'; ok "no such port group" has NotFound
NETV UpdateVirtualNic '<device>vmk1</device><nic><ip><dhcp>false</dhcp><ipAddress>192.168.10.12</ipAddress><subnetMask>255.255.255.0</subnetMask></ip></nic>'; ok "address of another port" has HostConfigFault
NETV UpdateVirtualNic '<device>vmk1</device><nic><mtu>1500</mtu></nic>'; is "MTU alone" $CODE 200; get HostSystem $H2 config.network.vnic; ok "the address stays" has '<ipAddress>10.99.0.102<'
NETV UpdateVirtualNic '<device>vmk9</device><nic><mtu>1500</mtu></nic>'; ok "no such port" has NotFound
NETV RemoveVirtualNic '<device>vmk0</device>'; ok "management is not given up" has 'used for management'
NETV RemovePortGroup '<pgName>eSAN-Interface1</pgName>'; ok "a port is on it" has ResourceInUse
NETV RemoveVirtualSwitch '<vswitchName>eSAN</vswitchName>'; ok "and on its switch" has ResourceInUse
NETV AddVirtualSwitch '<vswitchName>a-name-of-thirty-two-characters-x</vswitchName>'; ok "name too long" has InvalidArgument

# --- strict requests ----------------------------------------------------------------------------------
call Order "$(M CreateNasDatastore HostDatastoreSystem $DSS2 '<spec><remotePath>/x</remotePath><remoteHost>h</remoteHost><localPath>x</localPath><accessMode>readWrite</accessMode></spec>')"; ok "order" has InvalidRequest
ok "names the element" has 'remoteHost'
call Order2 "$(M ReconfigVM_Task VirtualMachine $VM9 '<spec><memoryMB>700</memoryMB><numCPUs>1</numCPUs></spec>')"; ok "order in a spec" has InvalidRequest
call Order3 "$(M ReconfigVM_Task VirtualMachine $VM9 '<spec><deviceChange xsi:type="VirtualDeviceConfigSpec"><operation>add</operation><device xsi:type="VirtualVmxnet3"><backing xsi:type="VirtualEthernetCardNetworkBackingInfo"><deviceName>VM Network</deviceName></backing><key>-2</key></device></deviceChange></spec>')"; ok "order in a device" has InvalidRequest
call Unknown "$(M UpdatePassthruConfig HostPciPassthruSystem $PCI2 '<config xsi:type="HostPciPassthruConfig"><id>0000:04:00.0</id><passthroughEnabled>true</passthroughEnabled></config>')"; ok "unknown element" has InvalidRequest
call Missing "$(M AddPortGroup HostNetworkSystem $NET2 '<portgrp><name>a</name><vlanId>0</vlanId><vswitchName>eSAN</vswitchName></portgrp>')"; ok "missing element" has 'Required property policy'
call Bool "$(M RebootHost_Task HostSystem $H1 '<force>True</force>')"; ok "boolean" has InvalidRequest
call XsiType "$(M AddVirtualSwitch HostNetworkSystem $NET2 '<vswitchName>z</vswitchName><spec><numPorts>8</numPorts><bridge xsi:type="HostNasVolumeSpec"/></spec>')"; ok "wrong xsi:type" has 'cannot stand for'

# --- counters, faults, sessions -------------------------------------------------------------------------
ctl reset; all HostSystem name $STORAGE; R=$(ctl stats); ok "reads change nothing" has '"changing":0'; ok "one property read" has '"RetrievePropertiesEx":1'
ctl "fault?method=RefreshDatastore&fault=HostConfigFault&text=as%20told&count=1"
call Fault "$(M RefreshDatastore Datastore "$NFS")"; ok "fault" has 'as told'; call Fault "$(M RefreshDatastore Datastore "$NFS")"; is "only once" $CODE 200
ctl "fault?method=RefreshDatastore&fault=503&after=1"; call F "$(M RefreshDatastore Datastore "$NFS")"; is "not the first" $CODE 200; call F "$(M RefreshDatastore Datastore "$NFS")"; is "503" $CODE 503
ctl "fault?method=AddPortGroup&fault=DROP&this=$NET2"; PG() { M AddPortGroup HostNetworkSystem $NET2 "<portgrp><name>$1</name><vlanId>0</vlanId><vswitchName>eSAN</vswitchName><policy/></portgrp>"; }
call Drop "$(PG d1)"; is "dropped" $CODE 000; call Again "$(PG d1)"; is "nothing was done" $CODE 200
ctl "fault?method=AddPortGroup&fault=DROP-AFTER"; call Drop "$(PG d2)"; is "answer lost" $CODE 000; call Again "$(PG d2)"; ok "but done" has AlreadyExists
ctl "fault?method=CurrentTime&fault=HANG"; printf '%s' "$ENV1$(M CurrentTime ServiceInstance ServiceInstance)$ENV2" >$T/req; curl -sk -m 1 -b $JAR --data-binary @$T/req $GOVC_URL >/dev/null; is "hangs" $? 28
ctl "fault?method=CurrentTime&fault=REDIRECT&text=http://other/sdk"; call CurrentTime "$(M CurrentTime ServiceInstance ServiceInstance)"; is "redirect" $CODE 301
ctl "away?ms=60000"; call CurrentTime "$(M CurrentTime ServiceInstance ServiceInstance)"; is "away" $CODE 503; ctl "away?ms=0"; call CurrentTime "$(M CurrentTime ServiceInstance ServiceInstance)"; is "back" $CODE 200
NEW=$(ctl certificate); is "another certificate" "$(openssl s_client -connect ${BASE#https://} </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256 | sed 's/.*=//')" "$NEW"; ok "not the old one" [ "$NEW" != "$VCSIM_THUMBPRINT_SHA256" ]
ctl "fault?method=CurrentTime&delay=700"; t=$(date +%s%N); call CurrentTime "$(M CurrentTime ServiceInstance ServiceInstance)"; ok "delayed" [ $((($(date +%s%N) - t) / 1000000)) -ge 700 ]; is "and answered" $CODE 200
R=$(ctl stats); ok "changing calls counted" has '"changingCalls":{"AddPortGroup":4}'
ctl expire >/dev/null; get Datastore "$NFS" name; ok "expired" has NotAuthenticated; is "expired is a fault" $CODE 500
login; is "new login" $CODE 200
ok "requests recorded" [ -n "$(ls $T/rec/*-CloneVM_Task.xml)" ]
kill $SIM; wait $SIM; is "SIGTERM with hooks" $? 0

# --- own property collectors, compression, version ---
start pc -lab -host 5 -template ''; login
ok "schema version" file_has $S/01-RetrieveServiceContent.res.xml '<apiVersion>7.0.0.0<'
call CreatePropertyCollector "$(M CreatePropertyCollector PropertyCollector $PC)"; MINE=$(val '<returnval[^>]*>\K[^<]+')
call CreateContainerView "$(M CreateContainerView ViewManager $VMGR "<container type=\"Folder\">$ROOT</container><type>HostSystem</type><recursive>true</recursive>")"; V=$(val '<returnval[^>]*>\K[^<]+')
call Page "$(M RetrievePropertiesEx PropertyCollector "$MINE" "<specSet><propSet><type>HostSystem</type><pathSet>name</pathSet></propSet><objectSet><obj type=\"ContainerView\">$V</obj><skip>true</skip><selectSet xsi:type=\"TraversalSpec\"><name>v</name><type>ContainerView</type><path>view</path><skip>false</skip></selectSet></objectSet></specSet><options><maxObjects>3</maxObjects></options>")"
is "a page" "$(one '<obj type="HostSystem">')" 3; TOKEN=$(val '<token>\K[^<]+')
call Continue "$(M ContinueRetrievePropertiesEx PropertyCollector "$MINE" "<token>$TOKEN</token>")"; is "the rest" "$(one '<obj type="HostSystem">')" 2
call Destroy "$(M DestroyPropertyCollector PropertyCollector "$MINE")"; is "destroyed" $CODE 200
printf '%s' "$ENV1$(props HostSystem host-17 config hardware)$ENV2" >$T/req
PLAIN=$(curl -sk -b $JAR --data-binary @$T/req $GOVC_URL | wc -c); ZIP=$(curl -sk -b $JAR -H 'Accept-Encoding: gzip' --data-binary @$T/req $GOVC_URL | wc -c); ok "gzip is smaller ($ZIP of $PLAIN)" [ $ZIP -lt $((PLAIN / 2)) ]
is "and unpacks" "$(curl -sk --compressed -b $JAR --data-binary @$T/req $GOVC_URL | wc -c)" $PLAIN
kill $SIM; wait $SIM

# --- start order, inaccessible VMs, Tools ---
. "$HERE/autostart-test.sh"

# --- a distributed switch -------------------------------------------------------------------------
start dvs -lab -host 2 -dvs dvs-1; login
all DistributedVirtualPortgroup name key config.uplink; is "two port groups and that of the uplinks" "$(one '<obj type="DistributedVirtualPortgroup">')" 3; KEY=$(ref dv-eSAN-Interface1)
all HostSystem name config.network.proxySwitch configManager.networkSystem; HOSTS=$R; UUID=$(val '<dvsUuid>\K[^<]+'); NET1=$(sys $(ref vh1) HostNetworkSystem)
VNIC() { M AddVirtualNic HostNetworkSystem $NET1 "<portgroup>$1</portgroup><nic><ip><dhcp>false</dhcp><ipAddress>10.99.0.101</ipAddress><subnetMask>255.255.255.0</subnetMask></ip><distributedVirtualPort><switchUuid>$2</switchUuid><portgroupKey>$3</portgroupKey></distributedVirtualPort></nic>"; }
call Both "$(VNIC 'VM Network' $UUID $KEY)"; ok "one port group only" has InvalidArgument; call Other "$(VNIC '' 00 $KEY)"; ok "another switch" has NotFound; call NoGroup "$(VNIC '' $UUID dvportgroup-0)"; ok "no such group" has InvalidArgument
call Port "$(VNIC '' $UUID $KEY)"; ok "vmk1" has '>vmk1<'
call Used "$(M AddVirtualSwitch HostNetworkSystem $NET1 '<vswitchName>other</vswitchName><spec><numPorts>128</numPorts><bridge xsi:type="HostVirtualSwitchBondBridge"><nicDevice>vmnic1</nicDevice></bridge></spec>')"; ok "its uplink is in use" has ResourceInUse
kill $SIM; wait $SIM

# --- relocations ---
. "$HERE/relocate-test.sh"

# --- lost hosts ---
. "$HERE/lost-test.sh"

# --- size ------------------------------------------------------------------------------------------------
start big -lab -host 64 -hook /bin/true -nas-check 0; login; ctl reset; t=$(date +%s%N); all HostSystem name hardware.pciDevice config.pciPassthruInfo config.network.vnic $STORAGE; ms=$((($(date +%s%N) - t) / 1000000))
is "64 hosts" "$(one '<obj type="HostSystem">')" 64; R=$(ctl stats); ok "in one property read" has '"RetrievePropertiesEx":1'; echo "64 hosts with storage facts: $ms ms"
all HostSystem configManager.datastoreSystem
printf '%s' "$R" | grep -oP 'HostDatastoreSystem">\K[^<]+' | sort >$T/dss
mount_one() { curl -sk -b $JAR --data-binary "$ENV1$(M CreateNasDatastore HostDatastoreSystem $1 "$NAS")$ENV2" $GOVC_URL | grep -oP '<returnval[^>]*>\K[^<]+'; }
t=$(date +%s%N); W=; for d in $(cat $T/dss); do mount_one $d >$T/m.$d & W="$W $!"; [ $(echo $W | wc -w) -ge 16 ] && { wait $W; W=; }; done; [ -z "$W" ] || wait $W; ms=$((($(date +%s%N) - t) / 1000000))
is "64 mounts, one datastore" "$(cat $T/m.* | sort | uniq -c | sed 's/^ *//')" "64 10.99.0.12:/export/uss2-nas-vol0@$(cat $T/m.* | head -1 | sed 's/.*@//')"
get Datastore "$(cat $T/m.* | head -1)" host; is "accessible from 64 hosts" "$(one '<accessible>true<')" 64; echo "64 mounts, 16 at a time: $ms ms"
kill $SIM; wait $SIM
echo "$PASS passed, $BAD failed"
[ $BAD = 0 ]
