using System.Diagnostics;
using ZfsEsx.Replication;

namespace ZfsEsx.Core.Tests.Replication;

/// <summary>The agent in every shell that this machine has: its syntax and its own test.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class AgentScriptTests : IDisposable
{
    private static readonly string[][] s_shells =
        [["sh"], ["dash"], ["bash", "--posix"], ["busybox", "sh"], ["ksh93"], ["mksh"], ["yash"]];

    private readonly string folder = Directory.CreateTempSubdirectory("zfsesx-agent-").FullName;

    public AgentScriptTests()
    {
        foreach (string path in AgentFiles.Paths)
        {
            File.WriteAllBytes(Path.Combine(folder, Path.GetFileName(path)), AgentFiles.Read(path));
        }
    }

    // One test, not one per shell: which shells a machine has is not known when tests are listed. sh is everywhere.
    [Fact]
    public void PassesItsOwnTestInEveryShell()
    {
        string[][] shells = [.. s_shells.Where(s => Find(s[0]) is not null)];
        Assert.Contains(shells, s => s[0] == "sh");
        foreach (string[] shell in shells)
        {
            foreach (string path in AgentFiles.Paths)
            {
                (int code, string said) = Run([.. shell, "-n", Path.Combine(folder, Path.GetFileName(path))]);
                Assert.True(code == 0, string.Join(' ', shell) + " -n " + path + ": " + said);
            }

            (int result, string output) = Run([.. shell, Path.Combine(folder, "agent.sh"), "selftest"]);
            Assert.True(
                result == 0 && output.StartsWith("ok ", StringComparison.Ordinal),
                string.Join(' ', shell) + ": " + output);
        }
    }

    // Systems of the Solaris family have an awk of Kernighan's line.
    [Fact]
    public void PassesItsOwnTestWithEveryAwk()
    {
        string[][] awks = [.. new string[][] { ["mawk"], ["gawk", "--posix"], ["original-awk"], ["busybox", "awk"] }
            .Where(a => Find(a[0]) is not null)];
        Assert.NotEmpty(awks);
        string agent = Path.Combine(folder, "agent.sh"), text = File.ReadAllText(agent);
        string tools = Directory.CreateDirectory(Path.Combine(folder, "bin")).FullName,
            awk = Path.Combine(tools, "awk");
        File.WriteAllText(agent, text.Replace("\nPATH=", "\nPATH=" + tools + ":", StringComparison.Ordinal));
        foreach (string[] words in awks)
        {
            File.WriteAllText(
                awk,
                $"#!/bin/sh\necho used >>{folder}/used\nexec {Find(words[0])} {string.Join(' ', words[1..])} \"$@\"\n");
            File.SetUnixFileMode(awk, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            (int result, string output) = Run(["sh", agent, "selftest"]);
            Assert.True(
                result == 0 && output.StartsWith("ok ", StringComparison.Ordinal),
                string.Join(' ', words) + ": " + output);
        }

        Assert.True(File.Exists(Path.Combine(folder, "used")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("cycle")]
    [InlineData("serve", "../x")]
    [InlineData("serve", "a b")]
    [InlineData("cycle", "$(id)")]
    [InlineData("cycle", "-x")]
    [InlineData("reboot", "uss2")]
    public void RefusesWhatItDoesNotKnow(params string[] arguments)
    {
        (int code, string said) = Run(["sh", Path.Combine(folder, "agent.sh"), .. arguments]);
        Assert.Equal(2, code);
        Assert.StartsWith("zfsesx: ", said, StringComparison.Ordinal);
    }

    [Fact]
    public void NothingDangerousIsInIt()
    {
        string all = string.Concat(
            AgentFiles.Paths.Select(p => System.Text.Encoding.ASCII.GetString(AgentFiles.Read(p))));
        Assert.DoesNotMatch(@"\beval\b\s+[""$]", all);
        Assert.DoesNotMatch(@"zfs (receive|recv)[^\n]* -[a-zA-Z]*F", all);
        Assert.DoesNotMatch(@"zfs send[^\n]* -[a-zA-Z]*[RpD]\b", all);
        Assert.DoesNotMatch(@"zfs rollback", all);
        Assert.Single(System.Text.RegularExpressions.Regex.Matches(all, @"\bzfs destroy\b"));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Select(d => Path.Combine(d, program)).FirstOrDefault(File.Exists);

    private static (int Code, string Output) Run(string[] words)
    {
        ProcessStartInfo start = new(words[0], words[1..])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true
        };
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(60_000), string.Join(' ', words) + " does not end");
        return (process.ExitCode, output + error.Result);
    }
}
