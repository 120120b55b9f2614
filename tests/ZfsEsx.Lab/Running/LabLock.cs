using System.Diagnostics;

namespace ZfsEsx.Lab;

/// <summary>One at a time, over processes: a locked file.</summary>
internal static class LabLock
{
    /// <summary>Waits for the lock and holds it until disposed.</summary>
    public static async Task<IDisposable> TakeAsync(string path, TimeSpan limit, CancellationToken ct)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var watch = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (watch.Elapsed < limit)
            {
                await Task.Delay(100, ct);
            }
            catch (IOException e)
            {
                throw new LabException($"Another process has held {path} for {limit.TotalMinutes:0} minutes.", e);
            }
        }
    }
}
