using System.Diagnostics;
using ZfsEsx.Core.Tests.Zfs;
using ZfsEsx.Shell;

namespace ZfsEsx.Core.Tests.Os;

/// <summary>
/// A system that is not this one, made of programs in a folder that answer as its own do; the product's scripts run
/// over them in a real shell. What is not captured is written by hand after the manuals (1M) of snv_134 and illumos.
/// </summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
internal sealed class SunSystem : IDisposable
{
    private readonly string _path;

    /// <param name="tools">
    /// The programs of this machine that it has, too, and no others; all of them when none is named.
    /// </param>
    public SunSystem(params string[] tools)
    {
        _path = tools.Length == 0 ? Folder + ":" + Environment.GetEnvironmentVariable("PATH") : Folder;
        foreach (string tool in tools)
        {
            File.CreateSymbolicLink(PathOf(tool), Find(tool));
        }

        Program("uname", "echo SunOS");
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("sunos").FullName;

    /// <summary>What the programs have noted down, below $SUN.</summary>
    public string Log => File.Exists(PathOf("log")) ? File.ReadAllText(PathOf("log")) : "";

    /// <summary>What the last script has said on its standard error.</summary>
    public string Errors { get; private set; } = "";

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    public string PathOf(string name) => Path.Combine(Folder, name);

    public void Program(string name, string script)
    {
        File.Delete(PathOf(name)); // it may be a link
        File.WriteAllText(PathOf(name), "#!/bin/sh\n" + script + "\n");
        File.SetUnixFileMode(PathOf(name), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>A program that answers with a captured text when it is called as the check wants.</summary>
    public void Answer(string name, string fixture, string check)
    {
        File.WriteAllText(PathOf(name + ".txt"), ZfsFixture.Text(fixture));
        Program(name, check + "\ncat '" + PathOf(name + ".txt") + "'");
    }

    /// <summary>
    /// Its crontab, after crontab(1) and crontab.c of illumos: it reads its standard input without an argument, "-" is
    /// a file like others, and a line that it does not take leaves the old crontab and ends with 0.
    /// </summary>
    public void Crontab() => Program("crontab", """
        t=$SUN/crontab.root
        no() { echo "crontab: can't open your crontab file." >&2; exit 1; }
        case $1 in
          -l) cat "$t" 2>/dev/null || no; exit;;
          -r) rm "$t" 2>/dev/null || no; exit;;
          '') n=$(cat; echo .);;
          *) n=$(cat "./$1" 2>/dev/null || cat "/$1" 2>/dev/null; echo .); [ "$n" != . ] || no;;
        esac
        n=${n%.}
        if printf '%s' "$n" | grep '^[^#]' | grep -qv '^[0-9*,-]* [0-9*,-]* [0-9*,-]* [0-9*,-]* [0-9*,-]* .'; then
          echo 'crontab: error on previous line; unexpected character found in line.' >&2
          echo 'crontab: errors detected in input, no crontab file generated.' >&2
          exit 0
        fi
        printf '%s' "$n" >"$t"
        """);

    /// <summary>Runs a script of ours by a shell of this machine, over its programs.</summary>
    public async Task<(int Code, string Output)> RunAsync(string shell, string script, params string[] arguments)
    {
        CommandResult result = await RunAsync(Find(shell), ["-c", script, "sh", .. arguments], null);
        Errors = result.Error;
        return (result.ExitCode, result.Output);
    }

    /// <summary>Runs a command of ours; its sh is ksh93.</summary>
    public Task<CommandResult> RunAsync(RemoteCommand command, CancellationToken ct) => RunAsync(
        command.Words[0] == "sh" ? Find("ksh93") : PathOf(command.Words[0]), command.Words.Skip(1), command.Input, ct);

    private async Task<CommandResult> RunAsync(
        string program, IEnumerable<string> arguments, byte[]? input, CancellationToken ct = default)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        start.Environment["PATH"] = _path;
        start.Environment["LC_ALL"] = "C";
        start.Environment["SUN"] = Folder;
        start.Environment["SSH_CONNECTION"] = "192.168.10.5 40000 192.168.10.21 22";
        start.Environment.Remove("TZ");
        using Process process = Process.Start(start)!;
        await process.StandardInput.BaseStream.WriteAsync(input ?? [], ct);
        process.StandardInput.Close();
        Task<string> error = process.StandardError.ReadToEndAsync(ct);
        string output = await process.StandardOutput.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct).WaitAsync(TimeSpan.FromMinutes(2), ct);
        return new CommandResult(process.ExitCode, output, await error);
    }

    public static string Find(string tool) => Environment.GetEnvironmentVariable("PATH")!.Split(':')
        .Append("/usr/bin").Append("/bin").Select(d => Path.Combine(d, tool)).First(File.Exists);
}
