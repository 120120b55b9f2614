using System.Text.Json.Nodes;

namespace ZfsEsx.Lab;

/// <summary>One guest: its files, its start, its end. Lives on after the process that started it.</summary>
internal sealed class Guest
{
    private readonly LabPaths paths;

    /// <summary>The guest of that name in a lab; it need not exist.</summary>
    public Guest(LabPaths paths, string name)
    {
        this.paths = paths;
        Name = name;
        Files = new GuestFiles(paths.Guest(name), Path.Combine(paths.Run, name));
    }

    public string Name { get; }

    public GuestFiles Files { get; }

    /// <summary>Its process, if it runs.</summary>
    public int? ProcessId => LiveProcess.FromFile(Files.PidFile, Files.PidFile);

    /// <summary>True when its last start is through: disks there, ZFS and NFS up.</summary>
    public bool SaysReady
    {
        get
        {
            try
            {
                using var reader = new StreamReader(
                    new FileStream(Files.Console, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
                string[] marks = ["rc start", "seed taken", "stopping", "ready"];
                string? last = reader.ReadToEnd().Split('\n')
                    .Where(line => line.StartsWith("lab: ", StringComparison.Ordinal))
                    .Select(line => line.TrimEnd())
                    .Select(line => marks.FirstOrDefault(m => line.EndsWith(" " + m, StringComparison.Ordinal)))
                    .LastOrDefault(mark => mark is not null);
                return last == "ready";
            }
            catch (IOException)
            {
                return false;
            }
        }
    }

    /// <summary>Makes its host key and its port, if it has none yet.</summary>
    public async Task<GuestRecord> PrepareAsync(CancellationToken ct)
    {
        if (GuestRecord.Read(Files) is { } known)
        {
            return known;
        }

        LabPaths.CreatePrivate(Files.Directory);
        await SshKeys.CreateAsync(Files.HostKey, Name, ct);
        using IDisposable alone = await LabLock.TakeAsync(
            Path.Combine(paths.State, "ports.lock"), TimeSpan.FromSeconds(30), ct);
        string guests = Path.Combine(paths.State, "guests");
        int[] taken = [.. Directory.GetDirectories(guests)
            .Select(d => GuestRecord.Read(new GuestFiles(d, ""))?.SshPort ?? 0)];
        var record = new GuestRecord(Name, Ports.Free(taken), Uuid: null);
        record.Write(Files);
        string line = SshKeys.KnownHostsLine(record.SshPort, Files.HostKey);
        await File.AppendAllTextAsync(paths.KnownHosts, line + "\n", ct);
        return record;
    }

    /// <summary>
    /// Starts it with exactly the disks and cards of its configuration. A machine that never ran is restored from a
    /// template; one that has run boots from its own disks.
    /// </summary>
    public async Task StartAsync(GuestConfig config, LabFile lab, CancellationToken ct)
    {
        if (ProcessId is not null)
        {
            throw new LabException($"The guest {Name} runs already.");
        }

        GuestRecord record = await PrepareAsync(ct);
        bool fresh = record.Uuid != config.Uuid || !File.Exists(Files.SystemDisk);
        if (fresh)
        {
            foreach (string disk in Directory.GetFiles(Files.Directory, "*.disk").Append(Files.SystemDisk))
            {
                File.Delete(disk);
            }
        }

        foreach (GuestDisk disk in config.Disks)
        {
            // a disk that has grown keeps its content
            using FileStream file = File.Open(disk.File, FileMode.OpenOrCreate);
            file.SetLength(Math.Max(file.Length, disk.Size));
        }

        string adminKey = await File.ReadAllTextAsync(paths.SshKey + ".pub", ct);
        byte[] seed = GuestSeed.Create(config, Files, adminKey, lab.RootPasswordHash, DateTimeOffset.UtcNow);
        await File.WriteAllBytesAsync(Files.Seed, seed, ct);
        var network = new LabNetwork(lab.NetworkPort);
        string[] nets = [.. config.Nics.SelectMany(
            (nic, i) => new[] { "-netdev", QemuCommand.Net(nic, i, record.SshPort, network) })];
        try
        {
            if (fresh)
            {
                await CloneAsync(config, lab, nets, ct);
                (record with { Uuid = config.Uuid }).Write(Files);
            }
            else
            {
                await BootAsync(config, lab, nets, ct);
            }
        }
        catch
        {
            Kill();
            throw;
        }
    }

    /// <summary>Pulls the plug.</summary>
    public void Kill()
    {
        if (ProcessId is { } id)
        {
            LiveProcess.Kill(id, Files.PidFile);
        }

        File.Delete(Files.PidFile);
        File.Delete(Files.Qmp);
    }

    private async Task CloneAsync(GuestConfig config, LabFile lab, string[] nets, CancellationToken ct)
    {
        Template template = await Template.EnsureAsync(lab.Image, config.MemoryMB, config.Cpus, ct);
        await template.CopySystemDiskAsync(Files.SystemDisk, ct);
        List<string> command = QemuCommand.Machine(
            lab.Image, Files, config.MemoryMB, config.Cpus, template.Memory, shareMemory: false, template: true);
        await Qemu.StartAsync([.. command, .. nets, "-incoming", "defer"], Files, ct);
        using QmpClient qmp = await QmpClient.ConnectAsync(Files.Qmp, ct);
        await template.RestoreAsync(qmp, ct);
        for (int i = 0; i < config.Nics.Count; i++)
        {
            await qmp.CommandAsync("device_add", QemuCommand.NicDevice(config.Nics[i], i), ct);
        }

        foreach (GuestDisk disk in config.Disks)
        {
            if (QemuCommand.ThrottleGroup(disk) is { } group)
            {
                await qmp.CommandAsync("object-add", group, ct);
            }

            await qmp.CommandAsync("blockdev-add", QemuCommand.DiskNode(disk), ct);
            await qmp.CommandAsync("device_add", QemuCommand.DiskDevice(disk), ct);
        }

        await qmp.CommandAsync("cont", null, ct);
    }

    private Task BootAsync(GuestConfig config, LabFile lab, string[] nets, CancellationToken ct)
    {
        List<string> command = QemuCommand.Machine(
            lab.Image, Files, config.MemoryMB, config.Cpus, memoryFile: null, shareMemory: false, template: false);
        command.AddRange(nets);
        for (int i = 0; i < config.Nics.Count; i++)
        {
            Add("-device", QemuCommand.NicDevice(config.Nics[i], i));
        }

        foreach (GuestDisk disk in config.Disks)
        {
            if (QemuCommand.ThrottleGroup(disk) is { } group)
            {
                Add("-object", group);
            }

            Add("-blockdev", QemuCommand.DiskNode(disk));
            Add("-device", QemuCommand.DiskDevice(disk));
        }

        return Qemu.StartAsync(command, Files, ct);

        void Add(string option, JsonObject value)
        {
            command.Add(option);
            command.Add(value.ToJsonString());
        }
    }
}
