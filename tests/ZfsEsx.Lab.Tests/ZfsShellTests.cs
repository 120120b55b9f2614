using System.Diagnostics;
using System.Text;
using ZfsEsx.Shell;

namespace ZfsEsx.Lab.Tests;

/// <summary>Commands over a real sshd.</summary>
public sealed class ZfsShellTests : IClassFixture<ZfsShellTests.Server>
{
    private readonly LoopbackSshd _sshd;

    public ZfsShellTests(Server server) => _sshd = server.Sshd;

    public static TheoryData<string> Shells
    {
        get
        {
            // The lab installs all of them. busybox finds its applet by the name "sh".
            TheoryData<string> shells = [];
            foreach (string shell in new[] { "/bin/dash", "/bin/bash", "/bin/busybox", "/bin/ksh93", "/bin/mksh" })
            {
                shells.Add(shell);
            }

            return shells;
        }
    }

    [Theory]
    [MemberData(nameof(Shells))]
    public async Task Words_input_and_answers_are_exact_in_every_shell(string shell)
    {
        Assert.True(File.Exists(shell), shell + " is not installed; the lab's prerequisites name its package.");
        string shim = LoopbackSshd.ShellShim(shell);
        using LoopbackSshd sshd = LoopbackSshd.Start(
            "SetEnv PATH=" + shim + ":/usr/bin:/bin",
            "ForceCommand exec " + shim + "/sh -c 'read -r b; eval \"$b\"'");
        using OpenSshShell remote = await OpenSshShell.ConnectAsync(sshd.Options(), CancellationToken.None);

        string[] words =
        [
            "", " ", "a b", "it's", "\"", "$(touch /tmp/zfsesx-pwned)", "`id`", ";id", "a\nb\n", "\n", "\\", "\\n",
                "*", "~", "ä€😀",
            "-n", "a\tb", "\r", "'\n'", "$nl", "!x", "%s",
        ];
        CommandResult result =
            await remote.RunAsync(new RemoteCommand(["printf", "%s\\0", .. words]), CancellationToken.None);
        Assert.Equal(words, result.Output.Split('\0')[..^1]);
        Assert.Equal("", result.Error);
        Assert.Equal(0, result.ExitCode);
        Assert.False(File.Exists("/tmp/zfsesx-pwned"));

        byte[] every = [.. Enumerable.Range(0, 256).Select(i => (byte)i), .. Encoding.UTF8.GetBytes("'%d\\n äöü\n")];
        result = await remote.RunAsync(
            new RemoteCommand("od", "-An", "-v", "-tu1") { Input = every }, CancellationToken.None);
        Assert.Equal(every, result.Output.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(byte.Parse));

        // Input that nobody reads does not disturb what follows.
        result = await remote.RunAsync(new RemoteCommand("true") { Input = new byte[200_000] }, CancellationToken.None);
        Assert.Equal(0, result.ExitCode);

        result = await remote.RunAsync(
            RemoteCommand.Script("printf 'a\\0b' >&2; printf 'out'; exit 3"), CancellationToken.None);
        Assert.Equal((3, "out", "a\0b"), (result.ExitCode, result.Output, result.Error));
        result = await remote.RunAsync(RemoteCommand.Script("cat; kill -9 $$"), CancellationToken.None);
        Assert.Equal((137, ""), (result.ExitCode, result.Output));
        result = await remote.RunAsync(new RemoteCommand("no-such-program"), CancellationToken.None);
        Assert.Equal(127, result.ExitCode);

        await AssertCancelAsync(remote);
        Directory.Delete(shim, recursive: true);
    }

    [Fact]
    public async Task Login_noise_and_left_behind_processes_do_not_reach_an_answer()
    {
        using LoopbackSshd sshd = LoopbackSshd.Start(
            "ForceCommand printf 'Welcome, no line end'; echo grumble >&2; eval \"$SSH_ORIGINAL_COMMAND\"");
        using OpenSshShell remote = await OpenSshShell.ConnectAsync(sshd.Options(), CancellationToken.None);
        CommandResult result = await remote.RunAsync(new RemoteCommand("echo", "one"), CancellationToken.None);
        Assert.Equal(("one\n", ""), (result.Output, result.Error));
        result = await remote.RunAsync(
            RemoteCommand.Script("(sleep 0.3; echo late; echo late >&2) & echo now"), CancellationToken.None);
        Assert.Equal("now\n", result.Output);
        await Task.Delay(500);
        result = await remote.RunAsync(new RemoteCommand("echo", "two"), CancellationToken.None);
        Assert.Equal(("two\n", ""), (result.Output, result.Error));
    }

    [Fact]
    public async Task A_csh_as_login_shell_is_fine()
    {
        Assert.True(File.Exists("/bin/tcsh"), "tcsh is not installed; the lab's prerequisites name its package.");
        using LoopbackSshd sshd = LoopbackSshd.Start("ForceCommand exec /bin/tcsh -c \"$SSH_ORIGINAL_COMMAND\"");
        using OpenSshShell remote = await OpenSshShell.ConnectAsync(sshd.Options(), CancellationToken.None);
        Assert.Equal("x!y\n", (await remote.RunAsync(new RemoteCommand("echo", "x!y"), CancellationToken.None)).Output);
    }

    [Fact]
    public async Task A_user_who_gets_no_shell_is_told_so()
    {
        using LoopbackSshd sshd = LoopbackSshd.Start("ForceCommand echo This account is currently not available.");
        ZfsEsxException e = await FailsAsync(sshd.Options());
        Assert.Equal("NoRemoteShell", e.Id);
        Assert.Contains("not available", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fifty_megabytes_come_through_and_lines_are_streamed()
    {
        using OpenSshShell remote = await OpenSshShell.ConnectAsync(_sshd.Options(), CancellationToken.None);
        CommandResult result = await remote.RunAsync(
            RemoteCommand.Script("head -c 50000000 /dev/zero | tr '\\0' x; head -c 1000000 /dev/zero >&2"),
                CancellationToken.None);
        Assert.Equal((50_000_000, 1_000_000), (result.Output.Length, result.Error.Length));
        Assert.DoesNotContain(result.Output, c => c != 'x');

        // The command goes on when its first line has been seen.
        List<string> lines = [];
        string seen = Path.Combine(_sshd.Root, "seen");
        RemoteCommand slow = new(
            "sh", "-c", "echo one; until [ -f \"$1\" ]; do sleep 0.05; done; printf 'two\\nthree'", "sh", seen)
        {
            OnLine = l =>
            {
                lines.Add(l);
                File.WriteAllText(seen, l);
            },
            Timeout = TimeSpan.FromMinutes(1),
        };
        result = await remote.RunAsync(slow, CancellationToken.None);
        Assert.Equal(["one", "two", "three"], lines);
        Assert.Equal("", result.Output);
    }

    [Fact]
    public async Task Two_hundred_commands_are_one_ssh_process()
    {
        using OpenSshShell remote = await OpenSshShell.ConnectAsync(_sshd.Options(), CancellationToken.None);
        int before = _sshd.Log.Split("Accepted publickey").Length;
        string[] answers = (await Task.WhenAll(Enumerable.Range(0, 200).Select(
            i => remote.RunAsync(new RemoteCommand("echo", i.ToString()), CancellationToken.None))))
                .Select(r => r.Output).ToArray();
        Assert.Equal(Enumerable.Range(0, 200).Select(i => i + "\n"), answers);
        Assert.Single(LoopbackSshd.ProcessesWith("ssh -T -x -a -F /dev/null -p " + _sshd.Port + " "), remote.ProcessId);
        Assert.Equal(before, _sshd.Log.Split("Accepted publickey").Length);
    }

    [Fact]
    public async Task Closing_leaves_nothing_running()
    {
        OpenSshShell remote = await OpenSshShell.ConnectAsync(_sshd.Options(), CancellationToken.None);
        Task<CommandResult> running = remote.RunAsync(new RemoteCommand("sleep", "4711.5"), CancellationToken.None);
        Assert.True(await LoopbackSshd.BecomesAsync(() => LoopbackSshd.ProcessesWith("sleep 4711.5").Count > 0));
        remote.Dispose();
        await Assert.ThrowsAnyAsync<Exception>(() => running);
        Assert.True(await LoopbackSshd.BecomesAsync(() => LoopbackSshd.ProcessesWith("sleep 4711.5").Count == 0));
    }

    [Fact]
    public async Task A_killed_connection_is_reported_ends_the_command_and_is_made_again()
    {
        using OpenSshShell remote = await OpenSshShell.ConnectAsync(_sshd.Options(), CancellationToken.None);
        Task<CommandResult> running = remote.RunAsync(new RemoteCommand("sleep", "4712.5"), CancellationToken.None);
        Assert.True(await LoopbackSshd.BecomesAsync(() => LoopbackSshd.ProcessesWith("sleep 4712.5").Count > 0));
        using (Process ssh = Process.GetProcessById(remote.ProcessId))
        {
            ssh.Kill();
        }

        ZfsEsxException e = await Assert.ThrowsAsync<ZfsEsxException>(() => running);
        Assert.Equal(("ConnectionLost", FailureKind.Connection, "uss1"), (e.Id, e.Kind, e.Target));
        Assert.Contains("sleep", e.Message, StringComparison.Ordinal);
        Assert.Contains("unknown", e.Message, StringComparison.Ordinal);
        Assert.True(await LoopbackSshd.BecomesAsync(() => LoopbackSshd.ProcessesWith("sleep 4712.5").Count == 0));
        Assert.Equal(
            "again\n", (await remote.RunAsync(new RemoteCommand("echo", "again"), CancellationToken.None)).Output);
    }

    [Fact]
    public async Task A_command_that_takes_too_long_is_stopped_even_if_it_ignores_the_first_signal()
    {
        using OpenSshShell remote = await OpenSshShell.ConnectAsync(_sshd.Options(), CancellationToken.None);
        RemoteCommand stubborn = new("sh", "-c", "trap '' TERM; sleep 4713.5; sleep 4713.5")
        {
            Timeout = TimeSpan.FromSeconds(0.5),
        };
        ZfsEsxException e =
            await Assert.ThrowsAsync<ZfsEsxException>(() => remote.RunAsync(stubborn, CancellationToken.None));
        Assert.Equal(("CommandTimeout", FailureKind.Timeout), (e.Id, e.Kind));
        Assert.True(await LoopbackSshd.BecomesAsync(() => LoopbackSshd.ProcessesWith("sleep 4713.5").Count == 0));
        Assert.Equal("on\n", (await remote.RunAsync(new RemoteCommand("echo", "on"), CancellationToken.None)).Output);
    }

    [Fact]
    public async Task Uploads_are_whole_and_have_their_mode()
    {
        using OpenSshShell remote = await OpenSshShell.ConnectAsync(_sshd.Options(), CancellationToken.None);
        string path = Path.Combine(_sshd.Root, "a file; $(id) 'ä'");
        byte[] content = new byte[300_000];
        new Random(1).NextBytes(content);
        await remote.UploadAsync(path, content, "0640", CancellationToken.None);
        Assert.Equal(content, File.ReadAllBytes(path));
        Assert.Equal("640\n", LoopbackSshd.Run("stat", "-c", "%a", path));
        await remote.UploadAsync(path, [], "0600", CancellationToken.None);
        Assert.Empty(File.ReadAllBytes(path));
        Assert.Single(Directory.GetFiles(_sshd.Root, "a file*"));
        ZfsEsxException e = await Assert.ThrowsAsync<ZfsEsxException>(
            () => remote.UploadAsync("/no/such/directory/file", content, "0600", CancellationToken.None));
        Assert.Equal("UploadFailed", e.Id);
    }

    internal static async Task<ZfsEsxException> FailsAsync(SshOptions options) =>
        await Assert.ThrowsAsync<ZfsEsxException>(async () =>
        {
            using OpenSshShell shell = await OpenSshShell.ConnectAsync(options, CancellationToken.None);
        });

    private static async Task AssertCancelAsync(OpenSshShell remote)
    {
        string seconds = (5000 + Random.Shared.Next(100_000)) + ".5";
        using CancellationTokenSource cancel = new();
        Task<CommandResult> running = remote.RunAsync(
            RemoteCommand.Script("/bin/sleep \"$1\" | /bin/sleep \"$1\"; echo not reached", seconds), cancel.Token);
        Assert.True(await LoopbackSshd.BecomesAsync(() => LoopbackSshd.ProcessesWith("sleep " + seconds).Count == 2));
        Stopwatch watch = Stopwatch.StartNew();
        cancel.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), "cancelling took " + watch.Elapsed);
        Assert.True(await LoopbackSshd.BecomesAsync(() => LoopbackSshd.ProcessesWith("sleep " + seconds).Count == 0));
        Assert.Equal("on\n", (await remote.RunAsync(new RemoteCommand("echo", "on"), CancellationToken.None)).Output);
    }

    public sealed class Server : IDisposable
    {
        public LoopbackSshd Sshd { get; } = LoopbackSshd.Start();

        public void Dispose() => Sshd.Dispose();
    }
}
