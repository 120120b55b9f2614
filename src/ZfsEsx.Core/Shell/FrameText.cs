using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ZfsEsx.Shell;

/// <summary>What <see cref="SshConnection"/> sends: the bootstrap script, and commands as single lines. Pure.</summary>
internal static class FrameText
{
    /// <summary>
    /// All that is given to ssh as the remote command. It has to mean the same to every login shell, csh and fish
    /// included, so it uses nothing but single quotes; the real script follows on standard input.
    /// </summary>
    public const string LoginCommand = "exec /bin/sh -c 'read -r b; eval \"$b\"'";

    private const int InputChunk = 32 * 1024;

    /// <summary>The bootstrap script as one line.</summary>
    public static string Bootstrap { get; } = ReadBootstrap();

    /// <summary>A frame's two random halves, 64 bits each in hexadecimal.</summary>
    public static (string First, string Second) NewMark()
    {
        byte[] bytes = new byte[16];
        using (RandomNumberGenerator random = RandomNumberGenerator.Create())
        {
            random.GetBytes(bytes);
        }

        string text = string.Concat(bytes.Select(b => b.ToString("x2", CultureInfo.InvariantCulture)));
        return (text.Substring(0, 16), text.Substring(16));
    }

    /// <summary>The mark as it appears on the streams.</summary>
    public static byte[] MarkBytes((string First, string Second) mark) =>
        Encoding.ASCII.GetBytes("\u001e" + mark.Second + "-" + mark.First);

    /// <summary>A line that answers with an empty frame.</summary>
    public static string Probe((string First, string Second) mark) => "z_t " + mark.First + " " + mark.Second;

    /// <summary>
    /// A line that puts a shell of root's in place of the shell, started by <paramref name="words"/>.
    /// </summary>
    public static string Become((string First, string Second) mark, IEnumerable<string> words) =>
        "z_e " + mark.First + " " + mark.Second + string.Concat(words.Select(w => " " + ShellQuote.Quote(w)));

    /// <summary>A line that runs a command.</summary>
    public static string Run((string First, string Second) mark, RemoteCommand command)
    {
        StringBuilder line = new();
        if (command.Input is { Length: > 0 } input)
        {
            line.Append("z_g() { ");
            for (int i = 0; i < input.Length; i += InputChunk)
            {
                line.Append(i > 0 ? " && printf '" : "printf '");
                AppendFormat(line, input, i, Math.Min(InputChunk, input.Length - i));
                line.Append('\'');
            }

            line.Append("; }; ");
        }

        line.Append("z_r ").Append(mark.First).Append(' ').Append(mark.Second)
            .Append(command.Input is { Length: > 0 } ? " 1" : " 0");
        foreach (string word in command.Words)
        {
            // "read" takes one line. A newline can only stand inside the quotes, which are closed and opened around it.
            line.Append(' ').Append(ShellQuote.Quote(word).Replace("\n", "'\"$nl\"'"));
        }

        return line.ToString();
    }

    // Only characters that mean themselves to printf, to the shell's single quotes and to "read" stay as they are.
    private static void AppendFormat(StringBuilder line, byte[] input, int start, int count)
    {
        for (int i = start; i < start + count; i++)
        {
            byte b = input[i];
            if (b >= 0x20 && b < 0x7f && b != '%' && b != '\\' && b != '\'')
            {
                line.Append((char)b);
            }
            else
            {
                line.Append('\\').Append((char)('0' + (b >> 6))).Append((char)('0' + ((b >> 3) & 7)))
                    .Append((char)('0' + (b & 7)));
            }
        }
    }

    private static string ReadBootstrap()
    {
        using Stream stream = typeof(FrameText).Assembly.GetManifestResourceStream("bootstrap.sh")
            ?? throw new InvalidOperationException("bootstrap.sh is not in the assembly.");
        using StreamReader reader = new(stream, Encoding.ASCII);
        return string.Join(
            " ", reader.ReadToEnd().Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] != '#'));
    }
}
