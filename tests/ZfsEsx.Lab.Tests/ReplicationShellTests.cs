using ZfsEsx.Replication;

namespace ZfsEsx.Lab.Tests;

/// <summary>
/// Real cycles by every shell that the agent must work with, and with nothing but what POSIX promises.
/// </summary>
[Collection(ReplicationHosts.Name)]
public sealed class ReplicationShellTests(ReplicationFixture ring)
{
    private const string Agent = "/usr/local/lib/zfsesx/agent.sh";

    [Theory]
    [InlineData("dash", false)]
    [InlineData("bash --posix", false)]
    [InlineData("ksh93", false)]
    [InlineData("mksh", false)]
    [InlineData("yash", false)]
    [InlineData("busybox sh", false)]
    [InlineData("ksh93", true)]
    public async Task DeliversOnBothSides(string shell, bool strict)
    {
        string[] names =
            [.. Enumerable.Range(1, 3).Select(i => $"by-{shell.Replace(' ', '-')}{(strict ? "-strict" : "")}{i}")];
        string words =
            await ReplicationFixture.MustAsync(ring.Source, "sh", "-c", "command -v ${1%% *}", "sh", shell)
            + shell[shell.Split(' ')[0].Length..];
        try
        {
            foreach (RingMember member in ring.Members)
            {
                await ReplicationFixture.MustAsync(member.Host, "sh", "-c", Set, "sh", words, strict ? "yes" : "");
            }

            Assert.StartsWith(
                "ok ", await ReplicationFixture.MustAsync(ring.Source, Agent, "selftest"), StringComparison.Ordinal);
            foreach (string name in names)
            {
                await ring.NewFileSystemAsync(name, 20_000);
            }

            // In full, then by increments side by side and one that is too large for that, then nothing.
            ZfsRingReplication first = await CycleAsync(names[0]);
            await ring.WriteAsync(names[0], 20_000);
            await ring.WriteAsync(names[1], 20_000);
            await ring.WriteAsync(names[2], 5_000_000);
            await Task.Delay(1100); // snapshot names have seconds
            ZfsRingReplication second = await CycleAsync(names[0]);
            Assert.NotEqual(first.LastSnapshot, second.LastSnapshot);
            foreach (string name in names)
            {
                ZfsRingReplication row = await ring.StateAsync("sp1/nas/" + name);
                Assert.Equal((ReplicationResult.Ok, second.LastSnapshot), (row.Result, row.LastSnapshot));
                string guid = await ReplicationFixture.MustAsync(
                    ring.Neighbour, "zfs", "get", "-Hp", "-o", "value", "guid", row.Replica + "@" + row.LastSnapshot);
                Assert.Equal(row.SnapshotGuid, guid);
            }

            await CycleAsync(names[0], "nothing", "old");
        }
        finally
        {
            foreach (RingMember member in ring.Members)
            {
                await ReplicationFixture.MustAsync(
                    member.Host, "sh", "-c",
                    "mv /tmp/agent.kept " + Agent + "; rm -rf /opt/posix /var/lib/zfsesx/lacks");
            }
        }
    }

    private async Task<ZfsRingReplication> CycleAsync(string name, params string[] more)
    {
        string said = await ReplicationFixture.MustAsync(ring.Source, [Agent, "cycle", "uss2", .. more]);
        Assert.Equal("", said);
        return await ring.StateAsync("sp1/nas/" + name);
    }

    // The strict tools are all that is in the agent's PATH: those that POSIX names, with the options that POSIX names,
    // and the awk that most others descend from. What was called otherwise is in /tmp/strict.
    private const string Set =
        """
        cd /usr/local/lib/zfsesx && cp -p agent.sh /tmp/agent.kept && rm -f /var/lib/zfsesx/lacks || exit
        sed "1s,.*,#!$1," /tmp/agent.kept >agent.sh
        [ -n "$2" ] || exit 0
        sed "1s,.*,#!$1,; s,^PATH=.*,PATH=/opt/posix," /tmp/agent.kept >agent.sh
        mkdir -p /opt/posix && cd /opt/posix || exit
        while read -r tool options; do
          program=$(command -v $tool)
          [ $tool != awk ] || program=$(command -v original-awk)
          printf '#!/bin/sh\nwhile getopts "%s" o; do [ "$o" != "?" ] || exit 2; done\nPOSIXLY_CORRECT=1 exec %s "$@"\n' "$options" "$program" >$tool
        done <<'END'
        awk F:f:v:
        cat u
        cmp ls
        cut b:c:d:f:ns
        date u
        grep EFce:f:ilnqsvx
        head n:
        kill s:l
        ls ACFHLRSacdfgiklmnopqrstux1
        mkdir m:p
        mkfifo m:
        mv fi
        ps aAdefg:G:ln:o:p:t:u:U:
        rm fiRr
        rmdir p
        sed ne:f:
        sleep x
        sort bcCdfik:mno:rt:u
        tail c:fn:
        tr Ccds
        uname amnrsv
        wc cmlw
        who abdHlmpqrstTu
        xargs E:I:L:n:prs:tx
        END
        printf '#!/bin/sh\nfor w; do case $w in if=* | of=* | bs=* | count=* | skip=* | seek=* | ibs=* | obs=* | conv=*) ;; *) exit 2 ;; esac; done; exec %s "$@"\n' "$(command -v dd)" >dd
        chmod 755 *
        ln -s "$(command -v zfs)" "$(command -v ssh)" .
        """;
}
