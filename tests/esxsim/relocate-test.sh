# Relocations, cancelled and failing tasks, maintenance mode: sourced by test.sh.
mkdir -p $T/nas2/10.0.0.1/a $T/nas2/10.0.0.2/b
start relocate -lab -host 3 -nas-root $T/nas2 -task-time 200ms -drs; login
all HostSystem name configManager.datastoreSystem; HOSTS=$R; H1=$(ref vh1); H2=$(ref vh2); H3=$(ref vh3)
all ClusterComputeResource resourcePool configurationEx; POOL=$(val 'ResourcePool">\K[^<]+'); ok "DRS as told" has '<defaultVmBehavior>fullyAutomated<'
all VirtualMachine name parent; TPL=$(ref debian-zfs); FOLDER=$(val '<name>parent</name><val[^>]*>\K[^<]+')
mnt() { call Nas-$1-$2 "$(M CreateNasDatastore HostDatastoreSystem $(sys $3 HostDatastoreSystem) "<spec><remoteHost>$2</remoteHost><remotePath>/$1</remotePath><localPath>$1</localPath><accessMode>readWrite</accessMode><type>NFS</type></spec>")"; DS=$(val '<returnval[^>]*>\K[^<]+'); }
for h in $H1 $H2; do mnt a 10.0.0.1 $h; A=$DS; done; mnt b 10.0.0.2 $H1; B=$DS
MOVE() { M RelocateVM_Task VirtualMachine $VM "<spec>$1</spec><priority>defaultPriority</priority>"; }
STORE() { echo "<datastore type=\"Datastore\">$1</datastore>"; }
HOST() { echo "<host type=\"HostSystem\">$1</host>"; }
run CreateVM "$(M CreateVM_Task Folder $FOLDER "<config><name>app</name><guestId>debian12_64Guest</guestId><files><vmPathName>[a]</vmPathName></files><numCPUs>1</numCPUs><memoryMB>64</memoryMB>$SCSI${DISK/>1000</>-5<}</config><pool type=\"ResourcePool\">$POOL</pool><host type=\"HostSystem\">$H1</host>")"; VM=$RESULT; is "a VM on the share" $STATE success
run PowerOn "$(M PowerOnVM_Task VirtualMachine $VM)"; echo kept >$T/nas2/10.0.0.1/a/app/kept
run Note "$(M ReconfigVM_Task VirtualMachine $VM '<spec><extraConfig xsi:type="OptionValue"><key>zfsesx.home</key><value xsi:type="xsd:string">here</value></extraConfig></spec>')"; is "extraConfig while it runs" $STATE success
get VirtualMachine $VM 'config.extraConfig["zfsesx.home"]' name; ok "one option by its key" has '<key>zfsesx.home</key><value'; ok "under that path" has '<name>config.extraConfig[&#34;zfsesx.home&#34;]</name>'

run Move-host "$(MOVE "$(HOST $H3)")"; ok "a host without the datastore" has '"DatastoreNotWritableOnHost"'
mkdir $T/nas2/10.0.0.2/b/app; run Move-name "$(MOVE "$(STORE $B)")"; ok "a folder in the way" has '"FileAlreadyExists"'; rmdir $T/nas2/10.0.0.2/b/app
run Move "$(MOVE "$(STORE $B)")"; is "to the other share" $STATE success
is "its files went along" "$(cat $T/nas2/10.0.0.2/b/app/kept)" kept; ok "and left nothing" [ ! -e $T/nas2/10.0.0.1/a/app ]
get VirtualMachine $VM datastore config.files config.hardware.device recentTask; ok "its path" has '<vmPathName>[b] app/app.vmx<'; ok "its disk" has '<fileName>[b] app/'; ok "its datastore" hasnt ">$A<"; ok "its tasks" has '"Task">'
get Datastore "$A" vm; ok "not of the old one" hasnt "\"VirtualMachine\">$VM<"; get Datastore "$B" vm; ok "but of the new one" has "\"VirtualMachine\">$VM<"
run Move-disk "$(MOVE "<disk><diskId>2001</diskId>$(STORE $A)</disk>")"; is "one disk" $STATE success
get VirtualMachine $VM config.files config.hardware.device datastore; ok "the disk is elsewhere" has '<fileName>[a] app/'; ok "the rest is not" has '<vmPathName>[b] app/app.vmx<'; is "two datastores" "$(one '"Datastore">[^<]*</ManagedObjectReference')" 2
run Move-back "$(MOVE "$(STORE $A)$(HOST $H2)")"; is "datastore and host" $STATE success; get VirtualMachine $VM runtime.host; ok "on vh2" has ">$H2<"
run Move-template "$(VM=$TPL; MOVE "$(STORE $A)")"; ok "no template" has '"NotSupported"'
call Order "$(MOVE "$(HOST $H1)$(STORE $A)")"; ok "order in a relocation" has InvalidRequest

ctl "taskfault?task=relocate&this=$VM&fault=FileFault&text=went%20away"; run Move-fails "$(MOVE "$(HOST $H1)")"; is "it fails half-way" $STATE error; ok "as told" has 'went away'
ctl "taskfault?task=relocate&hold=1"; call Move-held "$(MOVE "$(HOST $H1)")"; TASK=$(val '<returnval[^>]*>\K[^<]+')
call Move-twice "$(MOVE "$(HOST $H1)")"; ok "one move at a time" has '"TaskInProgress"'
call Reconfig-moving "$(M ReconfigVM_Task VirtualMachine $VM '<spec><annotation>x</annotation></spec>')"; ok "and no change meanwhile" has '"TaskInProgress"'
call Cancel "$(M CancelTask Task $TASK)"; is "cancelled" $CODE 200; waittask $TASK; get Task $TASK info.error; ok "by a user" has '"RequestCanceled"'; ctl reset # it may have been cancelled before it was held
get VirtualMachine $VM runtime.host; ok "still on vh2" has ">$H2<"
run Maintenance "$(M EnterMaintenanceMode_Task HostSystem $H2 '<timeout>20</timeout><evacuatePoweredOffVms>false</evacuatePoweredOffVms>')"; is "DRS empties the host" $STATE success
get VirtualMachine $VM runtime.host; ok "it went to a host that has the share" has ">$H1<"
run Move-maintenance "$(MOVE "$(HOST $H2)")"; ok "no VM for a host in maintenance" has '"InvalidHostState"'
kill $SIM; wait $SIM
