using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Text.RegularExpressions;
using ZfsEsx.Interop;

namespace ZfsEsx.Parameters;

/// <summary>A parameter takes sizes as numbers or as people write them: <c>256GB</c>, <c>1.5 TB</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ByteSizeAttribute : ArgumentTransformationAttribute
{
    private static readonly Regex s_form = new(
        @"^\s*(?<number>[0-9]+(\.[0-9]+)?)\s*(?<unit>[KMGTPE]?)(i?B)?\s*$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Compiled);

    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        try
        {
            object? bare = Duck.Bare(inputData);
            return bare is IEnumerable many and not string
                ? many.Cast<object?>().Select(i => Parse(Duck.Bare(i))).ToArray()
                : Parse(bare);
        }
        catch (Exception e) when (e is ZfsEsxException or OverflowException)
        {
            throw new ArgumentTransformationMetadataException(e is ZfsEsxException known ? known.Text : e.Message, e);
        }
    }

    internal static ByteSize Parse(object? input) => input switch
    {
        ByteSize size => size,
        string text => ParseText(text),
        IConvertible number => Whole(number.ToDecimal(CultureInfo.InvariantCulture)),
        _ when Duck.Get(input, "Bytes") is IConvertible bytes => Whole(bytes.ToDecimal(CultureInfo.InvariantCulture)),
        _ => throw Wrong(input?.ToString() ?? "nothing"),
    };

    private static ByteSize ParseText(string text)
    {
        Match match = s_form.Match(text);
        if (!match.Success)
        {
            throw Wrong(text);
        }

        decimal number = decimal.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture);
        string unit = match.Groups["unit"].Value.ToUpperInvariant();
        int power = unit.Length == 0 ? 0 : "KMGTPE".IndexOf(unit, StringComparison.Ordinal) + 1;
        for (int i = 0; i < power; i++)
        {
            number *= 1024;
        }

        return Whole(number);
    }

    private static ByteSize Whole(decimal bytes) =>
        bytes < 0
            ? throw Wrong(bytes.ToString(CultureInfo.InvariantCulture))
            : new ByteSize(decimal.ToInt64(decimal.Round(bytes)));

    private static ZfsEsxException Wrong(string found) => new(
        "NotASize", FailureKind.InvalidArgument, found, "'" + found + "' is not a size.",
        "Write 256GB, 1.5TB or a number of bytes.");
}
