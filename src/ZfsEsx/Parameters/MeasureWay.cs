namespace ZfsEsx.Parameters;

/// <summary>On which ways Measure-EncapsulatedStorage measures.</summary>
public enum MeasureWay
{
    /// <summary>On the storage VM itself.</summary>
    Pool,

    /// <summary>As an NFS client sees it.</summary>
    Nfs,

    /// <summary>One after the other.</summary>
    Both,
}
