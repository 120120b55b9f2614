# Lost hosts, and configurations that are registered: sourced by test.sh.
mkdir -p $T/nas4/10.0.0.1/a/app
printf 'displayName = "the app"\nuuid.bios = "56 4d 12 34 00 00 00 00-00 00 00 00 00 00 00 01"\nmemSize = "64"\nethernet0.present = "TRUE"\nethernet0.networkName = "VM Network"\n' >$T/nas4/10.0.0.1/a/app/app.vmx
start lost -lab -host 2 -nas-root $T/nas4; login
all HostSystem name configManager.datastoreSystem; HOSTS=$R; H1=$(ref vh1); H2=$(ref vh2)
all ClusterComputeResource resourcePool; POOL=$(val 'ResourcePool">\K[^<]+'); all VirtualMachine name parent; FOLDER=$(val '<name>parent</name><val[^>]*>\K[^<]+')
mnt() { call Nas-$1 "$(M CreateNasDatastore HostDatastoreSystem $(sys $1 HostDatastoreSystem) "<spec><remoteHost>10.0.0.1</remoteHost><remotePath>/a</remotePath><localPath>a</localPath><accessMode>readWrite</accessMode></spec>")"; DS=$(val '<returnval[^>]*>\K[^<]+'); }
mnt $H1; mnt $H2
REG() { M RegisterVM_Task Folder $FOLDER "<path>[a] app/$1</path>${2:+<name>$2</name>}<asTemplate>false</asTemplate><pool type=\"ResourcePool\">$POOL</pool><host type=\"HostSystem\">$H1</host>"; }
run Register-none "$(REG none.vmx)"; is "no such file" $STATE error
run Register "$(REG app.vmx)"; VM=$RESULT; is "registered" $STATE success
get VirtualMachine $VM name config.uuid config.hardware.device; ok "its name is the file's" has '>the app<'; ok "its uuid, too" has '564d1234-0000-0000-0000-000000000001'; ok "its adapter" has '<deviceName>VM Network<'
run Register-twice "$(REG app.vmx other)"; ok "one file is one VM" has AlreadyExists
mkdir $T/nas4/10.0.0.1/a/two; cp $T/nas4/10.0.0.1/a/app/app.vmx $T/nas4/10.0.0.1/a/two/; run Register-name "$(REG ../two/app.vmx)"; ok "one name is one VM" has DuplicateName
call PowerOn "$(M PowerOnVM_Task VirtualMachine $VM)"; TASK=$(val '<returnval[^>]*>\K[^<]+')
for i in $(seq 1 50); do get VirtualMachine $VM runtime.question; has msg.uuid.altered && break; sleep 0.05; done; ok "moved or copied" has msg.uuid.altered; Q=$(val '<id>\K_vmx[^<]+')
call Answer "$(M AnswerVM VirtualMachine $VM "<questionId>$Q</questionId><answerChoice>1</answerChoice>")"; waittask $TASK; is "on when it is answered" $STATE success

ctl "lose?host=vh1"
get HostSystem $H1 runtime.connectionState; ok "the host is away" has '>notResponding<'; get VirtualMachine $VM runtime.connectionState runtime.powerState; ok "its VM is disconnected" has '>disconnected<'; ok "and on, as far as is known" has '>poweredOn<'
call Unregister "$(M UnregisterVM VirtualMachine $VM)"; ok "its VM stays" has HostNotConnected
run Rename "$(M Rename_Task Datastore "$DS" '<newName>b</newName>')"; ok "its datastore keeps its name" has HostNotConnected
call Unmount "$(M RemoveDatastore HostDatastoreSystem $(sys $H1 HostDatastoreSystem) "<datastore type=\"Datastore\">$DS</datastore>")"; ok "and stays mounted there" has HostNotConnected
ctl "lose?host=vh1&back=1"
get VirtualMachine $VM runtime.connectionState runtime.powerState; ok "nothing runs on a host that comes back" has '>poweredOff<'; ok "its VM is connected" has '>connected<'
call Unregister2 "$(M UnregisterVM VirtualMachine $VM)"; is "it can be taken off" $CODE 200; run Rename2 "$(M Rename_Task Datastore "$DS" '<newName>b</newName>')"; is "and the datastore renamed" $STATE success
kill $SIM; wait $SIM
