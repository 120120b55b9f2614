#!/bin/bash
# 67 raw vim25 calls against esxsim (started with -max-objects 2 and -nas-root DIR); keeps each request and response.
# soap-test.sh ENVFILE SAMPLEDIR NASROOT
set -u
. "$1"
S=$2; NASROOT=$3; mkdir -p "$S" "$NASROOT"/10.0.0.11/tank/nfs1 "$NASROOT"/10.0.0.11/tank/nfs2
. "$(dirname "$0")/soap-lib.sh"

call RetrieveServiceContent "$(M RetrieveServiceContent ServiceInstance ServiceInstance)"; expect 200
PC=$(val '<propertyCollector[^>]*>\K[^<]+'); SM=$(val '<sessionManager[^>]*>\K[^<]+'); ROOT=$(val '<rootFolder[^>]*>\K[^<]+'); VMGR=$(val '<viewManager[^>]*>\K[^<]+')
call CurrentTime-not-authenticated "$(M CurrentTime ServiceInstance ServiceInstance)"; expect 500
call Login-wrong "$(M Login SessionManager $SM '<userName>x</userName><password>y</password>')"; expect 500
call Login "$(M Login SessionManager $SM "<userName>$GOVC_USERNAME</userName><password>$GOVC_PASSWORD</password><locale>en</locale>")"; expect 200
echo "   cookie: $(grep -i set-cookie $S/04-Login.hdr.txt | tr -d '\r')"
call CreateContainerView "$(M CreateContainerView ViewManager $VMGR "<container type=\"Folder\">$ROOT</container><type>HostSystem</type><recursive>true</recursive>")"; expect 200
VIEW=$(val '<returnval[^>]*>\K[^<]+')
# one round trip for the few needed properties of ALL hosts
call RetrievePropertiesEx-all-hosts "$(M RetrievePropertiesEx PropertyCollector $PC "<specSet><propSet><type>HostSystem</type><pathSet>name</pathSet><pathSet>runtime.connectionState</pathSet><pathSet>runtime.inMaintenanceMode</pathSet><pathSet>summary.rebootRequired</pathSet><pathSet>configManager.pciPassthruSystem</pathSet><pathSet>configManager.networkSystem</pathSet><pathSet>configManager.datastoreSystem</pathSet><pathSet>parent</pathSet></propSet><objectSet><obj type=\"ContainerView\">$VIEW</obj><skip>true</skip><selectSet xsi:type=\"TraversalSpec\"><name>v</name><type>ContainerView</type><path>view</path><skip>false</skip></selectSet></objectSet></specSet><options><maxObjects>2</maxObjects></options>")"; expect 200
HOST=$(val '<obj type="HostSystem">\K[^<]+'); PCI=$(val 'HostPciPassthruSystem">\K[^<]+'); NET=$(val 'HostNetworkSystem">\K[^<]+'); DSS=$(val 'HostDatastoreSystem">\K[^<]+'); TOKEN=$(val '<token>\K[^<]+')
call ContinueRetrievePropertiesEx "$(M ContinueRetrievePropertiesEx PropertyCollector $PC "<token>$TOKEN</token>")"; expect 200
HOST2=$(val '<obj type="HostSystem">\K[^<]+'); DSS2=$(val 'HostDatastoreSystem">\K[^<]+'); NET2=$(val 'HostNetworkSystem">\K[^<]+')
# parent compute resource of HOST through a traversal
call RetrievePropertiesEx-pci "$(props HostSystem $HOST hardware.pciDevice config.pciPassthruInfo capability.deviceRebindWithoutRebootSupported summary.rebootRequired parent)"; expect 200
CR=$(val '<name>parent</name><val[^>]*>\K[^<]+'); CRT=$(val '<name>parent</name><val type="\K[^"]+')
[ -z "$CRT" ] && CRT=$(val '<name>parent</name><val[^>]*type="\K[^"]+')
call UpdatePassthruConfig-incapable "$(M UpdatePassthruConfig HostPciPassthruSystem $PCI '<config xsi:type="HostPciPassthruConfig"><id>0000:00:00.0</id><passthruEnabled>true</passthruEnabled></config>')"; expect 500
call UpdatePassthruConfig "$(M UpdatePassthruConfig HostPciPassthruSystem $PCI '<config xsi:type="HostPciPassthruConfig"><id>0000:04:00.0</id><passthruEnabled>true</passthruEnabled></config><config xsi:type="HostPciPassthruConfig"><id>0000:03:00.0</id><passthruEnabled>true</passthruEnabled></config>')"; expect 200
call UpdatePassthruConfig-no-xsi-type "$(M UpdatePassthruConfig HostPciPassthruSystem $PCI '<config><id>0000:02:00.0</id><passthruEnabled>true</passthruEnabled></config>')"
call Pci-after-update "$(props HostPciPassthruSystem $PCI pciPassthruInfo)"; expect 200
call RebootRequired "$(props HostSystem $HOST summary.rebootRequired runtime.inMaintenanceMode runtime.bootTime)"; expect 200
call RebootHost-not-in-maintenance "$(M RebootHost_Task HostSystem $HOST '<force>false</force>')"; expect 500
call RebootHost "$(M RebootHost_Task HostSystem $HOST '<force>true</force>')"; expect 200
waittask $(val '<returnval[^>]*>\K[^<]+')
sleep 0.6; call Host-while-rebooting "$(props HostSystem $HOST runtime.connectionState summary.rebootRequired)"
sleep 2.2; call Host-after-reboot "$(props HostSystem $HOST runtime.connectionState summary.rebootRequired runtime.bootTime config.pciPassthruInfo)"
call EnvironmentBrowser "$(props $CRT $CR environmentBrowser resourcePool)"; expect 200
EB=$(val 'EnvironmentBrowser">\K[^<]+'); POOL=$(val 'ResourcePool">\K[^<]+')
call QueryConfigTarget "$(M QueryConfigTarget EnvironmentBrowser $EB "<host type=\"HostSystem\">$HOST</host>")"; expect 200
SYSID=$(val '<systemId>\K[^<]+')
call QueryTargetCapabilities "$(M QueryTargetCapabilities EnvironmentBrowser $EB "<host type=\"HostSystem\">$HOST</host>")"; expect 200
# VMs of that host
call VMs-of-host "$(props HostSystem $HOST vm datastore)"; expect 200
VM=$(val 'VirtualMachine">\K[^<]+'); DS=$(val '"Datastore">\K[^<]+')
[ -z "$VM" ] && { call AnyVM "$(M CreateContainerView ViewManager $VMGR "<container type=\"Folder\">$ROOT</container><type>VirtualMachine</type><recursive>true</recursive>")"; V2=$(val '<returnval[^>]*>\K[^<]+'); call AnyVM2 "$(props ContainerView $V2 view)"; VM=$(val 'VirtualMachine">\K[^<]+'); }
PT='<spec><deviceChange xsi:type="VirtualDeviceConfigSpec"><operation>add</operation><device xsi:type="VirtualPCIPassthrough"><key>-1</key><backing xsi:type="VirtualPCIPassthroughDeviceBackingInfo"><deviceName></deviceName><id>0000:04:00.0</id><deviceId>5801</deviceId><systemId>'$SYSID'</systemId><vendorId>6627</vendorId></backing></device></deviceChange><deviceChange xsi:type="VirtualDeviceConfigSpec"><operation>add</operation><device xsi:type="VirtualPCIPassthrough"><key>-2</key><backing xsi:type="VirtualPCIPassthroughDeviceBackingInfo"><deviceName></deviceName><id>0000:03:00.0</id><deviceId>a808</deviceId><systemId>'$SYSID'</systemId><vendorId>5197</vendorId></backing></device></deviceChange>'
PTX='<extraConfig xsi:type="OptionValue"><key>pciPassthru0.msiEnabled</key><value xsi:type="xsd:string">FALSE</value></extraConfig><extraConfig xsi:type="OptionValue"><key>pciPassthru.use64bitMMIO</key><value xsi:type="xsd:string">TRUE</value></extraConfig><extraConfig xsi:type="OptionValue"><key>pciPassthru.64bitMMIOSizeGB</key><value xsi:type="xsd:string">64</value></extraConfig>'
call ReconfigVM-powered-on "$(M ReconfigVM_Task VirtualMachine $VM "$PT$PTX</spec>")"; expect 200; waittask $(val '<returnval[^>]*>\K[^<]+')
call PowerOffVM "$(M PowerOffVM_Task VirtualMachine $VM)"; expect 200; waittask $(val '<returnval[^>]*>\K[^<]+')
call ReconfigVM-passthrough "$(M ReconfigVM_Task VirtualMachine $VM "$PT$PTX</spec>")"; expect 200; waittask $(val '<returnval[^>]*>\K[^<]+')
call VM-config "$(props VirtualMachine $VM config.hardware.device config.extraConfig config.memoryReservationLockedToMax)"; expect 200
call PowerOnVM-no-reservation "$(M PowerOnVM_Task VirtualMachine $VM)"; expect 200; T=$(val '<returnval[^>]*>\K[^<]+'); waittask $T
call Task-error "$(props Task $T info.error info.state)"; expect 200
call ReconfigVM-reserve "$(M ReconfigVM_Task VirtualMachine $VM '<spec><memoryReservationLockedToMax>true</memoryReservationLockedToMax></spec>')"; expect 200; waittask $(val '<returnval[^>]*>\K[^<]+')
call PowerOnVM "$(M PowerOnVM_Task VirtualMachine $VM)"; expect 200; waittask $(val '<returnval[^>]*>\K[^<]+')
# network
call AddVirtualSwitch "$(M AddVirtualSwitch HostNetworkSystem $NET '<vswitchName>vSwitch-eSAN</vswitchName><spec><numPorts>128</numPorts><mtu>9000</mtu></spec>')"; expect 200
call AddPortGroup-vmk "$(M AddPortGroup HostNetworkSystem $NET '<portgrp><name>eSAN-Interface1</name><vlanId>0</vlanId><vswitchName>vSwitch-eSAN</vswitchName><policy/></portgrp>')"; expect 200
call AddPortGroup-vm "$(M AddPortGroup HostNetworkSystem $NET '<portgrp><name>eSAN-VM</name><vlanId>0</vlanId><vswitchName>vSwitch-eSAN</vswitchName><policy/></portgrp>')"; expect 200
call AddVirtualNic "$(M AddVirtualNic HostNetworkSystem $NET '<portgroup>eSAN-Interface1</portgroup><nic><ip><dhcp>false</dhcp><ipAddress>192.168.50.1</ipAddress><subnetMask>255.255.255.0</subnetMask></ip><mtu>9000</mtu></nic>')"; expect 200
call AddVirtualNic-again "$(M AddVirtualNic HostNetworkSystem $NET '<portgroup>eSAN-Interface1</portgroup><nic><ip><dhcp>false</dhcp><ipAddress>192.168.50.1</ipAddress><subnetMask>255.255.255.0</subnetMask></ip></nic>')"; expect 500
call AddVirtualSwitch-host2 "$(M AddVirtualSwitch HostNetworkSystem $NET2 '<vswitchName>vSwitch-eSAN</vswitchName><spec><numPorts>128</numPorts></spec>')"; expect 200
call AddPortGroup-host2 "$(M AddPortGroup HostNetworkSystem $NET2 '<portgrp><name>eSAN-VM</name><vlanId>0</vlanId><vswitchName>vSwitch-eSAN</vswitchName><policy/></portgrp>')"; expect 200
call NetworkInfo "$(props HostSystem $HOST config.network.vswitch config.network.portgroup config.network.vnic)"; expect 200
# NFS
NAS='<spec><remoteHost>10.0.0.11</remoteHost><remotePath>/tank/nfs1</remotePath><localPath>nfs1</localPath><accessMode>readWrite</accessMode><type>NFS</type></spec>'
call CreateNasDatastore "$(M CreateNasDatastore HostDatastoreSystem $DSS "$NAS")"; expect 200
NFS=$(val '<returnval[^>]*>\K[^<]+')
call CreateNasDatastore-again "$(M CreateNasDatastore HostDatastoreSystem $DSS "$NAS")"; expect 500
call CreateNasDatastore-host2 "$(M CreateNasDatastore HostDatastoreSystem $DSS2 "$NAS")"; expect 200
call CreateNasDatastore-denied "$(M CreateNasDatastore HostDatastoreSystem $DSS '<spec><remoteHost>10.0.0.11</remoteHost><remotePath>/no/such</remotePath><localPath>nfs9</localPath><accessMode>readWrite</accessMode></spec>')"; expect 500
call CreateNasDatastore-nfs41 "$(M CreateNasDatastore HostDatastoreSystem $DSS '<spec><remoteHost>10.0.0.11</remoteHost><remotePath>/tank/nfs2</remotePath><localPath>nfs2</localPath><accessMode>readWrite</accessMode><type>NFS41</type><remoteHostNames>10.0.0.11</remoteHostNames><remoteHostNames>10.0.1.11</remoteHostNames><securityType>AUTH_SYS</securityType></spec>')"; expect 200
call Datastore-nfs1 "$(props Datastore "$NFS" name info host summary vm)"; expect 200
# Storage vMotion + vMotion in one call
call RelocateVM-sv "$(M RelocateVM_Task VirtualMachine $VM "<spec><datastore type=\"Datastore\">$NFS</datastore></spec><priority>defaultPriority</priority>")"; expect 200; waittask $(val '<returnval[^>]*>\K[^<]+')
call PowerOffVM2 "$(M PowerOffVM_Task VirtualMachine $VM)"; waittask $(val '<returnval[^>]*>\K[^<]+')
call RelocateVM-sv-cold "$(M RelocateVM_Task VirtualMachine $VM "<spec><datastore type=\"Datastore\">$NFS</datastore></spec><priority>defaultPriority</priority>")"; expect 200; waittask $(val '<returnval[^>]*>\K[^<]+')
call VM-after-relocate "$(props VirtualMachine $VM name datastore config.files runtime.host parent)"; expect 200
VMFOLDER=$(val '<name>parent</name>.*?"Folder">\K[^<]+'); VMX=$(val '<vmPathName>\K[^<]+')
# failover: register the replica's clone
mkdir -p "$NASROOT/10.0.0.12/tank/nfs1-clone/appvm"; printf '.encoding = "UTF-8"\ndisplayName = "appvm"\nuuid.bios = "56 4d aa"\n' > "$NASROOT/10.0.0.12/tank/nfs1-clone/appvm/appvm.vmx"
call CreateNasDatastore-clone "$(M CreateNasDatastore HostDatastoreSystem $DSS '<spec><remoteHost>10.0.0.12</remoteHost><remotePath>/tank/nfs1-clone</remotePath><localPath>nfs1-failover</localPath><accessMode>readWrite</accessMode><type>NFS</type></spec>')"; expect 200
CLONE=$(val '<returnval[^>]*>\K[^<]+')
call Clone-browser "$(props Datastore "$CLONE" browser name)"; B=$(val 'HostDatastoreBrowser">\K[^<]+')
call SearchDatastoreSubFolders "$(M SearchDatastoreSubFolders_Task HostDatastoreBrowser $B '<datastorePath>[nfs1-failover]</datastorePath><searchSpec><query xsi:type="VmConfigFileQuery"/><details><fileType>true</fileType><fileSize>false</fileSize><modification>false</modification></details><matchPattern>*.vmx</matchPattern></searchSpec>')"; expect 200; T=$(val '<returnval[^>]*>\K[^<]+'); waittask $T
call SearchResult "$(props Task $T info.result)"; expect 200
call RegisterVM "$(M RegisterVM_Task Folder $VMFOLDER "<path>[nfs1-failover] appvm/appvm.vmx</path><name>appvm</name><asTemplate>false</asTemplate><pool type=\"ResourcePool\">$POOL</pool><host type=\"HostSystem\">$HOST</host>")"; expect 200; T=$(val '<returnval[^>]*>\K[^<]+'); waittask $T
call RegisterVM-result "$(props Task $T info.result info.error)"; NEWVM=$(val '"VirtualMachine">\K[^<]+')
call PowerOn-registered "$(M PowerOnVM_Task VirtualMachine $NEWVM)"; T=$(val '<returnval[^>]*>\K[^<]+'); sleep 0.3
call VM-question "$(props VirtualMachine $NEWVM runtime.question runtime.powerState)"; QID=$(val '<id>\K_vmx[^<]+')
call AnswerVM "$(M AnswerVM VirtualMachine $NEWVM "<questionId>$QID</questionId><answerChoice>1</answerChoice>")"; expect 200; waittask $T
# waiting for tasks with one filter for many tasks
call EnterMaintenanceMode "$(M EnterMaintenanceMode_Task HostSystem $HOST2 '<timeout>1</timeout><evacuatePoweredOffVms>false</evacuatePoweredOffVms>')"; T=$(val '<returnval[^>]*>\K[^<]+')
call CreateFilter "$(M CreateFilter PropertyCollector $PC "<spec><propSet><type>Task</type><pathSet>info.state</pathSet><pathSet>info.progress</pathSet><pathSet>info.error</pathSet></propSet><objectSet><obj type=\"Task\">$T</obj></objectSet></spec><partialUpdates>false</partialUpdates>")"; expect 200; F=$(val '<returnval[^>]*>\K[^<]+')
call WaitForUpdatesEx-1 "$(M WaitForUpdatesEx PropertyCollector $PC '<version></version><options><maxWaitSeconds>10</maxWaitSeconds></options>')"; expect 200; V=$(val '<version>\K[^<]+')
call WaitForUpdatesEx-2 "$(M WaitForUpdatesEx PropertyCollector $PC "<version>$V</version><options><maxWaitSeconds>10</maxWaitSeconds></options>")"; expect 200
call DestroyPropertyFilter "$(M DestroyPropertyFilter PropertyFilter "$F")"; expect 200
# sessions
call AcquireCloneTicket "$(M AcquireCloneTicket SessionManager $SM)"; expect 200; TICKET=$(val '<returnval>\K[^<]+')
cp $JAR $JAR.first; rm -f $JAR
call CloneSession "$(M CloneSession SessionManager $SM "<cloneTicket>$TICKET</cloneTicket>")"; expect 200
call CloneSession-use "$(props SessionManager $SM currentSession)"; expect 200; KEY=$(val '<key>\K[^<]+')
call CloneSession-twice "$(M CloneSession SessionManager $SM "<cloneTicket>$TICKET</cloneTicket>")"; expect 500
call RemoveDatastore-host2 "$(M RemoveDatastore HostDatastoreSystem $DSS2 "<datastore type=\"Datastore\">$NFS</datastore>")"; expect 200
call Logout "$(M Logout SessionManager $SM)"; expect 200
echo "cloned session key: $KEY; failures: $FAIL; requests: $N"
[ "$FAIL" = 0 ] && [ "$N" = 67 ]
