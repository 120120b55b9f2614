# Start orders, inaccessible VMs, guests with Tools: sourced by test.sh.
mkdir -p $T/nas2/10.99.0.11/export/v
start order -lab -host 2 -ha -tools -nas-root $T/nas2 -reboot-time 200ms -task-time 20ms; login
all HostSystem name configManager.autoStartManager configManager.datastoreSystem; H1=$(ref vh1); H2=$(ref vh2); HOSTS=$R; AS=$(sys $H1 HostAutoStartManager); ok "a manager" [ -n "$AS" ]
all ClusterComputeResource name resourcePool configuration.dasConfig.enabled; POOL=$(val 'ResourcePool">\K[^<]+'); ok "HA is on" has '>true<'
all VirtualMachine name parent; TPL=$(ref debian-zfs); FOLDER=$(val '<name>parent</name><val[^>]*>\K[^<]+')
call Nas "$(M CreateNasDatastore HostDatastoreSystem $(sys $H1 HostDatastoreSystem) '<spec><remoteHost>10.99.0.11</remoteHost><remotePath>/export/v</remotePath><localPath>v</localPath><accessMode>readWrite</accessMode></spec>')"; NFS=$(val '<returnval[^>]*>\K[^<]+')
COPY() { echo "<folder type=\"Folder\">$FOLDER</folder><name>$1</name><spec><location><datastore type=\"Datastore\">$NFS</datastore><pool type=\"ResourcePool\">$POOL</pool><host type=\"HostSystem\">$H1</host></location><template>false</template><powerOn>false</powerOn></spec>"; }
run Clone-a "$(M CloneVM_Task VirtualMachine $TPL "$(COPY a)")"; A=$RESULT; run Clone-b "$(M CloneVM_Task VirtualMachine $TPL "$(COPY b)")"; B=$RESULT
run Clone-slash "$(M CloneVM_Task VirtualMachine $TPL "$(COPY c/d)")"; ok "a slash is escaped or refused" has InvalidName
INFO() { echo "<powerInfo><key type=\"VirtualMachine\">$1</key><startOrder>$2</startOrder><startDelay>${4:--1}</startDelay><waitForHeartbeat>systemDefault</waitForHeartbeat><startAction>${3:-powerOn}</startAction><stopDelay>-1</stopDelay><stopAction>${5:-systemDefault}</stopAction></powerInfo>"; }
SETAS() { call Autostart "$(M ReconfigureAutostart HostAutoStartManager $AS "<spec>$1</spec>")"; }
SETAS "$(INFO $A 2)"; ok "a gap" has 'startOrder'; SETAS "$(INFO $A 1)$(INFO $B 1)"; ok "twice" has 'startOrder'; SETAS "$(INFO $TPL 1)"; ok "a template" has 'key'; SETAS "$(INFO $A 1 start)"; ok "unknown action" has 'startAction'
SETAS "<defaults><enabled>true</enabled></defaults>$(INFO $A 1)$(INFO $B 2)"; is "an order" $CODE 200
SETAS "$(INFO $A 2)$(INFO $B 1)"; is "another" $CODE 200; get HostAutoStartManager $AS config; is "of two" "$(one '<powerInfo>')" 2; ok "b is first" has "$B</key><startOrder>1<"
SETAS "$(INFO $B 1 none -1 none)"; ok "a gap is left" has 'startOrder'; SETAS "$(INFO $A 1)$(INFO $B 1 none -1 none)"; is "b is out" $CODE 200
get HostSystem $H1 config.autoStart; is "the host shows it" "$(one '<powerInfo>')" 1
call ShutdownGuest-off "$(M ShutdownGuest VirtualMachine $A)"; ok "no guest to shut down" has InvalidPowerState
run PowerOn-a "$(M PowerOnVM_Task VirtualMachine $A)"; get VirtualMachine $A guest.toolsRunningStatus; ok "Tools run" has '>guestToolsRunning<'
mv $T/nas2/10.99.0.11/export/v $T/nas2/away; call Refresh "$(M RefreshDatastore Datastore "$NFS")"
get VirtualMachine $B runtime.connectionState; ok "b is inaccessible" has '>inaccessible<'; get VirtualMachine $A runtime.connectionState; ok "a runs" has '>connected<'
run PowerOn-b "$(M PowerOnVM_Task VirtualMachine $B)"; ok "b does not start" has InvalidState; call Reload "$(M Reload VirtualMachine $B)"; get VirtualMachine $B runtime.connectionState; ok "still away" has '>inaccessible<'
mv $T/nas2/away $T/nas2/10.99.0.11/export/v; call Refresh "$(M RefreshDatastore Datastore "$NFS")"; get VirtualMachine $B runtime.connectionState; ok "not by itself" has '>inaccessible<'
run FromPath-wrong "$(M reloadVirtualMachineFromPath_Task VirtualMachine $B '<configurationPath>[v] b/c.vmx</configurationPath>')"; ok "no such file" has FileNotFound
run FromPath "$(M reloadVirtualMachineFromPath_Task VirtualMachine $B '<configurationPath>[v] b/b.vmx</configurationPath>')"; is "read again" $STATE success; get VirtualMachine $B runtime.connectionState; ok "b is back" has '>connected<'
call ShutdownGuest "$(M ShutdownGuest VirtualMachine $A)"; for i in $(seq 1 50); do get VirtualMachine $A runtime.powerState; has '>poweredOff<' && break; sleep 0.1; done; ok "a has shut down" has '>poweredOff<'
get VirtualMachine $TPL environmentBrowser; EB=$(val 'EnvironmentBrowser">\K[^<]+')
call Guests "$(M QueryConfigOptionEx EnvironmentBrowser $EB "<spec><host type=\"HostSystem\">$H1</host><guestId>solaris11_64Guest</guestId><guestId>debian12_64Guest</guestId><guestId>nothing</guestId></spec>")"; is "two guests are known" "$(one '<guestOSDescriptor>')" 2
run CreateVM-guest "$(M CreateVM_Task Folder $FOLDER "<config><name>g</name><guestId>nothing</guestId><files><vmPathName>[LocalDS_1]</vmPathName></files></config><pool type=\"ResourcePool\">$POOL</pool><host type=\"HostSystem\">$H1</host>")"; ok "unknown guest" has 'configSpec.guestId'
kill $SIM; wait $SIM
