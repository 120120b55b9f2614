@{
    RootModule             = 'bin/ZfsEsx.dll'
    ModuleVersion          = '0.1.0'
    GUID                   = '72e0c75e-6aba-482a-91a6-9ed4cc81c3b7'
    Author                 = 'The ZfsEsx contributors'
    Copyright              = '(c) The ZfsEsx contributors. MIT License.'
    Description            = 'Encapsulated ZFS storage on ESXi hosts: storage VMs with passed-through devices, NFS datastores on every host, and replication in a ring.'
    PowerShellVersion      = '5.1'
    DotNetFrameworkVersion = '4.7.2'
    CompatiblePSEditions   = @('Desktop', 'Core')
    FormatsToProcess       = @('ZfsEsx.Format.ps1xml')
    FunctionsToExport      = @()
    AliasesToExport        = @()
    VariablesToExport      = @()
    CmdletsToExport        = @(
        'Complete-EncapsulatedHostService'
        'Start-EncapsulatedHostService'
        'Get-EncapsulatedStorageNetwork'
        'New-EncapsulatedStorageNetwork'
        'Remove-EncapsulatedStorageNetwork'
        'Get-EncapsulatedStorageVm'
        'New-EncapsulatedStorageVm'
        'Set-EncapsulatedStorageVm'
        'Add-EncapsulatedZpool'
        'Get-EncapsulatedZpool'
        'Import-EncapsulatedZpool'
        'New-EncapsulatedZpool'
        'Remove-EncapsulatedZpool'
        'Test-EncapsulatedZpool'
        'Add-VmDirectPath'
        'Disable-VmDirectPath'
        'Enable-VmDirectPath'
        'Get-VmDirectPath'
        'Remove-VmDirectPath'
        'Get-ZfsDisk'
        'Connect-ZfsEsxServer'
        'Disconnect-ZfsEsxServer'
        'Get-ZfsEsxServer'
        'Connect-ZfsHost'
        'Disconnect-ZfsHost'
        'Get-ZfsHost'
        'Test-ZfsHost'
        'Get-ZfsHostName'
        'Set-ZfsHostName'
        'Get-ZfsHostNetwork'
        'Set-ZfsHostNetwork'
        'Dismount-ZfsNfsDatastore'
        'Get-ZfsNfsDatastore'
        'Mount-ZfsNfsDatastore'
        'Update-ZfsNfsDatastore'
        'Get-ZfsNfsShare'
        'Remove-ZfsNfsShare'
        'Set-ZfsNfsShare'
        'Get-ZfsReplicaClone'
        'New-ZfsReplicaClone'
        'Remove-ZfsReplicaClone'
        'Get-ZfsReplicationTrust'
        'New-ZfsReplicationTrust'
        'Remove-ZfsReplicationTrust'
        'Get-ZfsRingReplication'
        'Invoke-ZfsRingReplication'
        'Start-ZfsRingReplication'
        'Stop-ZfsRingReplication'
        'Get-ZpoolScrub'
        'Set-ZpoolScrub'
        'Start-ZpoolScrub'
        'Stop-ZpoolScrub'
    )
    PrivateData            = @{
        PSData = @{
            Tags = @('VMware', 'vSphere', 'ESXi', 'ZFS', 'NFS', 'Replication', 'Storage', 'PSEdition_Desktop', 'PSEdition_Core', 'Windows', 'Linux', 'MacOS')
        }
    }
}
