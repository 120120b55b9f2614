namespace ZfsEsx.Os;

/// <summary>
/// The commands by which a system gets what it lacks: its package manager, and what starts its services. Pure.
/// Names of packages outside of Debian are from the systems' own lists and were not tried.
/// </summary>
/// <param name="Manager">The package manager; empty when none was found.</param>
/// <param name="Init">What starts services: systemd, smf, openrc, rc (FreeBSD), sysv.</param>
/// <param name="Ids">ID and ID_LIKE of os-release.</param>
internal sealed record HostPackages(string Manager, string Init, IReadOnlyCollection<string> Ids)
{
    private static readonly (string Manager, string Install)[] s_managers =
    [
        ("apt-get", "apt-get install"), ("dnf", "dnf install"), ("yum", "yum install"), ("zypper", "zypper install"),
        ("apk", "apk add"), ("pacman", "pacman -S"), ("pkg", "pkg install"), ("pkgin", "pkgin install"),
        ("pkgadd", "pkgadd -d ."),
    ];

    // What a program or service comes with; where a manager is not named, the package is called as the program.
    private static readonly Dictionary<string, Dictionary<string, string>> s_names = new()
    {
        ["zfs"] = new() { ["apt-get"] = "zfsutils-linux", ["pkg"] = "system/file-system/zfs", ["pkgadd"] = "SUNWzfsu" },
        ["nfs"] = new()
        {
            ["apt-get"] = "nfs-kernel-server", ["dnf"] = "nfs-utils", ["yum"] = "nfs-utils",
            ["zypper"] = "nfs-kernel-server", ["apk"] = "nfs-utils", ["pacman"] = "nfs-utils",
            ["pkg"] = "service/file-system/nfs", ["pkgadd"] = "SUNWnfssu",
        },
        ["crontab"] = new()
        {
            ["apt-get"] = "cron", ["dnf"] = "cronie", ["yum"] = "cronie", ["zypper"] = "cronie", ["apk"] = "cronie",
            ["pacman"] = "cronie", ["pkg"] = "SUNWcs", ["pkgadd"] = "SUNWcsu",
        },
        ["chrony"] = new() { ["pkg"] = "service/network/ntp", ["pkgadd"] = "SUNWntpu" },
        ["visudo"] = All("sudo", "SUNWsudo"),
        ["sudo"] = All("sudo", "SUNWsudo"),
        ["ssh"] = Ssh,
        ["ssh-keygen"] = Ssh,
        ["showmount"] = new()
        {
            ["apt-get"] = "nfs-common", ["dnf"] = "nfs-utils", ["yum"] = "nfs-utils", ["zypper"] = "nfs-client",
            ["apk"] = "nfs-utils", ["pacman"] = "nfs-utils",
        },
        ["lsblk"] = All("util-linux", "util-linux"),
        ["blkid"] = All("util-linux", "util-linux"),
        ["ip"] = new() { ["apt-get"] = "iproute2", ["dnf"] = "iproute", ["yum"] = "iproute" },
        ["getent"] = new() { ["apt-get"] = "libc-bin", ["dnf"] = "glibc-common", ["yum"] = "glibc-common" },
    };

    private static Dictionary<string, string> Ssh => new()
    {
        ["apt-get"] = "openssh-client", ["dnf"] = "openssh-clients", ["yum"] = "openssh-clients",
        ["zypper"] = "openssh-clients", ["apk"] = "openssh-client", ["pacman"] = "openssh",
        ["pkg"] = "network/openssh", ["pkgadd"] = "SUNWsshu",
    };

    /// <summary>TrueNAS: all goes through its own interface, and what is installed beside it is lost.</summary>
    public bool IsTrueNas => Manager == "midclt";

    /// <summary>The command that installs programs, in words that can stand in a sentence.</summary>
    public string Install(params string[] programs)
    {
        if (IsTrueNas)
        {
            return "TrueNAS takes no packages: what its release does not have it cannot get.";
        }

        string[] names = [.. programs.Select(Package).Distinct()];
        (string manager, string install) = s_managers.FirstOrDefault(m => m.Manager == Manager);
        return manager is null ? "Install " + string.Join(", ", names) + "."
            : "Run there: " + install + " " + string.Join(" ", names)
                + (manager == "pkg" ? " (pkg search -r tells where a name has changed)" : "");
    }

    /// <summary>The command that installs ZFS.</summary>
    public string InstallZfs() => Manager == "apt-get" && !Ids.Contains("ubuntu")
        ? "Run there, with Debian's section contrib switched on: "
            + "apt-get install linux-headers-$(uname -r) zfs-dkms zfsutils-linux"
        : Manager is "dnf" or "yum" or "zypper"
            ? "Add the repository of OpenZFS for this system (openzfs.github.io), then run there: "
                + Manager + " install zfs"
            : Install("zfs");

    /// <summary>The command that starts a service now and at every boot.</summary>
    /// <param name="linux">Its name for systemd.</param>
    /// <param name="smf">Its name for Solaris systems.</param>
    /// <param name="other">Its name elsewhere.</param>
    public string Enable(string linux, string smf, string other) => IsTrueNas
        ? "Switch it on in TrueNAS: System, Services."
        : "Run there: " + Init switch
        {
            "systemd" => "systemctl enable --now " + linux,
            "smf" => "svcadm enable -r " + smf,
            "openrc" => "rc-update add " + other + " && rc-service " + other + " start",
            "rc" => "sysrc " + other + "_enable=YES && service " + other + " start",
            _ => "update-rc.d " + linux + " defaults && service " + linux + " start",
        };

    private string Package(string program) =>
        s_names.TryGetValue(program, out Dictionary<string, string>? names)
        && names.TryGetValue(Manager, out string? name)
            ? name : program;

    private static Dictionary<string, string> All(string name, string sun) =>
        s_managers.ToDictionary(m => m.Manager, m => m.Manager == "pkgadd" ? sun : name);
}
