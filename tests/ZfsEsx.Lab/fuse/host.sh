#!/bin/bash
# host.sh DIR NAME ADDRESS/LEN: one storage host with zfs-fuse. It uses the machine's programs; everything else (/etc,
# /root, /home, /export, /var, /usr/local) is its own, in memory, and gone with it.
set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin
dir=$1 name=$2 address=$3
hostname "$name"
ip link set lo up
ip addr add "$address" dev eth0
ip link set eth0 up

mount --make-rprivate /
root=/run/root
mkdir -p $root
mount -t tmpfs -o mode=755 root $root
cd $root
mkdir -p dev etc export home mnt/disks opt proc root/.ssh run srv sys tmp usr var
chmod 700 root root/.ssh
chmod 1777 tmp
for top in /bin /sbin /lib*; do
  [ -L "$top" ] && cp -P "$top" .$top || { [ -d "$top" ] && mkdir .$top && mount --rbind "$top" .$top; }
done
mount --rbind /usr usr
# nothing of what a test does may reach the machine (a plain user could not write there anyway)
mount -o remount,ro,bind usr || true
mount --rbind /dev dev
mount --rbind /sys sys
mount -t tmpfs -o mode=755 local usr/local
mkdir -p usr/local/{bin,sbin,lib,share}
mount -t proc proc proc

# what a plain user cannot read is not missed: keys and passwords are made anew
cp -r --preserve=mode,links /etc/. etc/ 2> /dev/null || true
rm -rf etc/ssh/ssh_host_* etc/cron.*/* etc/cron.d/* etc/crontab etc/gshadow* etc/shadow*
chmod -R u+rwX etc
echo "$name" > etc/hostname
cat "$dir/hosts" > etc/hosts
awk -F: '{ print $1 ":*:19000:0:99999:7:::" }' etc/passwd > etc/shadow
chmod 600 etc/shadow
ln -sfn /proc/self/mounts etc/mtab
rm -rf etc/zfs/zpool.cache

mkdir -p run/zfs run/sshd run/lock/zfs var/lib/zfs var/lib/nfs var/log var/mail var/spool/cron/crontabs var/tmp
ln -s /run var/run
ln -s /run/lock var/lock
chmod 1777 var/tmp
chmod 1730 var/spool/cron/crontabs
chgrp crontab var/spool/cron/crontabs 2> /dev/null || true
mount --bind "$dir/$name/disks" mnt/disks
cp "$dir/$name/authorized_keys" root/.ssh/
cp "$dir/$name/host" etc/ssh/ssh_host_ed25519_key
cp "$dir/$name/host.pub" etc/ssh/ssh_host_ed25519_key.pub
chmod 600 root/.ssh/authorized_keys etc/ssh/ssh_host_ed25519_key
mkdir -p old
pivot_root . old
cd /
ready=/old$dir/$name/ready

# -n: without it, it never returns in namespaces
/usr/sbin/zfs-fuse -n -p /run/zfs-fuse.pid --stack-size=512 > /var/log/zfs-fuse.log 2>&1 &
appears() { # FILE
  for _ in $(seq 1500); do
    if [ -e "$1" ]; then return 0; fi
    sleep 0.02
  done
  return 1
}
appears /run/zfs/zfs_socket || { cat /var/log/zfs-fuse.log >&2; exit 1; }
/usr/sbin/sshd -f /dev/null -h /etc/ssh/ssh_host_ed25519_key -o PermitRootLogin=yes -o UsePAM=no \
  -o PidFile=/run/sshd.pid -o 'Subsystem=sftp internal-sftp' -E /var/log/sshd.log
# it goes into the background before it listens, and writes this after
appears /run/sshd.pid || { cat /var/log/sshd.log >&2; exit 1; }
/usr/sbin/cron
touch "$ready"
umount -l /old
rmdir /old
while :; do sleep 3600 & wait $! || true; done
