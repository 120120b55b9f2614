using System.Globalization;

namespace ZfsEsx;

/// <summary>
/// A number of bytes that prints as people read it (binary units, as ZFS does) and compares as a number.
/// </summary>
/// <param name="Bytes">The number of bytes.</param>
public readonly record struct ByteSize(long Bytes) : IComparable<ByteSize>, IComparable
{
    private static readonly string[] s_units = ["B", "KB", "MB", "GB", "TB", "PB", "EB"];

    /// <inheritdoc/>
    public int CompareTo(ByteSize other) => Bytes.CompareTo(other.Bytes);

    /// <inheritdoc/>
    public int CompareTo(object? obj) => obj switch
    {
        null => 1,
        ByteSize size => CompareTo(size),
        IConvertible number => ((double)Bytes).CompareTo(number.ToDouble(CultureInfo.InvariantCulture)),
        _ => throw new ArgumentException(
            "A size compares with a size or a number, not with " + obj.GetType().Name + ".", nameof(obj)),
    };

    /// <summary>The bytes.</summary>
    public static implicit operator long(ByteSize size) => size.Bytes;

    /// <summary>A size of so many bytes.</summary>
    public static implicit operator ByteSize(long bytes) => new(bytes);

    /// <inheritdoc/>
    public override string ToString()
    {
        double value = Bytes;
        int unit = 0;
        while (Math.Abs(value) >= 1024 && unit < s_units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return value.ToString(unit == 0 ? "0" : "0.##", CultureInfo.InvariantCulture) + " " + s_units[unit];
    }
}
