using System.Collections;
using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Esx;
using ZfsEsx.Parameters;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.New, "EncapsulatedStorageVm", SupportsShouldProcess = true, DefaultParameterSetName = Clone)]
[OutputType(typeof(EncapsulatedStorageVm))]
public sealed partial class NewEncapsulatedStorageVmCommand : VimCommand
{
    private const string Clone = "Template";
    private const string Install = "SystemDisk";

    [Parameter(Mandatory = true, Position = 0)]
    public string[] Name { get; set; } = [];

    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true)]
    [VimTarget("HostSystem")]
    [ArgumentCompleter(typeof(VMHostCompleter))]
    public VimTarget[] VMHost { get; set; } = [];

    [Parameter(Mandatory = true, ParameterSetName = Clone)]
    [VimTarget("VirtualMachine", Single = true)]
    [ArgumentCompleter(typeof(VMCompleter))]
    public VimTarget? Template { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = Install)]
    [ByteSize]
    public ByteSize SystemDisk { get; set; }

    [Parameter(ParameterSetName = Install)]
    [ValidateNotNullOrEmpty]
    public string? InstallationImage { get; set; }

    [Parameter(ParameterSetName = Clone)]
    [Parameter(Mandatory = true, ParameterSetName = Install)]
    [ValidateNotNullOrEmpty]
    public string? GuestId { get; set; }

    [Parameter]
    public VmFirmware? Firmware { get; set; }

    [Parameter]
    [VimTarget("Datastore", Single = true)]
    [ArgumentCompleter(typeof(DatastoreCompleter))]
    public VimTarget? Datastore { get; set; }

    [Parameter]
    [ByteSize]
    public ByteSize Memory { get; set; } = 4L << 30;

    [Parameter]
    [ValidateRange(1, 128)]
    public int NumCpu { get; set; } = 2;

    [Parameter]
    [ByteSize]
    public ByteSize[] DataDisk { get; set; } = [];

    [Parameter]
    public VirtualDiskFormat? DiskFormat { get; set; }

    [Parameter]
    [VimTarget("Datastore")]
    [ArgumentCompleter(typeof(DatastoreCompleter))]
    public VimTarget[] DataDatastore { get; set; } = [];

    [Parameter]
    [ByteSize]
    public ByteSize Deduplicated { get; set; }

    [Parameter]
    [ArgumentCompleter(typeof(NetworkCompleter))]
    public string ManagementNetwork { get; set; } = "VM Network";

    [Parameter]
    [ArgumentCompleter(typeof(NetworkCompleter))]
    public string StorageNetwork { get; set; } = "eSAN-VM";

    [Parameter]
    public Hashtable? GuestInfo { get; set; }
}
