using System.Runtime.InteropServices;

namespace ZfsEsx.Shell;

/// <summary>A temporary directory that only this user can enter, for the few things that ssh wants as files.</summary>
internal static class PrivateDirectory
{
    /// <summary>Makes one.</summary>
    public static async Task<string> CreateAsync(string purpose, CancellationToken ct)
    {
        string path = Path.Combine(Path.GetTempPath(), "zfsesx-" + purpose + "-" + Guid.NewGuid().ToString("N"));
        if (RuntimeInformation.IsOSPlatform(OSPlatform.Windows))
        {
            Directory.CreateDirectory(path); // below the user's own profile
        }
        else
        {
            // mkdir, not .NET: it sets the mode in the same step, and fails when the name is taken.
            await CheckedAsync("mkdir", ["-m", "700", path], ct).ConfigureAwait(false);
        }

        return path;
    }

    /// <summary>Runs a small system program that has to succeed.</summary>
    public static async Task CheckedAsync(string program, IReadOnlyList<string> arguments, CancellationToken ct)
    {
        (int code, _, string error) =
            await LocalProcess.RunAsync(program, arguments, TimeSpan.FromSeconds(10), ct).ConfigureAwait(false);
        if (code != 0)
        {
            throw new IOException(program + " failed: " + error.Trim());
        }
    }

    /// <summary>Removes it with its content; never fails.</summary>
    public static void Delete(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Nothing secret is left in it: the password was only ever in a pipe.
        }
    }
}
