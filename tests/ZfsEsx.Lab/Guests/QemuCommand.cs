using System.Globalization;
using System.Text.Json.Nodes;

namespace ZfsEsx.Lab;

/// <summary>
/// QEMU's command line. A saved machine can only be restored into the machine that it was: everything in
/// <see cref="Machine"/> is the same for a template and its clones; disks and network cards of a VM come on top.
/// </summary>
internal static class QemuCommand
{
    /// <summary>
    /// Processors are emulated unless the user says that the hardware's are usable. Without a limit each guest takes up to
    /// 1 GiB for translated code.
    /// </summary>
    public static string Accelerator { get; } = Setting("LAB_ACCEL", "tcg,thread=multi,tb-size=256");

    /// <summary>Without cx16: QEMU 7.2 emulates cmpxchg16b wrongly and guests die within minutes.</summary>
    public static string Cpu { get; } = Setting("LAB_CPU", "max,-cx16");

    /// <summary>The machine without a VM's own devices.</summary>
    /// <param name="image">Directory of vmlinuz, initrd and root.erofs.</param>
    /// <param name="files">The guest's own files.</param>
    /// <param name="memoryMB">Size of its memory.</param>
    /// <param name="cpus">Number of processors.</param>
    /// <param name="memoryFile">File that holds the memory, or null.</param>
    /// <param name="shareMemory">True: what the guest writes goes into the file; false: it keeps that for itself.</param>
    /// <param name="template">True for a template and its clones.</param>
    public static List<string> Machine(
        string image, GuestFiles files, int memoryMB, int cpus, string? memoryFile, bool shareMemory, bool template)
    {
        var memory = new JsonObject
        {
            ["qom-type"] = memoryFile is null ? "memory-backend-ram" : "memory-backend-file",
            ["id"] = "ram",
            ["size"] = memoryMB * 1024L * 1024,
        };
        if (memoryFile is not null)
        {
            memory["mem-path"] = memoryFile;
            memory["share"] = shareMemory;
        }

        string kernelWords = "console=ttyS0 quiet mitigations=off nokaslr net.ifnames=0 tsc=reliable no_timer_check "
            + (template ? "lab.template panic=0" : "panic=-1");
        return
        [
            "qemu-system-x86_64", "-machine", "pc,memory-backend=ram", "-accel", Accelerator, "-cpu", Cpu,
            "-m", Text(memoryMB), "-smp", Text(cpus), "-nodefaults", "-no-user-config", "-display", "none",
            "-daemonize", "-pidfile", files.PidFile,
            "-chardev", "file,id=con,path=" + Escape(files.Console), "-serial", "chardev:con",
            "-chardev", $"socket,id=qmp,path={Escape(files.Qmp)},server=on,wait=off", "-mon", "chardev=qmp,mode=control",
            "-object", memory.ToJsonString(),
            "-kernel", Path.Combine(image, "vmlinuz"), "-initrd", Path.Combine(image, "initrd"), "-append", kernelWords,
            "-fw_cfg", "name=opt/lab/seed,file=" + Escape(files.Seed), "-device", "vmgenid,guid=auto",
            "-blockdev", FileNode("root", Path.Combine(image, "root.erofs"), readOnly: true).ToJsonString(),
            "-device", "virtio-blk-pci,drive=root,serial=root",
            "-blockdev", FileNode("sys", files.SystemDisk, readOnly: false).ToJsonString(),
            "-device", "virtio-blk-pci,drive=sys,serial=sys", "-device", "virtio-rng-pci",
        ];
    }

    /// <summary>The object that limits a disk's operations, or null.</summary>
    public static JsonObject? ThrottleGroup(GuestDisk disk) =>
        disk.Iops == 0
            ? null
            : new JsonObject
            {
                ["qom-type"] = "throttle-group",
                ["id"] = "limit-" + disk.Serial,
                ["limits"] = new JsonObject
                {
                    ["iops-total"] = disk.Iops,
                    ["iops-total-max"] = Math.Max(disk.Iops, disk.BurstIops),
                    ["iops-total-max-length"] = 1,
                },
            };

    /// <summary>The content of a disk.</summary>
    public static JsonObject DiskNode(GuestDisk disk)
    {
        JsonObject raw = FileNode("disk-" + disk.Serial, disk.File, readOnly: false);
        if (disk.Iops == 0)
        {
            return raw;
        }

        raw.Remove("node-name");
        return new JsonObject
        {
            ["driver"] = "throttle",
            ["node-name"] = "disk-" + disk.Serial,
            ["throttle-group"] = "limit-" + disk.Serial,
            ["discard"] = "unmap",
            ["file"] = raw,
        };
    }

    /// <summary>The disk as the guest sees it.</summary>
    public static JsonObject DiskDevice(GuestDisk disk) =>
        new()
        {
            ["driver"] = "virtio-blk-pci",
            ["id"] = "dev-" + disk.Serial,
            ["drive"] = "disk-" + disk.Serial,
            ["serial"] = disk.Serial,
        };

    /// <summary>The network card as the guest sees it.</summary>
    public static JsonObject NicDevice(GuestNic nic, int index) =>
        new()
        {
            ["driver"] = "virtio-net-pci",
            ["id"] = "nic" + index,
            ["netdev"] = "net" + index,
            ["mac"] = nic.Mac,
            ["romfile"] = "",
        };

    /// <summary>What a network card is connected to.</summary>
    public static string Net(GuestNic nic, int index, int sshPort, LabNetwork network) =>
        nic.Network == GuestConfig.ManagementNetwork
            // restrict: the guest reaches nothing of this machine or beyond
            ? $"user,id=net{index},ipv6=off,restrict=on,hostfwd=tcp:127.0.0.1:{sshPort}-:22"
            : $"socket,id=net{index},mcast={network.GroupOf(nic.Network)}:{network.Port},localaddr=127.0.0.1";

    private static JsonObject FileNode(string name, string file, bool readOnly) =>
        new()
        {
            ["driver"] = "raw",
            ["node-name"] = name,
            ["read-only"] = readOnly,
            ["discard"] = "unmap",
            ["cache"] = new JsonObject { ["direct"] = false, ["no-flush"] = true },
            ["file"] = new JsonObject
            {
                ["driver"] = "file",
                ["filename"] = file,
                ["read-only"] = readOnly,
                ["discard"] = "unmap",
            },
        };

    private static string Escape(string path) => path.Replace(",", ",,", StringComparison.Ordinal);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Setting(string variable, string fallback) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } set ? set : fallback;
}
