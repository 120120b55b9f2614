using System.Diagnostics;

namespace ZfsEsx.Lab;

/// <summary>One at a time, over processes: a locked file, gone when nobody holds it.</summary>
internal sealed class LabLock : IDisposable
{
    private readonly string path;
    private readonly FileStream file;

    private LabLock(string path, FileStream file)
    {
        this.path = path;
        this.file = file;
    }

    /// <summary>Waits for the lock and holds it until disposed.</summary>
    public static async Task<IDisposable> TakeAsync(string path, TimeSpan limit, CancellationToken ct)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var watch = Stopwatch.StartNew();
        while (true)
        {
            if (Try(path) is { } taken)
            {
                return taken;
            }

            if (watch.Elapsed > limit)
            {
                throw new LabException($"Another process has held {path} for {limit.TotalMinutes:0} minutes.");
            }

            await Task.Delay(100, ct);
        }
    }

    public void Dispose()
    {
        File.Delete(path);
        file.Dispose();
    }

    private static LabLock? Try(string path)
    {
        FileStream? file = null;
        try
        {
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            // what we have locked may just have been removed by its last holder
            if (File.Exists(path))
            {
                return new LabLock(path, file);
            }
        }
        catch (IOException)
        {
            // held by another process
        }

        file?.Dispose();
        return null;
    }
}
