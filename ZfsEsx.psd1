@{
    RootModule             = 'bin/ZfsEsx.dll'
    ModuleVersion          = '0.1.0'
    GUID                   = '5f0a7c0e-8d0c-4f5e-9f5b-3a8d1c5b7e21'
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
    )
    PrivateData            = @{
        PSData = @{
            Tags = @('VMware', 'vSphere', 'ESXi', 'ZFS', 'NFS', 'Replication', 'Storage', 'PSEdition_Desktop', 'PSEdition_Core', 'Windows', 'Linux', 'MacOS')
        }
    }
}
