using System.Security.Cryptography;
using System.Text;

namespace ZfsEsx.Lab;

/// <summary>Where things of the lab are: sources, cache, state, sockets.</summary>
internal sealed class LabPaths
{
    /// <summary>The files of the lab of that name.</summary>
    public LabPaths(string name)
    {
        if (name.Length is 0 or > 40 || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_')))
        {
            throw new LabException($"'{name}' is no name for a lab: letters, digits, - and _, 40 at most.");
        }

        Name = name;
        State = Path.Combine(StateRoot, name);
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(State));
        // sockets have at most 107 characters, whatever the home directory is called
        Run = "/tmp/zfsesx-" + Convert.ToHexStringLower(hash)[..10];
    }

    /// <summary>Name of the lab.</summary>
    public string Name { get; }

    /// <summary>Directory of everything that the lab keeps.</summary>
    public string State { get; }

    /// <summary>Directory of its sockets and process ids.</summary>
    public string Run { get; }

    /// <summary>The description of the lab; exists from the first moment of its start.</summary>
    public string LabFile => Path.Combine(State, "lab.json");

    /// <summary>Private key of the administrator.</summary>
    public string SshKey => Path.Combine(State, "id");

    /// <summary>Host keys of all guests.</summary>
    public string KnownHosts => Path.Combine(State, "known_hosts");

    /// <summary>Directory of the light lab's hosts.</summary>
    public string Fuse => State + ".fuse";

    /// <summary>Below this are all labs of this user.</summary>
    public static string StateRoot =>
        Environment.GetEnvironmentVariable("ZFSESX_LAB_STATE") is { Length: > 0 } set
            ? Path.GetFullPath(set)
            : Below("XDG_STATE_HOME", ".local/state");

    /// <summary>What is built once and used by all labs of this user.</summary>
    public static string Cache => Below("XDG_CACHE_HOME", ".cache");

    /// <summary>The checkout.</summary>
    public static string Sources
    {
        get
        {
            for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
            {
                if (File.Exists(Path.Combine(at.FullName, "ZfsEsx.sln")))
                {
                    return at.FullName;
                }
            }

            throw new LabException($"There is no checkout of ZfsEsx above {AppContext.BaseDirectory}.");
        }
    }

    /// <summary>Directory of a guest's own files.</summary>
    public string Guest(string name)
    {
        if (name.Length is 0 or > 60 || name.Contains('/', StringComparison.Ordinal) || name.StartsWith('.'))
        {
            throw new LabException($"'{name}' cannot be the name of a guest.");
        }

        return Path.Combine(State, "guests", name);
    }

    /// <summary>Creates a directory that only this user can enter.</summary>
    public static void CreatePrivate(string directory)
    {
        const UnixFileMode Mine = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Directory.CreateDirectory(directory, Mine);
    }

    /// <summary>Writes a file that only this user can read, in one step.</summary>
    public static void WritePrivate(string path, string content)
    {
        string temporary = path + "." + Environment.ProcessId + ".new";
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (var writer = new StreamWriter(temporary, options))
        {
            writer.Write(content);
        }

        File.Move(temporary, path, overwrite: true);
    }

    private static string Below(string variable, string fallback)
    {
        string? root = Environment.GetEnvironmentVariable(variable);
        if (string.IsNullOrEmpty(root))
        {
            string home = Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } set ? set : "/root";
            root = Path.Combine(home, fallback);
        }

        return Path.Combine(root, "zfsesx");
    }
}
