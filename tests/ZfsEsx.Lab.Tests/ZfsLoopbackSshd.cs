using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using ZfsEsx.Shell;

namespace ZfsEsx.Lab.Tests;

/// <summary>
/// A real sshd on a free port of 127.0.0.1, run as the test's user, with its own keys and an own client configuration.
/// </summary>
public sealed class LoopbackSshd : IDisposable
{
    private readonly Process _process;

    private LoopbackSshd(string directory, int port, Process process)
    {
        Root = directory;
        Port = port;
        _process = process;
    }

    public string Root { get; }

    public int Port { get; }

    public string KnownHosts => Path.Combine(Root, "known_hosts");

    public string HostKeyLine => File.ReadAllText(Path.Combine(Root, "host.pub")).Trim();

    public string Log => File.ReadAllText(Path.Combine(Root, "log"));

    /// <summary>Starts it. <paramref name="settings"/> are further lines of sshd_config.</summary>
    public static LoopbackSshd Start(params string[] settings)
    {
        Prerequisites.EnsureAsync(fuse: false, Console.WriteLine, CancellationToken.None).GetAwaiter().GetResult();
        string root = Directory.CreateTempSubdirectory("zfsesx-sshd-").FullName;
        Run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", Path.Combine(root, "host"));
        Run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", Path.Combine(root, "id"));
        File.Copy(Path.Combine(root, "id.pub"), Path.Combine(root, "authorized_keys"));
        if (Environment.UserName == "root")
        {
            Directory.CreateDirectory("/run/sshd"); // sshd started by root insists on it
        }

        for (int attempt = 0; ; attempt++)
        {
            int port = FreePort();
            string[] lines =
            [
                "ListenAddress 127.0.0.1", "Port " + port, "HostKey " + Path.Combine(root, "host"),
                "PidFile none", "UsePAM no", "StrictModes no", "PermitRootLogin yes", "MaxStartups 100",
                    "LogLevel VERBOSE",
                "AuthorizedKeysFile " + Path.Combine(root, "authorized_keys"), .. settings,
            ];
            File.WriteAllLines(Path.Combine(root, "sshd_config"), lines);
            ProcessStartInfo info = new("/usr/sbin/sshd")
            {
                ArgumentList = { "-D", "-f", Path.Combine(root, "sshd_config"), "-E", Path.Combine(root, "log") },
            };
            Process process = Process.Start(info)!;
            LoopbackSshd sshd = new(root, port, process);
            if (sshd.WaitUntilItListens())
            {
                File.WriteAllText(sshd.KnownHosts, "[127.0.0.1]:" + port + " " + sshd.HostKeyLine + "\n");
                return sshd;
            }

            if (attempt == 3)
            {
                throw new InvalidOperationException("sshd does not start: " + sshd.Log);
            }

            process.Dispose();
        }
    }

    /// <summary>How to reach it with the right key and a known host key.</summary>
    public SshOptions Options() => new()
    {
        HostName = "127.0.0.1",
        Name = "uss1",
        Port = Port,
        UserName = Environment.UserName,
        IdentityFile = Path.Combine(Root, "id"),
        ConfigFile = "/dev/null",
        KnownHostsFile = KnownHosts,
    };

    /// <summary>A directory whose only program is <c>sh</c>, another shell than the system's.</summary>
    public static string ShellShim(string shell)
    {
        string directory = Directory.CreateTempSubdirectory("zfsesx-shell-").FullName;
        File.CreateSymbolicLink(Path.Combine(directory, "sh"), shell);
        return directory;
    }

    /// <summary>Runs a local program that has to succeed and returns its output.</summary>
    public static string Run(string program, params string[] arguments)
    {
        ProcessStartInfo info = new(program, arguments) { RedirectStandardOutput = true };
        using Process process = Process.Start(info)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException(program + " ended with " + process.ExitCode + ".");
    }

    /// <summary>Processes whose command line has <paramref name="text"/> in it, this one excepted.</summary>
    public static IReadOnlyList<int> ProcessesWith(string text)
    {
        List<int> found = [];
        foreach (string directory in Directory.GetDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), out int id) && id != Environment.ProcessId)
            {
                try
                {
                    if (File.ReadAllText(directory + "/cmdline").Replace('\0', ' ')
                        .Contains(text, StringComparison.Ordinal))
                    {
                        found.Add(id);
                    }
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    // It has just ended.
                }
            }
        }

        return found;
    }

    /// <summary>Waits until something is so, at most a minute.</summary>
    public static async Task<bool> BecomesAsync(Func<bool> so, double seconds = 60)
    {
        Stopwatch watch = Stopwatch.StartNew();
        while (!so())
        {
            if (watch.Elapsed.TotalSeconds > seconds)
            {
                return false;
            }

            await Task.Delay(20);
        }

        return true;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit(5000);
        }

        _process.Dispose();
        Directory.Delete(Root, recursive: true);
    }

    /// <summary>A port of 127.0.0.1 where nothing listens.</summary>
    public static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private bool WaitUntilItListens()
    {
        Stopwatch watch = Stopwatch.StartNew();
        while (!_process.HasExited && watch.Elapsed.TotalSeconds < 60)
        {
            try
            {
                using TcpClient client = new();
                client.Connect(IPAddress.Loopback, Port);
                return true;
            }
            catch (SocketException)
            {
                Thread.Sleep(20);
            }
        }

        return false;
    }
}
