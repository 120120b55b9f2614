using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ZfsEsx.Shell;

namespace ZfsEsx.Lab;

/// <summary>
/// A machine saved at the moment when everything runs that is the same in all guests. Restoring it takes a fraction of a
/// boot: clones map its memory copy-on-write.
/// </summary>
internal sealed class Template
{
    private readonly string directory;

    private Template(string directory) => this.directory = directory;

    /// <summary>File with its memory.</summary>
    public string Memory => Path.Combine(directory, "ram");

    private string State => Path.Combine(directory, "state");

    private string SystemDisk => Path.Combine(directory, "sys");

    /// <summary>The template of an image for a size of machine; made once, in about 15 s.</summary>
    public static async Task<Template> EnsureAsync(string image, int memoryMB, int cpus, CancellationToken ct)
    {
        string version = await Tool.MustAsync(["qemu-system-x86_64", "--version"], TimeSpan.FromSeconds(30), ct);
        // the command line is part of the key: a saved machine fits only the machine that it was
        List<string> line = QemuCommand.Machine(image, new GuestFiles("", ""), memoryMB, cpus, "", true, true);
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(version + string.Join('\n', line)));
        string cache = Path.Combine(LabPaths.Cache, "template");
        string directory = Path.Combine(cache, Convert.ToHexStringLower(hash)[..16]);
        var template = new Template(directory);
        if (Retention.Use(directory))
        {
            return template;
        }

        using IDisposable alone = await LabLock.TakeAsync(
            Path.Combine(cache, "lock"), TimeSpan.FromMinutes(10), ct);
        if (!Directory.Exists(directory))
        {
            string work = directory + ".new";
            await MakeAsync(work, image, memoryMB, cpus, ct);
            Directory.Move(work, directory);
            Retention.KeepNewest(cache, 4);
        }

        return template;
    }

    /// <summary>An empty system disk: what a guest writes beside its data disks.</summary>
    public static async Task MakeSystemDiskAsync(string path, CancellationToken ct)
    {
        using (FileStream file = File.Create(path))
        {
            file.SetLength(256 << 20);
        }

        string[] format =
        [
            "mke2fs", "-q", "-F", "-t", "ext4", "-m", "0", "-J", "size=4",
            "-E", "lazy_itable_init=1,lazy_journal_init=1,nodiscard", path,
        ];
        await Tool.MustAsync(format, TimeSpan.FromSeconds(60), ct);
    }

    /// <summary>A copy of the system disk for a clone.</summary>
    public Task CopySystemDiskAsync(string target, CancellationToken ct) =>
        Tool.MustAsync(
            ["cp", "--sparse=always", "--reflink=auto", SystemDisk, target], TimeSpan.FromSeconds(60), ct);

    /// <summary>Restores the saved machine into one that waits for it; it stands still afterwards.</summary>
    public async Task RestoreAsync(QmpClient qmp, CancellationToken ct)
    {
        await ShareMemoryAsync(qmp, ct);
        var source = new JsonObject { ["uri"] = "exec:cat " + ShellQuote.Quote(State) };
        await qmp.CommandAsync("migrate-incoming", source, ct);
        await qmp.MigrationAsync(ct);
    }

    private static async Task MakeAsync(string work, string image, int memoryMB, int cpus, CancellationToken ct)
    {
        if (Directory.Exists(work))
        {
            Directory.Delete(work, recursive: true);
        }

        LabPaths.CreatePrivate(work);
        // the socket's path must be short
        string run = Directory.CreateTempSubdirectory("zfsesx-").FullName;
        var files = new GuestFiles(work, Path.Combine(run, "template"));
        var template = new Template(work);
        try
        {
            await MakeSystemDiskAsync(files.SystemDisk, ct);
            await File.WriteAllBytesAsync(files.Seed, GuestSeed.Empty, ct);
            List<string> command = QemuCommand.Machine(
                image, files, memoryMB, cpus, template.Memory, shareMemory: true, template: true);
            await Qemu.StartAsync(command, files, ct);
            await WaitAsync(files, ct);
            using QmpClient qmp = await QmpClient.ConnectAsync(files.Qmp, ct);
            await qmp.CommandAsync("stop", null, ct);
            await ShareMemoryAsync(qmp, ct);
            var target = new JsonObject { ["uri"] = "exec:cat > " + ShellQuote.Quote(template.State) };
            await qmp.CommandAsync("migrate", target, ct);
            await qmp.MigrationAsync(ct);
        }
        finally
        {
            if (LiveProcess.FromFile(files.PidFile, files.PidFile) is { } id)
            {
                LiveProcess.Kill(id, files.PidFile);
            }

            Directory.Delete(run, recursive: true);
        }
    }

    private static async Task WaitAsync(GuestFiles files, CancellationToken ct)
    {
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < TimeSpan.FromMinutes(5))
        {
            string console = File.Exists(files.Console) ? await File.ReadAllTextAsync(files.Console, ct) : "";
            if (console.Contains("template ready", StringComparison.Ordinal))
            {
                return;
            }

            if (LiveProcess.FromFile(files.PidFile, files.PidFile) is null)
            {
                throw new LabException("The template ended before it was ready: " + Tail(console));
            }

            await Task.Delay(100, ct);
        }

        throw new LabException("The template was not ready within 5 minutes: " + Tail(await File.ReadAllTextAsync(files.Console, ct)));
    }

    // the memory is in a file that clones map: it is not part of the saved state
    private static Task<JsonNode> ShareMemoryAsync(QmpClient qmp, CancellationToken ct) =>
        qmp.CommandAsync(
            "migrate-set-capabilities",
            new JsonObject
            {
                ["capabilities"] = new JsonArray(
                    new JsonObject { ["capability"] = "x-ignore-shared", ["state"] = true }),
            },
            ct);

    private static string Tail(string text) => string.Join(" | ", text.Trim().Split('\n').TakeLast(5));
}
