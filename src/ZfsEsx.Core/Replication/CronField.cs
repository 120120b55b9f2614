using System.Globalization;

namespace ZfsEsx.Replication;

/// <summary>
/// A time field of a crontab line: read with all that people write there, written as a list of numbers, which every
/// cron understands. Pure.
/// </summary>
internal sealed class CronField
{
    private readonly int _most;
    private readonly string[] _names;

    private CronField(int most, params string[] names)
    {
        _most = most;
        _names = names;
    }

    public static CronField Minutes { get; } = new(59);

    public static CronField Hours { get; } = new(23);

    /// <summary>Sunday is 0, and may be written as 7, too.</summary>
    public static CronField Weekdays { get; } = new(6, "sun", "mon", "tue", "wed", "thu", "fri", "sat");

    /// <summary>
    /// Reads <c>*</c>, numbers, names, ranges and steps, as in <c>5</c>, <c>0-30</c>, <c>*/15</c>, <c>8-18/2</c> and
    /// <c>mon-fri</c>, with commas between; null for anything else.
    /// </summary>
    public IReadOnlyList<int>? Read(string field)
    {
        List<int> numbers = [];
        foreach (string part in field.Split(','))
        {
            string[] step = part.Split('/');
            string[] range = step[0] == "*" ? ["0", Text(_most)] : step[0].Split('-');
            if (step.Length > 2 || range.Length > 2 || (step.Length == 2 && range.Length == 1)
                || Value(range[0]) is not { } first || Value(range[range.Length - 1]) is not { } last
                || Number(step.Length == 2 ? step[1] : "1", _most) is not { } every || every == 0)
            {
                return null;
            }

            if (last == 0 && first > 0 && _names.Length > 0)
            {
                last = _names.Length; // sat-sun: the week ends with Sunday
            }

            if (last < first)
            {
                return null;
            }

            for (int n = first; n <= last; n += every)
            {
                numbers.Add(n % (_most + 1));
            }
        }

        return numbers;
    }

    /// <summary>Reads what <see cref="Write"/> writes; null for anything else.</summary>
    public IReadOnlyList<int>? ReadList(string field)
    {
        List<int> numbers = [];
        foreach (string part in field == "*" ? [] : field.Split(','))
        {
            if (Number(part, _most) is not { } n)
            {
                return null;
            }

            numbers.Add(n);
        }

        return numbers;
    }

    /// <summary>The field with these numbers; <c>*</c> for none.</summary>
    public static string Write(IReadOnlyCollection<int> numbers) =>
        numbers.Count == 0 ? "*" : string.Join(",", numbers.Select(Text));

    private int? Value(string text)
    {
        int name = Array.FindIndex(_names, n => string.Equals(n, text, StringComparison.OrdinalIgnoreCase));
        return name >= 0 ? name : Number(text, Math.Max(_most, _names.Length));
    }

    private static int? Number(string text, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int n) && n <= most ? n : null;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
