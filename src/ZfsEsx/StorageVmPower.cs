namespace ZfsEsx.Commands;

/// <summary>What a VM's power can be set to.</summary>
public enum StorageVmPower
{
    /// <summary>Running.</summary>
    On,

    /// <summary>Shut down by its guest.</summary>
    Off,
}
