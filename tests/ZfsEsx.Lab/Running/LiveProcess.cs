using System.Globalization;
using System.Runtime.InteropServices;

namespace ZfsEsx.Lab;

/// <summary>A process that outlives the one that started it: known by its id and by a word of its command line.</summary>
internal static partial class LiveProcess
{
    private const int Terminate = 15;
    private const int KillSignal = 9;

    /// <summary>
    /// The process that a pid file names, if it lives and its command line holds <paramref name="mark"/>: ids are used
    /// again, and nobody else's process may ever be ended.
    /// </summary>
    public static int? FromFile(string pidFile, string mark)
    {
        try
        {
            return int.TryParse(File.ReadAllText(pidFile).Trim(), CultureInfo.InvariantCulture, out int id)
                && IsAlive(id, mark)
                ? id
                : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>True while the process lives (a zombie does not) and is ours.</summary>
    public static bool IsAlive(int id, string mark)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/cmdline").Contains(mark, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Ends a process at once and waits until it is gone, 10 s at most.</summary>
    public static void Kill(int id, string mark) => End(id, mark, KillSignal, TimeSpan.FromSeconds(10));

    /// <summary>Asks a process to end, and ends it when it has not after 5 s.</summary>
    public static void Stop(int id, string mark)
    {
        if (!End(id, mark, Terminate, TimeSpan.FromSeconds(5)))
        {
            Kill(id, mark);
        }
    }

    /// <summary>Waits until no process has <paramref name="mark"/> on its command line any more, 5 s at most.</summary>
    public static void WaitUntilGone(string mark)
    {
        for (int i = 0; i < 250; i++)
        {
            IEnumerable<int> ids = Directory.GetDirectories("/proc")
                .Select(p => int.TryParse(Path.GetFileName(p), CultureInfo.InvariantCulture, out int id) ? id : 0);
            if (!ids.Any(id => id > 0 && IsAlive(id, mark)))
            {
                return;
            }

            Thread.Sleep(20);
        }
    }

    private static bool End(int id, string mark, int signal, TimeSpan limit)
    {
        if (!IsAlive(id, mark))
        {
            return true;
        }

        _ = SendSignal(id, signal);
        return SpinWait.SpinUntil(
            () =>
            {
                bool alive = IsAlive(id, mark);
                if (alive)
                {
                    Thread.Sleep(10);
                }

                return !alive;
            },
            limit);
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int id, int signal);
}
