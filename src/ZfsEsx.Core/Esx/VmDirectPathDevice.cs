namespace ZfsEsx.Esx;

/// <summary>A PCI device of a host, and whether it can be, is or will be passed through to a VM.</summary>
public sealed record VmDirectPathDevice
{
    /// <summary>The host's name.</summary>
    public required string VMHost { get; init; }

    /// <summary>PowerCLI's id of the host.</summary>
    public required string VMHostId { get; init; }

    /// <summary>PCI address: <c>0000:04:00.0</c>.</summary>
    public required string Id { get; init; }

    /// <summary>What it is: <c>DDRdrive X1</c>.</summary>
    public required string Device { get; init; }

    /// <summary>Who made it, in words.</summary>
    public required string VendorName { get; init; }

    /// <summary>Four hexadecimal digits: <c>19e3</c>.</summary>
    public required string VendorId { get; init; }

    /// <summary>Four hexadecimal digits: <c>5801</c>.</summary>
    public required string DeviceId { get; init; }

    /// <summary>Four hexadecimal digits, class and subclass: <c>0100</c> is a SCSI controller.</summary>
    public required string ClassId { get; init; }

    /// <summary>The class in words.</summary>
    public required string Class { get; init; }

    /// <summary>Whether the host can pass it through at all.</summary>
    public bool Capable { get; init; }

    /// <summary>Whether it is marked for passthrough.</summary>
    public bool Enabled { get; init; }

    /// <summary>Whether a VM can have it now.</summary>
    public bool Active { get; init; }

    /// <summary>True when the mark takes effect only at the host's next boot.</summary>
    public bool RebootPending => Enabled != Active;

    /// <summary>The other devices of this host that go with it: they share its reset.</summary>
    public IReadOnlyList<string> DependentDevices { get; init; } = [];

    /// <summary>
    /// What uses it, in words: <c>boot device</c>, <c>VMFS datastore X</c>, <c>uplink vmnic0 of vmk0</c>, <c>VM
    /// uss1</c>.
    /// </summary>
    public IReadOnlyList<string> UsedBy { get; init; } = [];

    /// <summary>Whether the host (7.0 and later) can change the mark without a reboot.</summary>
    public bool RebindWithoutReboot { get; init; }

    /// <inheritdoc/>
    public override string ToString() => VMHost + " " + Id + " " + Device;
}

/// <summary>One device of one host.</summary>
/// <param name="Host">The host.</param>
/// <param name="Device">
/// Which device: its PCI address (<c>0000:04:00.0</c>), its vendor and device ids (<c>19e3:5801</c>), or its name; a
/// name may have the wildcards * and ?. All devices that match are taken.
/// </param>
public sealed record DirectPathSelection(Vim.MoRef Host, string Device);
