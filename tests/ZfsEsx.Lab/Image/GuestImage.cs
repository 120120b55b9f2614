using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using ZfsEsx.Shell;

namespace ZfsEsx.Lab;

/// <summary>
/// The guests' image, built once into the cache. Three parts with a key each: the modules (minutes of compiling), the
/// userland (a minute of unpacking) and the image put together from both (seconds).
/// </summary>
internal sealed class GuestImage
{
    private const int VersionsDiffer = 4;

    private readonly string scripts;
    private readonly string cache;
    private readonly Action<string> say;

    private GuestImage(string scripts, string cache, Action<string> say)
    {
        this.scripts = scripts;
        this.cache = cache;
        this.say = say;
    }

    /// <summary>The directory with vmlinuz, initrd and root.erofs; builds what is missing.</summary>
    public static async Task<string> EnsureAsync(Action<string> say, CancellationToken ct)
    {
        string scripts = Path.Combine(LabPaths.Sources, "tests", "ZfsEsx.Lab", "guest");
        var image = new GuestImage(scripts, LabPaths.Cache, say);
        string[] userland = ["common.sh", "build-userland.sh", "packages"];
        string[] modules = ["common.sh", "build-modules.sh", "compile-modules.sh", "modlist", "zfs-configure.cache"];
        string userlandPart = Path.Combine(image.cache, "userland", image.KeyOf(userland) + ".tar");
        string modulesPart = Path.Combine(image.cache, "modules", image.KeyOf(modules) + ".tar");
        string[] all = [.. Directory.GetFiles(Path.Combine(scripts, "overlay"), "*", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .Select(file => Path.GetRelativePath(scripts, file))];
        string key = image.KeyOf([.. userland, .. modules, .. all, "assemble.sh", "initramfs-init"]);
        string directory = Path.Combine(image.cache, "image", key);
        if (Retention.Use(directory))
        {
            return directory;
        }

        using IDisposable alone = await LabLock.TakeAsync(
            Path.Combine(image.cache, "image.lock"), TimeSpan.FromMinutes(30), ct);
        if (!Directory.Exists(directory))
        {
            await image.PartsAsync(userlandPart, modulesPart, ct);
            if (!await image.AssembleAsync(userlandPart, modulesPart, directory, ct))
            {
                // the archive moved on between the two builds: the compiled part is as old as its cache
                File.Delete(modulesPart);
                File.Delete(userlandPart);
                await image.PartsAsync(userlandPart, modulesPart, ct);
                if (!await image.AssembleAsync(userlandPart, modulesPart, directory, ct))
                {
                    throw new LabException("The mirror has ZFS's module and tools in different versions. Try again later.");
                }
            }

            Retention.KeepNewest(Path.Combine(image.cache, "image"), 4);
        }

        return directory;
    }

    // a plain user is root in a user namespace of its own
    private static string[] AsRoot =>
        Environment.UserName == "root" ? [] : ["unshare", "-U", "--map-root-user", "--map-auto"];

    // what root mounts for a build goes away with it, even when it is killed; for a plain user that is so anyway
    private static string[] Alone => Environment.UserName == "root" ? ["unshare", "--mount"] : [];

    private static Task<string> RemoveAsync(string directory) =>
        Tool.MustAsync([.. AsRoot, "rm", "-rf", directory], TimeSpan.FromMinutes(2), CancellationToken.None);

    private async Task PartsAsync(string userland, string modules, CancellationToken ct)
    {
        var builds = new List<Task>();
        if (!File.Exists(userland))
        {
            builds.Add(BuildAsync("userland", "the guest's programs (about 1 minute)", userland, ct));
        }

        if (!File.Exists(modules))
        {
            builds.Add(BuildAsync("modules", "the guest's kernel modules (about 4 minutes)", modules, ct));
        }

        await Task.WhenAll(builds);
    }

    private async Task BuildAsync(string name, string what, string target, CancellationToken ct)
    {
        var environment = new Dictionary<string, string?> { ["MIRROR"] = await Mirror.OfThisMachineAsync(ct) };
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        for (int attempt = 1; ; attempt++)
        {
            // mmdebstrap's root cannot enter a home directory: the work is done where everybody may pass
            string work = Directory.CreateTempSubdirectory("zfsesx-" + name + "-").FullName;
            try
            {
                var watch = Stopwatch.StartNew();
                say($"Building {what}…");
                CommandResult result = await Tool.RunAsync(
                    [.. Alone, "bash", Path.Combine(scripts, $"build-{name}.sh"), work],
                    TimeSpan.FromMinutes(25),
                    ct,
                    environment: environment);
                await File.WriteAllTextAsync(target + ".log", result.Output + result.Error, ct);
                if (result.Succeeded)
                {
                    await Tool.MustAsync(
                        ["cp", Path.Combine(work, "part.tar"), target + ".new"], TimeSpan.FromMinutes(2), ct);
                    File.Move(target + ".new", target, overwrite: true);
                    say($"Built {what.Split('(')[0].TrimEnd()} in {watch.Elapsed.TotalSeconds:0} s.");
                    return;
                }

                string tail = string.Join('\n', result.Error.TrimEnd().Split('\n').TakeLast(25));
                if (attempt == 2)
                {
                    throw new LabException($"build-{name}.sh failed, see {target}.log. Its last words:\n{tail}");
                }

                say($"build-{name}.sh failed, trying once more. Its last words:\n{tail}");
            }
            finally
            {
                await RemoveAsync(work);
            }
        }
    }

    private async Task<bool> AssembleAsync(string userland, string modules, string directory, CancellationToken ct)
    {
        string work = directory + ".new";
        await RemoveAsync(work);
        Directory.CreateDirectory(work);
        string[] command = [.. AsRoot, "bash", Path.Combine(scripts, "assemble.sh"), userland, modules, work];
        CommandResult result = await Tool.RunAsync(command, TimeSpan.FromMinutes(5), ct);
        if (result.ExitCode == VersionsDiffer)
        {
            say(result.Complaint);
            return false;
        }

        if (!result.Succeeded)
        {
            throw new LabException("The guest's image could not be put together: " + result.Complaint);
        }

        Directory.Move(work, directory);
        return true;
    }

    private string KeyOf(IEnumerable<string> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in files)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(file + "\0"));
            hash.AppendData(SHA256.HashData(File.ReadAllBytes(Path.Combine(scripts, file))));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}
