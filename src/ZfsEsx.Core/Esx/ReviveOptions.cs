namespace ZfsEsx.Esx;

/// <summary>How a share is brought back after its storage VM was away.</summary>
public sealed record ReviveOptions
{
    /// <summary>How long the hosts may take to reach the share again.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Switches those VMs on the share on that their hosts start by themselves after a boot, in that order.
    /// </summary>
    public bool PowerOn { get; init; }
}
