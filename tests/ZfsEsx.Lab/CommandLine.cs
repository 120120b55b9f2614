using System.Globalization;

namespace ZfsEsx.Lab;

/// <summary>The program's arguments.</summary>
/// <param name="Verb">What to do.</param>
/// <param name="Options">With which lab.</param>
/// <param name="JsonFile">Where to write the outcome, or null.</param>
/// <param name="Fuse">True for the light lab.</param>
/// <param name="Only">The one bench to run, or null.</param>
/// <param name="Rounds">Of how many rounds a bench's figure is the median.</param>
internal sealed record CommandLine(
    string Verb, LabOptions Options, string? JsonFile, bool Fuse, string? Only = null, int Rounds = 5)
{
    /// <summary>Reads the arguments.</summary>
    /// <exception cref="LabException">An unknown one, or one without its value.</exception>
    public static CommandLine Parse(string[] arguments)
    {
        var line = new CommandLine(arguments.FirstOrDefault() ?? "", new LabOptions(), null, false);
        for (int i = 1; i < arguments.Length; i++)
        {
            line = arguments[i] switch
            {
                "--nodes" => line with { Options = line.Options with { Nodes = Number(Value()) } },
                "--lab" => line with { Options = line.Options with { Name = Value() } },
                "--iops" => line with { Options = line.Options with { DataDiskIops = Number(Value()) } },
                "--json" => line with { JsonFile = Value() },
                "--only" => line with { Only = Value() },
                "--rounds" => line with { Rounds = Number(Value()) },
                "--fuse" => line with { Fuse = true },
                _ => throw new LabException($"The lab does not know {arguments[i]}."),
            };

            string Value() =>
                ++i < arguments.Length ? arguments[i] : throw new LabException($"{arguments[i - 1]} needs a value.");
        }

        return line;
    }

    private static int Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new LabException($"'{text}' is no number.");
}
