#!/bin/bash
# assemble.sh USERLAND.tar MODULES.tar DIR: puts the image together in DIR: vmlinuz, initrd, root.erofs.
# As root, or as root of a user namespace. Exit code 4: the two parts have different versions of ZFS.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
userland=$1 modules=$2 out=$3
work=$(mktemp -d "$out/work.XXXXXX")
trap 'rm -rf "$work"' EXIT
root=$work/root
mkdir -p "$root" "$work/modules" "$work/initrd/bin" "$work/initrd/m"
tar -xf "$userland" -C "$root" --exclude='./dev/*'
tar -xf "$modules" -C "$work/modules"

if [ -e "$work/modules/lab-img/zfs-version" ]; then
  compiled=$(cat "$work/modules/lab-img/zfs-version")
  find_version='/^Package: / { p = $2 } /^Version: / { if (p == "zfsutils-linux") print $2 }'
  installed=$(awk "$find_version" "$root/var/lib/dpkg/status")
  if [ "$compiled" != "$installed" ]; then
    echo "ZFS $compiled was compiled, but the tools are $installed" >&2
    exit 4
  fi
fi

cp -a "$work/modules/usr" "$root/"
cp -r "$here/overlay/." "$root/"
chown -R 0:0 "$root/lab" "$root/etc/inittab" "$root/etc/network" "$root/etc/ssh/sshd_config.d" \
  "$root/etc/modprobe.d" "$root/etc/udev/rules.d"
chmod 755 "$root"/lab/*
# busybox is the first process, and so its halt, poweroff and reboot are the ones that reach it
ln -s /usr/bin/busybox "$root/lab/init"
for name in halt poweroff reboot; do ln -sf ../bin/busybox "$root/usr/sbin/$name"; done
rm -rf "$root"/etc/ssh/ssh_host_* "$root"/etc/cron.*/* "$root"/etc/cron.d/*
mkdir -p "$root/root/.ssh" "$root/vmfs/volumes" "$root/etc/network/interfaces.d"
ln -sf /proc/self/mounts "$root/etc/mtab"
: > "$root/etc/fstab"
# the building machine's name servers are out of a guest's reach, and asking them would only take time
rm -f "$root/etc/resolv.conf" && : > "$root/etc/resolv.conf"

cp "$root/usr/bin/busybox" "$work/initrd/bin/"
cp "$work"/modules/lab-img/m/* "$work/initrd/m/"
install -m 755 "$here/initramfs-init" "$work/initrd/init"
(cd "$work/initrd" && find . | cpio -o -H newc -R 0:0 --quiet) > "$out/initrd"
cp "$work/modules/lab-img/vmlinuz" "$work/modules/lab-img/version" "$out/"
mkfs.erofs -T0 "$out/root.erofs" "$root" > /dev/null
