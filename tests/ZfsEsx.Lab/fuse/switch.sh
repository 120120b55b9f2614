#!/bin/bash
# switch.sh DIR NAME…: the first process of the light lab. It has namespaces of its own; with it everything ends that was
# started inside. Makes the network and starts the hosts. DIR holds a directory per host: key, host keys, disks, log.
set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin
dir=$1
here=$(cd "$(dirname "$0")" && pwd)
shift
# the id that the machine knows this process by: /proc is still the machine's
read -r pid _ < /proc/self/stat
mount --make-rprivate /
mount -t proc proc /proc
mount -t tmpfs -o mode=755 run /run
ip link set lo up
ip link add br0 type bridge
ip link set br0 up

address=11
hosts="127.0.0.1	localhost"
for name; do
  hosts+=$'\n'"10.98.0.$address	$name"
  address=$((address + 1))
done
echo "$hosts" > "$dir/hosts"

address=11
for name; do
  ip netns add "$name"
  ip link add "v$address" type veth peer name eth0 netns "$name"
  ip link set "v$address" master br0 up
  rm -f "$dir/$name/ready"
  nsenter --net="/run/netns/$name" unshare --mount --uts --ipc --pid --fork --kill-child \
    bash "$here/host.sh" "$dir" "$name" "10.98.0.$address/24" > "$dir/$name/log" 2>&1 < /dev/null &
  address=$((address + 1))
done
# a host can be reached from the machine by way of this side of the bridge
ip addr add 10.98.0.1/24 dev br0
echo "$pid" > "$dir/switch.pid.new"
mv "$dir/switch.pid.new" "$dir/switch.pid"
# sleep in pieces: the first process of a pid namespace must not end, and must collect its children
while :; do sleep 3600 & wait $! || true; done
