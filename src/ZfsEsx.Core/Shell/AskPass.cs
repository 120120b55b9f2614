using System.Runtime.InteropServices;
using System.Security;
using System.Text;

namespace ZfsEsx.Shell;

/// <summary>
/// Hands a password to ssh: ssh runs the helper, the helper reads one line from a named pipe in a directory that only
/// this
/// user can enter. The secret is in no argument, no environment and no file; what nobody has read is gone with the
/// pipe.
/// </summary>
internal sealed class AskPass : IDisposable
{
    // Two methods may ask (password, keyboard-interactive), each once.
    private const int Copies = 2;

    // Anything but a password prompt (a key's passphrase, a one-time code) gets no answer.
    private const string Helper = """
        #!/bin/sh
        case $1 in *assphrase*) exit 1;; *[Pp]assword*) ;; *) exit 1;; esac
        IFS= read -r answer <"${0%/*}/secret" && printf '%s\n' "$answer"

        """;

    private readonly string _directory;
    private readonly FileStream _pipe;

    private AskPass(string directory, FileStream pipe)
    {
        _directory = directory;
        _pipe = pipe;
    }

    /// <summary>Makes helper and pipe.</summary>
    /// <exception cref="ZfsEsxException"><c>PasswordNotSupported</c>, <c>InvalidPassword</c>.</exception>
    public static async Task<AskPass> CreateAsync(SshOptions options, CancellationToken ct)
    {
        if (RuntimeInformation.IsOSPlatform(OSPlatform.Windows))
        {
            throw new ZfsEsxException(
                "PasswordNotSupported", FailureKind.NotSupported, options.DisplayName,
                "Passwords for ssh are not supported on Windows: its OpenSSH client has no safe way to be given one.",
                "Use a key (-KeyFile or the ssh agent).");
        }

        byte[] line = Line(options);
        string directory = await PrivateDirectory.CreateAsync("ask", ct).ConfigureAwait(false);
        try
        {
            string helper = Path.Combine(directory, "askpass");
            string pipe = Path.Combine(directory, "secret");
            File.WriteAllText(helper, Helper);
            await PrivateDirectory.CheckedAsync("chmod", ["700", helper], ct).ConfigureAwait(false);
            await PrivateDirectory.CheckedAsync("mkfifo", ["-m", "600", pipe], ct).ConfigureAwait(false);
            // Opened both ways, so that neither opening nor writing waits for a reader; it fits into the pipe's buffer.
            FileStream stream = new(pipe, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, 1);
            for (int i = 0; i < Copies; i++)
            {
                await stream.WriteAsync(line, 0, line.Length, ct).ConfigureAwait(false);
            }

            await stream.FlushAsync(ct).ConfigureAwait(false);
            return new AskPass(directory, stream);
        }
        catch
        {
            PrivateDirectory.Delete(directory);
            throw;
        }
        finally
        {
            Array.Clear(line, 0, line.Length);
        }
    }

    /// <summary>Tells ssh of the helper (OpenSSH 8.4 or newer asks it even on a terminal).</summary>
    public void Apply(IDictionary<string, string> environment)
    {
        environment["SSH_ASKPASS"] = Path.Combine(_directory, "askpass");
        environment["SSH_ASKPASS_REQUIRE"] = "force";
        if (!environment.ContainsKey("DISPLAY"))
        {
            environment["DISPLAY"] = ":0"; // older clients ask the helper only where there seems to be a screen
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _pipe.Dispose();
        PrivateDirectory.Delete(_directory);
    }

    private static byte[] Line(SshOptions options)
    {
        IntPtr memory = Marshal.SecureStringToGlobalAllocUnicode(options.Password!);
        char[] text = new char[options.Password!.Length + 1];
        try
        {
            Marshal.Copy(memory, text, 0, text.Length - 1);
            if (Array.IndexOf(text, '\n', 0, text.Length - 1) >= 0 || Array.IndexOf(text, '\0', 0, text.Length - 1) >= 0
                || text.Length > 512)
            {
                throw new ZfsEsxException(
                    "InvalidPassword", FailureKind.InvalidArgument, options.DisplayName,
                    "The password has a line end or a NUL in it, or more than 511 characters; ssh cannot be given "
                        + "such a password.");
            }

            text[text.Length - 1] = '\n';
            return Encoding.UTF8.GetBytes(text);
        }
        finally
        {
            Marshal.ZeroFreeGlobalAllocUnicode(memory);
            Array.Clear(text, 0, text.Length);
        }
    }
}
