using System.Diagnostics;
using ZfsEsx.Os;
using ZfsEsx.Replication;
using ZfsEsx.Shell;

namespace ZfsEsx.Lab.Tests;

/// <summary>
/// A plain user's ways to root: sudo with and without a password, doas; and what stays hidden on the way.
/// </summary>
public sealed class ZfsPrivilegeTests : IAsyncLifetime
{
    private const string Password = "S3cret 'with\" $(touch /pwned) ä";
    private const string Rule = "/etc/sudoers.d/admin";
    private FuseLab? _lab;

    public async Task InitializeAsync()
    {
        _lab = await FuseLab.UpAsync(
            new LabOptions { Name = "admin-" + Environment.ProcessId, Nodes = 2 },
            Console.WriteLine,
            CancellationToken.None);
        foreach (string host in _lab.Hosts)
        {
            await MustAsync(host, "useradd", "-m", "-s", "/bin/sh", "admin");
            await MustAsync(host, "sh", "-c", "printf 'admin:%s\n' \"$1\" | chpasswd", "sh", Password);
            await RuleAsync(host, "admin ALL=(ALL) ALL\n");
        }
    }

    public Task DisposeAsync() => _lab?.DownAsync() ?? Task.CompletedTask;

    [Fact]
    public async Task A_password_for_login_and_sudo_is_seen_nowhere()
    {
        // Stands where sudo is run there: notes what anybody on that machine could see, then is sudo.
        await MustAsync("uss1", "sh", "-c", """
            printf '%s\n' '#!/bin/sh' 'for p in /proc/[0-9]*; do tr "\0" "\n" <$p/cmdline; tr "\0" "\n" <$p/environ; done >>/tmp/seen 2>/dev/null' \
              'exec /usr/bin/sudo "$@"' >/usr/local/bin/sudo && chmod 755 /usr/local/bin/sudo
            """);
        using ZfsHost host = await OpenAsync("uss1", Password, Password, insist: true);
        Assert.Equal(("admin", Elevation.Sudo), (host.UserName, host.Elevation));
        Task<CommandResult> running = host.RunAsync(RemoteCommand.Script("id -u; sleep 1"), CancellationToken.None);
        string seen = await MustAsync("uss1", "sh", "-c", """
            for p in /proc/[0-9]*; do tr '\0' '\n' <$p/cmdline; tr '\0' '\n' <$p/environ; done 2>/dev/null
            cat /tmp/seen /var/log/*.log /home/admin/.*history 2>/dev/null; find / -xdev -type f -newer /etc/sudoers.d/admin | xargs cat
            """);
        Assert.Equal("0\n", (await running).Output);
        Assert.Contains("-S", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("S3cret", seen, StringComparison.Ordinal);
        Assert.Equal("", await MustAsync("uss1", "sh", "-c", "ls /pwned 2>/dev/null || true"));
        foreach (string directory in Directory.GetDirectories("/proc").Where(d => char.IsDigit(Path.GetFileName(d)[0])))
        {
            Assert.DoesNotContain("S3cret", Read(directory + "/cmdline"), StringComparison.Ordinal);
        }

        Assert.Contains(
            "password for admin", await MustAsync("uss1", "cat", "/var/log/sshd.log"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_jump_host_that_asks_for_a_password_does_not_get_the_storage_vms()
    {
        // Both hosts know the same password: were it handed to uss1, the login there would succeed.
        SshOptions Through(string jump)
        {
            string config =
                Path.Combine(Path.GetDirectoryName(_lab!.SshConfigPath)!, "config-" + Guid.NewGuid().ToString("N"));
            File.WriteAllText(config, $"""
                Host through
                    HostName {_lab.AddressOf("uss2")}
                    HostKeyAlias uss2
                    ProxyJump {jump}
                Host admin-uss1
                    HostName {_lab.AddressOf("uss1")}
                    User admin
                    HostKeyAlias uss1
                    PubkeyAuthentication no
                    ProxyCommand "{Path.GetDirectoryName(_lab.SshConfigPath)}/enter" %h %p
                Host through admin-uss1
                    UserKnownHostsFile "{Path.GetDirectoryName(_lab.SshConfigPath)}/known_hosts"
                Host uss1
                    Include "{_lab.SshConfigPath}"

                """);
            return new SshOptions
            {
                HostName = "through", ConfigFile = config, UserName = "admin", Password = SshOptions.Secure(Password),
            };
        }

        using (OpenSshShell shell = await OpenSshShell.ConnectAsync(Through("uss1"), CancellationToken.None))
        {
            Assert.Equal(
                "uss2\n", (await shell.RunAsync(new RemoteCommand("hostname"), CancellationToken.None)).Output);
        }

        Assert.Equal("JumpHostFailed", (await ZfsShellTests.FailsAsync(Through("admin-uss1"))).Id);
        Assert.DoesNotContain(
            "password for admin", await MustAsync("uss1", "cat", "/var/log/sshd.log"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_sudo_refuses_is_said_and_reading_goes_on()
    {
        ZfsEsxException e =
            await Assert.ThrowsAsync<ZfsEsxException>(() => OpenAsync("uss1", Password, "wrong", insist: true));
        Assert.Equal(("SudoPasswordRefused", FailureKind.PermissionDenied), (e.Id, e.Kind));
        Assert.DoesNotContain("wrong", e.ToString(), StringComparison.Ordinal);

        // A login without a password has none for sudo, and a tried one is no failure.
        await ReadsOnlyAsync(
            await OpenAsync("uss1", null, null, insist: false), "asks for a password", "-SudoCredential");
        await ReadsOnlyAsync(
            await OpenAsync("uss1", null, "wrong", insist: false), "does not take the password", "-SudoCredential");

        await RuleAsync("uss1", "");
        await ReadsOnlyAsync(
            await OpenAsync("uss1", Password, Password, insist: false), "not in the sudoers file", "-SudoCredential");
        await RuleAsync("uss1", "Defaults requiretty\nadmin ALL=(ALL) NOPASSWD: ALL\n");
        await ReadsOnlyAsync(
            await OpenAsync("uss1", Password, Password, insist: false), "must have a tty", "Connect as root");
        await RuleAsync("uss1", "Defaults timestamp_timeout=0, lecture=always, passwd_tries=1\nadmin ALL=(ALL) ALL\n");
        e = await Assert.ThrowsAsync<ZfsEsxException>(() => OpenAsync("uss1", Password, "wrong", insist: true));
        Assert.Equal("SudoPasswordRefused", e.Id);
        using ZfsHost strict = await OpenAsync("uss1", Password, Password, insist: true);
        Assert.Equal("0\n", (await strict.RunAsync(new RemoteCommand("id", "-u"), CancellationToken.None)).Output);
    }

    [Fact]
    public async Task Root_by_sudo_or_doas_without_a_password_outlives_the_connection()
    {
        await RuleAsync("uss1", "admin ALL=(ALL) NOPASSWD: ALL\n");
        await RuleAsync("uss2", "");
        await MustAsync("uss2", "sh", "-c", "echo 'permit nopass admin' >/etc/doas.conf");
        foreach ((string name, Elevation elevation) in new[] { ("uss1", Elevation.Sudo), ("uss2", Elevation.Doas) })
        {
            // A password that nobody asks for goes nowhere.
            using ZfsHost host = await OpenAsync(name, null, Password, insist: true);
            Assert.Equal((elevation, "admin"), (host.Elevation, host.UserName));
            RemoteCommand who =
                new("sh", "-c", "id -u; printf '%s\n' \"${SSH_CONNECTION:+known}\"; cat") { Input = [(byte)'x'] };
            Assert.Equal("0\nknown\nx", (await host.RunAsync(who, CancellationToken.None)).Output);

            // Ctrl+C ends what root runs.
            using CancellationTokenSource stop = new();
            Task<CommandResult> running = host.RunAsync(new RemoteCommand("sleep", "4321.5"), stop.Token);
            Assert.True(await LoopbackSshd.BecomesAsync(() => LoopbackSshd.ProcessesWith("sleep 4321.5").Count > 0));
            Stopwatch watch = Stopwatch.StartNew();
            stop.Cancel();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), watch.Elapsed.ToString());
            Assert.True(await LoopbackSshd.BecomesAsync(() => LoopbackSshd.ProcessesWith("sleep 4321.5").Count == 0));

            using (Process ssh = Process.GetProcessById(((OpenSshShell)host.Shell).ProcessId))
            {
                ssh.Kill();
                await ssh.WaitForExitAsync();
            }

            CommandResult? after = null;
            for (int i = 0; i < 2 && after is null; i++)
            {
                try
                {
                    after = await host.RunAsync(new RemoteCommand("id", "-u"), CancellationToken.None);
                }
                catch (ZfsEsxException e) when (e.Id == "ConnectionLost")
                {
                    // The end was noticed only with the first command.
                }
            }

            Assert.Equal("0\n", after!.Output);
        }
    }

    [Fact]
    public async Task Plain_users_set_up_replication_and_run_it()
    {
        await RuleAsync("uss2", "");
        await MustAsync("uss2", "sh", "-c", "echo 'permit nopass admin' >/etc/doas.conf");
        List<RingMember> members = [];
        foreach (string name in _lab!.Hosts)
        {
            int n = members.Count + 1;
            ZfsHost host = await OpenAsync(name, Password, name == "uss1" ? Password : null, insist: true);
            Zfs.ZpoolRequest pool = new()
            {
                Name = "sp" + n, Data = [new("disk", [FuseLab.Disks.Data])], Log = [new("disk", [FuseLab.Disks.Log])]
            };
            await RunAsync(await Zfs.Zpools.PlanNewAsync(host, pool, CancellationToken.None));
            Assert.NotEmpty(await HostDisks.GetAsync(host, CancellationToken.None));
            await MustAsync(name, "zfs", "create", $"sp{n}/nas");
            members.Add(new RingMember(host, new RingNode(name, $"sp{n}/nas", _lab.AddressOf(name))));
        }

        await MustAsync("uss1", "sh", "-c", "zfs create sp1/nas/vol0 && echo hello >/sp1/nas/vol0/file");
        for (int i = 0; i < 2; i++)
        {
            ReplicationTrustOptions trust = new() { UserName = "root", Address = members[1 - i].Node.Address };
            Assert.True((await RunAsync(await ReplicationTrust.PlanNewAsync(
                members[i].Host, members[1 - i].Host, trust, CancellationToken.None))).InOrder);
        }

        RingReplicationOptions options = new()
        {
            Schedule = ReplicationSchedule.At([17], [(DateTime.Now.Hour + 12) % 24]), UserName = "root",
        };
        await RunAsync(await RingReplication.PlanStartAsync(members, options, CancellationToken.None));
        Assert.Contains("zfsesx", await MustAsync("uss2", "crontab", "-l"), StringComparison.Ordinal); // root's
        IReadOnlyList<ZfsRingReplication> done = await RunAsync(
            await RingReplication.PlanInvokeAsync(members, options, ["uss1"], CancellationToken.None));
        Assert.Equal(ReplicationResult.Ok, done.Single(r => r.FileSystem == "sp1/nas/vol0").Result);
        Assert.Empty((await RingReplication.PlanStartAsync(members, options, CancellationToken.None)).Changes);
        members.ForEach(m => m.Host.Dispose());
    }

    private static async Task ReadsOnlyAsync(ZfsHost host, string reason, string advice)
    {
        using (host)
        {
            Assert.Equal((Elevation.None, "admin", HostSystem.Linux), (host.Elevation, host.UserName, host.System));
            Assert.Equal(
                "admin\n", (await host.RunAsUserAsync(new RemoteCommand("id", "-un"), CancellationToken.None)).Output);
            ZfsEsxException e = await Assert.ThrowsAsync<ZfsEsxException>(
                () => host.RunAsync(new RemoteCommand("true"), CancellationToken.None));
            Assert.Equal("ElevationRefused", e.Id);
            Assert.Contains(reason, e.Message, StringComparison.Ordinal);
            Assert.Contains(advice, e.Advice, StringComparison.Ordinal);
        }
    }

    // Without a password: by the lab's key.
    private async Task<ZfsHost> OpenAsync(string name, string? password, string? sudo, bool insist)
    {
        if (password is null)
        {
            await MustAsync(
                name, "sh", "-c",
                "mkdir -p /home/admin/.ssh && cp /root/.ssh/authorized_keys /home/admin/.ssh/ "
                    + "&& chown -R admin /home/admin/.ssh");
        }

        SshOptions options = new()
        {
            HostName = name, ConfigFile = _lab!.SshConfigPath, UserName = "admin",
            Password = password is null ? null : SshOptions.Secure(password),
        };
        return await ZfsHost.OpenAsync(
            await OpenSshShell.ConnectAsync(options, CancellationToken.None),
            sudo is null ? null : SshOptions.Secure(sudo),
            insist,
            CancellationToken.None);
    }

    private static async Task<T> RunAsync<T>(Plan<T> plan)
    {
        Assert.NotEmpty(plan.Changes);
        return await plan.RunAsync(SilentReporter.Instance, CancellationToken.None);
    }

    private Task<string> RuleAsync(string host, string rule) =>
        MustAsync(host, "sh", "-c", "rm -f \"$1\"; printf '%s' \"$2\" >\"$1\" && chmod 440 \"$1\"", "sh", Rule, rule);

    private async Task<string> MustAsync(string host, params string[] words)
    {
        CommandResult result = await _lab!.RunAsync(host, words);
        Assert.True(result.Succeeded, host + ": " + string.Join(' ', words) + ": " + result.Complaint);
        return result.Output;
    }

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ""; // it has just ended
        }
    }
}
