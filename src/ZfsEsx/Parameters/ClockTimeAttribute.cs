using System.Globalization;
using System.Management.Automation;
using System.Text.RegularExpressions;
using ZfsEsx.Interop;

namespace ZfsEsx.Parameters;

/// <summary>
/// A parameter takes a length of time as people write it, <c>00:15</c>, <c>24:00</c>; or a time of the day. A bare number
/// is neither: PowerShell would take it for ticks, or for days.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ClockTimeAttribute : ArgumentTransformationAttribute
{
    private static readonly Regex s_form = new(
        @"^\s*((?<days>[0-9]{1,4})\.)?(?<hours>[0-9]{1,5}):(?<minutes>[0-5][0-9])(:(?<seconds>[0-5][0-9]))?\s*$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Compiled);

    /// <summary>It is a time of the day; the default is a length of time.</summary>
    public bool OfDay { get; set; }

    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        try
        {
            return Duck.Bare(inputData) is { } given ? Read(given, OfDay) : null;
        }
        catch (ZfsEsxException e)
        {
            throw new ArgumentTransformationMetadataException(e.Text, e);
        }
    }

    /// <exception cref="ZfsEsxException"><c>NotATime</c>.</exception>
    internal static TimeSpan Read(object given, bool ofDay)
    {
        TimeSpan? time = given switch
        {
            TimeSpan span => span,
            DateTime moment when ofDay => moment.TimeOfDay,
            string text => Parse(text),
            _ => null,
        };
        bool good = time is { } t && t >= TimeSpan.Zero
            && (!ofDay || (t < TimeSpan.FromDays(1) && t.Ticks % TimeSpan.TicksPerMinute == 0));
        return good ? time!.Value : throw new ZfsEsxException(
            "NotATime", FailureKind.InvalidArgument, given.ToString() ?? "",
            "'" + given + "' is not a " + (ofDay ? "time of the day." : "length of time."),
            ofDay
                ? "Write hours and minutes from 00:00 to 23:59, as in 03:00."
                : "Write hours and minutes, as in 00:15 or 24:00, with days before a point: 7.00:00.");
    }

    private static TimeSpan? Parse(string text)
    {
        Match match = s_form.Match(text);
        int Of(string group) => match.Groups[group].Success
            ? int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture)
            : 0;
        return match.Success ? new TimeSpan(Of("days"), Of("hours"), Of("minutes"), Of("seconds")) : null;
    }
}
