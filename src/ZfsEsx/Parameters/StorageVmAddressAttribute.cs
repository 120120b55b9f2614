using System.Management.Automation;

namespace ZfsEsx.Parameters;

/// <summary>Lets a parameter take a storage VM's address, or the VM.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class StorageVmAddressAttribute : ArgumentTransformationAttribute
{
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        StorageVmAddress.From(inputData);
}
