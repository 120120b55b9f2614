#!/bin/bash
# build-modules.sh DIR: makes DIR/part.tar, the kernel with its modules and a ZFS compiled for it. The tree with the
# compiler is thrown away.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(cd "$1" && pwd)
. "$here/common.sh"
prepare "$work"

packages=dpkg,base-files,base-passwd,bash,coreutils,dash,diffutils,findutils,grep,gzip,hostname,libc-bin,mawk,sed,tar
packages+=,util-linux,perl-base,linux-headers-cloud-amd64,make,gcc,libc6-dev,file,kmod,xz-utils
unpack_sources='cd "$1" && APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-get download zfs-dkms && mkdir zfs &&
  dpkg-deb -x zfs-dkms_*.deb zfs && dpkg-deb -f zfs-dkms_*.deb Version > zfs-version && rm zfs-dkms_*.deb'
compile='chroot "$1" bash /compile.sh >&2 || { tail -n 30 "$1/compile.log" >&2; false; }'

mmdebstrap --variant=custom --format=null "${COMMON[@]}" \
  --include="$packages" \
  --customize-hook="$unpack_sources" \
  --customize-hook="upload $here/compile-modules.sh /compile.sh" \
  --customize-hook="upload $here/modlist /modlist" \
  --customize-hook="upload $here/zfs-configure.cache /zfs.cache" \
  --customize-hook="$compile" \
  --customize-hook="download /out.tar $work/part.tar" \
  "$SUITE" - "deb $MIRROR $SUITE main contrib"
