using System.Management.Automation;
using ZfsEsx.Os;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.Get, "ZfsHostNetwork")]
[OutputType(typeof(ZfsHostNetwork))]
public sealed class GetZfsHostNetworkCommand : ZfsHostReadCommand
{
    [Parameter(Position = 1)]
    [SupportsWildcards]
    public string[]? Interface { get; set; }

    private protected override void Finish()
    {
        WriteFromEach(HostNetwork.GetAsync, new(
            "InterfaceNotFound", "network interface", Interface, network => [network.Interface],
            "Without -Interface all are shown; Get-EncapsulatedStorageVm shows the adapters of the VM."));
    }
}
