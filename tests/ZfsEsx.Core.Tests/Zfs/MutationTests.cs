using System.Text;
using ZfsEsx.Os;
using ZfsEsx.Zfs;

namespace ZfsEsx.Core.Tests.Zfs;

/// <summary>Broken answers of a system end in a result or in a failure of ours, never in another exception.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed partial class MutationTests
{
    private const int Rounds = 100_000;

    private static readonly string[] s_odd =
    [
        "\t", "\n", " ", "  ", "\"", "'", "$(id)", "%", ":", "=", "\u001e", "\u001elabels\n", "-", "/", "é", "\0",
        "99999999999999999999", "pool:", "\tx", "/dev/"
    ];

    [Fact]
    public void A_hundred_thousand_broken_answers() => Survive([.. Cases()]);

    private static void Survive((string Text, Action<string> Parse)[] all)
    {
        Random random = new(20261122);
        int ours = 0;
        for (int i = 0; i < Rounds; i++)
        {
            (string text, Action<string> parse) = all[i % all.Length];
            string broken = Break(text, random);
            try
            {
                parse(broken);
            }
            catch (ZfsEsxException)
            {
                ours++;
            }
            catch (Exception e)
            {
                Assert.Fail("Round " + i + ": " + e + "\n" + broken);
            }
        }

        Assert.True(ours < Rounds, "Every answer was refused.");
    }

    private static IEnumerable<(string, Action<string>)> Cases()
    {
        foreach (string file in ZfsFixture.Files("openzfs-2.3.9/pool-*.txt"))
        {
            yield return (file, t =>
            {
                IReadOnlyDictionary<string, string> parts = Sections.Split(t);
                ZpoolText.Pools("uss1", parts.Get("list"), parts.Get("status"), parts.Get("status"));
            });
            yield return (file, t => ZpoolText.Pools("uss1", null, t));
        }

        foreach (string file in ZfsFixture.Files("openzfs-2.3.9/import*.txt"))
        {
            yield return (file, t => ZpoolImports.Read("uss1", Sections.Split(t)));
            yield return ("\u001eimport\n" + file, t => ZpoolImports.Read("uss1", Sections.Split(t)));
        }

        string pools = ZfsFixture.Text("openzfs-2.3.9/pools.txt");
        yield return (pools, t =>
        {
            IReadOnlyDictionary<string, string> parts = Sections.Split(t);
            ZpoolScrubs.Read(
                "uss1", ZpoolText.Pools("uss1", parts.Get("list"), parts.Get("status"), parts.Get("damaged")), parts);
        });
        foreach (string file in ZfsFixture.Files("openzfs-2.3.9/pools-full.txt")
            .Concat(ZfsFixture.Files("zfs-fuse-0.7.0/pools-full.txt")))
        {
            yield return (file, t => ZpoolChecks.Judge("uss1", Sections.Split(t), null));
        }

        foreach (string file in ZfsFixture.Files("openzfs-2.3.9/shares*.txt"))
        {
            NfsShareRequest request =
                new() { FileSystem = "sp1/nas/vol0", Quota = 1 << 20, Hosts = [new("vh1", ["10.99.0.101/24"])] };
            yield return (Head(file), t =>
            {
                NfsShareState state = NfsShareState.Parse("uss1", new LinuxDialect(), t);
                foreach (ZfsNfsShare share in state.Shares)
                {
                    _ = NfsShareJudge.Judge(
                        "uss1", state, share, request.Hosts, Sections.Split(t), new Dictionary<string, SnapshotCount>())
                        .Count();
                }

                NfsSharePlanner.Compare(
                    "uss1", state, NfsShareRules.Complete("uss1", state, request), new LinuxDialect());
            });
        }

        yield return ("\u001ememory\nmemory 805306368\narc_c_max 100000\n\u001esystem\nmodule\n\u001econfig\n# x\noptions zfs zfs_arc_max=0x10\n", t =>
        {
            ArcState state = ArcState.Parse("uss1", t);
            state.Describe("uss1");
            state.Setting.Set(t, 1L << 30);
        });
        string snv = "\u001eiostat\n" + ZfsFixture.Text("opensolaris-snv_134/iostat-En.txt")
            + "\u001eformat\n" + ZfsFixture.Text("opensolaris-snv_134/format.txt")
            + "\u001ediskinfo\n" + ZfsFixture.Text("illumos/diskinfo-Hp.txt")
            + "\u001estatus\n" + ZfsFixture.Text("opensolaris-snv_134/zpool-status.txt")
            + "\u001elabels\n/dev/dsk/c8t2d0s0\t0\t42\t1\t'uss9'\t'old'\n\u001econtents\nc8t3d0s6 ufs\nc8t3d0s6 slice\n";
        yield return (snv, t => SolarisDisks.Parse("uss1", t));
        foreach (string file in ZfsFixture.Files("openzfs-2.3.9/disks-*.txt"))
        {
            yield return (Head(file), t => LinuxDisks.Parse("uss1", t));
        }

        yield return ("5 3 * * 6 /sbin/zpool scrub sp1",
            t => ScrubSchedule.FromCronLine(t)?.NextAfter(DateTime.MinValue));
        yield return ("# BEGIN ZfsEsx scrub of a\n1 2 3 * * x\n# END ZfsEsx scrub of a\n", t =>
        {
            CrontabText.Find(t, "scrub of a");
            CrontabText.Set(t, "scrub of a", "1 2 3 * * y");
        });
    }

    // The links to names say the same a hundred times; a few of them do.
    private static string Head(string text) =>
        string.Join('\n', text.Split('\n').Where((l, i) => i < 40 || i % 3 == 0));

    private static string Break(string text, Random random)
    {
        StringBuilder b = new(text);
        for (int n = random.Next(1, 6); n > 0 && b.Length > 0; n--)
        {
            int at = random.Next(b.Length);
            int length = Math.Min(random.Next(1, 40), b.Length - at);
            switch (random.Next(6))
            {
                case 0:
                    b.Remove(at, length);
                    break;
                case 1:
                    b.Insert(at, s_odd[random.Next(s_odd.Length)]);
                    break;
                case 2:
                    b.Insert(at, b.ToString(at, length));
                    break;
                case 3:
                    b[at] = (char)random.Next(1, 256);
                    break;
                case 4:
                    b.Length = at;
                    break;
                default:
                    string moved = b.ToString(at, length);
                    b.Remove(at, length).Insert(random.Next(b.Length + 1), moved);
                    break;
            }
        }

        return b.ToString();
    }
}
