using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace ZfsEsx.Shell;

/// <summary>
/// Hands a password to ssh: ssh runs the helper, the helper reads one line from a named pipe in a directory that only
/// this user can enter. The secret is in no argument, no environment and no file; what nobody has read is gone with the
/// pipe. Only the ssh that we started gets an answer: one that it starts for a jump host runs the same helper, and is
/// ended before it offers an empty password there.
/// </summary>
internal sealed class AskPass : IDisposable
{
    // Two methods may ask (password, keyboard-interactive), each once.
    private const int Copies = 2;

    // Anything but a password prompt (a key's passphrase, a one-time code) gets no answer.
    private const string Helper = """
        #!/bin/sh
        p=
        if [ -r "/proc/$PPID/status" ]; then
          while read -r k v; do case $k in PPid:) p=$v;; esac; done <"/proc/$PPID/status"
        else p=$(ps -o ppid= -p "$PPID"); fi
        [ "$p" -eq OWNER ] || { kill "$PPID"; exit 1; }
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

        byte[] line = PasswordLine.Of(options.Password!, options.DisplayName);
        string directory = await PrivateDirectory.CreateAsync("ask", ct).ConfigureAwait(false);
        try
        {
            string helper = Path.Combine(directory, "askpass");
            string pipe = Path.Combine(directory, "secret");
            using (Process self = Process.GetCurrentProcess())
            {
                File.WriteAllText(helper, Helper.Replace("OWNER", self.Id.ToString(CultureInfo.InvariantCulture)));
            }

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
}
