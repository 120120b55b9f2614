using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using ZfsEsx.Shell;

namespace ZfsEsx.Lab;

/// <summary>How a lab comes up and goes away.</summary>
public sealed partial class Lab
{
    /// <summary>Size of machine that a template is made for while the lab comes up.</summary>
    public const int UsualMemoryMB = 768;

    // a card for each in the hosts' guest, which has 32 slots
    private const int MostNodes = 20;

    /// <summary>Brings a lab up; one that runs already is left as it is.</summary>
    public static async Task<Lab> UpAsync(LabOptions options, Action<string> say, CancellationToken ct)
    {
        if (options.Nodes is < 1 or > MostNodes)
        {
            throw new LabException($"A lab has 1 to {MostNodes} nodes.");
        }

        var paths = new LabPaths(options.Name);
        using IDisposable alone = await LockAsync(paths, ct);
        if (FindRunning(paths) is { } running)
        {
            say($"The lab {paths.Name} runs already, with {running.Nodes.Count} nodes.");
            return running;
        }

        End(paths);
        var watch = Stopwatch.StartNew();
        await Prerequisites.EnsureAsync(fuse: false, say, ct);
        try
        {
            Task<string> simulator = Esxsim.BuildAsync(say, ct);
            Task<string> image = GuestImage.EnsureAsync(say, ct);
            LabFile file = await CreateAsync(paths, options, ct) with { Image = await image };
            say("Preparing the machine that guests are started from…");
            await Template.EnsureAsync(file.Image, UsualMemoryMB, cpus: 1, ct);
            file.Write(paths);
            say("Starting the simulator and the hosts' NFS clients…");
            await new Guest(paths, HostsGuest.Name).StartAsync(
                HostsGuest.Configuration(UsualMemoryMB, options.Nodes), file, ct);
            await new Esxsim(paths).StartAsync(await simulator, options.Nodes, WriteHook(paths), ct);
            var lab = new Lab(paths, file);
            await lab.WaitReadyAsync(HostsGuest.Name, ct);
            (file with { Complete = true }).Write(paths);
            string after = $"after {watch.Elapsed.TotalSeconds:0.0} s";
            say($"The lab {paths.Name} is up with {options.Nodes} nodes {after}: {lab.Vim}");
            return lab;
        }
        catch
        {
            End(paths, keepFiles: true);
            throw;
        }
    }

    /// <summary>The lab of that name if it is running.</summary>
    public static Lab? Find(string name) => FindRunning(new LabPaths(name));

    /// <summary>The names of all labs of this user, running or not.</summary>
    public static IReadOnlyList<string> Names() =>
        Directory.Exists(LabPaths.StateRoot)
            ? [.. Directory.GetDirectories(LabPaths.StateRoot)
                .Select(d => Path.GetFileName(d)!)
                .Where(n => !n.Contains('.'))]
            : [];

    /// <summary>Ends everything that belongs to the lab of that name, also after a half-failed start.</summary>
    public static async Task DownAsync(string name, Action<string> say, CancellationToken ct)
    {
        var paths = new LabPaths(name);
        using IDisposable alone = await LockAsync(paths, ct);
        bool was = File.Exists(paths.LabFile);
        End(paths);
        say(was ? $"The lab {name} is down." : $"There is no lab {name}.");
    }

    /// <summary>Ends this lab.</summary>
    public Task DownAsync() => DownAsync(Name, _ => { }, CancellationToken.None);

    private static Lab? FindRunning(LabPaths paths) =>
        LabFile.Read(paths) is { Complete: true } file
        && new Esxsim(paths).ProcessId is not null
        && new Guest(paths, HostsGuest.Name).ProcessId is not null
            ? new Lab(paths, file)
            : null;

    private static Task<IDisposable> LockAsync(LabPaths paths, CancellationToken ct)
    {
        LabPaths.CreatePrivate(LabPaths.StateRoot);
        return LabLock.TakeAsync(paths.State + ".lock", TimeSpan.FromMinutes(40), ct);
    }

    private static async Task<LabFile> CreateAsync(LabPaths paths, LabOptions options, CancellationToken ct)
    {
        LabPaths.CreatePrivate(paths.State);
        LabPaths.CreatePrivate(paths.Run);
        string password = RandomNumberGenerator.GetHexString(16, lowercase: true);
        // the password goes in by standard input: nothing of it on a command line
        const string Crypt = "chomp($p = <STDIN>); print crypt($p, $ARGV[0])";
        string salt = "$6$" + RandomNumberGenerator.GetHexString(12, lowercase: true);
        CommandResult hash = await Tool.RunAsync(
            ["perl", "-e", Crypt, salt],
            TimeSpan.FromSeconds(20),
            ct,
            System.Text.Encoding.ASCII.GetBytes(password + "\n"));
        var file = new LabFile
        {
            Name = paths.Name,
            Options = options,
            NetworkPort = Ports.Free([]),
            RootPassword = password,
            RootPasswordHash = hash.Output,
        };
        file.Write(paths);
        await SshKeys.CreateAsync(paths.SshKey, "zfsesx-lab", ct);
        foreach (int number in Enumerable.Range(1, options.Nodes))
        {
            await new Guest(paths, VmNameOf(number)).PrepareAsync(ct);
        }

        return file;
    }

    // The simulator splits its hook at blanks: a script with a short path stands for a command line that may have some.
    private static string WriteHook(LabPaths paths)
    {
        string dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../../dotnet"));
        string[] words = [dotnet, typeof(Lab).Assembly.Location, "hook", paths.State];
        string script = HookOf(paths);
        LabPaths.WritePrivate(
            script,
            "#!/bin/sh\nexport ZFSESX_LAB_STATE=" + ShellQuote.Quote(LabPaths.StateRoot)
            + "\nexec " + string.Join(' ', words.Select(ShellQuote.Quote)) + " \"$@\"\n");
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return script;
    }

    private static string HookOf(LabPaths paths) => Path.Combine(paths.Run, "hook");

    private static void End(LabPaths paths, bool keepFiles = false)
    {
        new Esxsim(paths).Stop();
        // by their command lines and not by the files with their ids: a guest may just be starting
        foreach (int id in LiveProcess.With("-pidfile\0" + paths.Run + "/"))
        {
            LiveProcess.Kill(id, paths.Run + "/");
        }

        if (Directory.Exists(paths.Run))
        {
            Directory.Delete(paths.Run, recursive: true);
        }

        if (!keepFiles && Directory.Exists(paths.State))
        {
            Directory.Delete(paths.State, recursive: true);
        }
    }
}
