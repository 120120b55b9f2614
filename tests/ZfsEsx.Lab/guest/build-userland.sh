#!/bin/bash
# build-userland.sh DIR: makes DIR/part.tar, the guest's root file system without kernel and modules.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(cd "$1" && pwd)
. "$here/common.sh"
prepare "$work"

# An empty package provides zfs-modules: zfs-zed would otherwise drag in zfs-dkms, gcc and perl.
repo=$work/repo
deb=lab-zfs-modules_1_all.deb
mkdir -p "$repo" "$work/deb/DEBIAN"
chmod 755 "$work/deb"
cat > "$work/deb/DEBIAN/control" <<'CONTROL'
Package: lab-zfs-modules
Version: 1
Architecture: all
Maintainer: lab <lab@invalid>
Provides: zfs-modules
Description: the lab's image carries the zfs modules itself
CONTROL
dpkg-deb -Zxz --root-owner-group -b "$work/deb" "$repo/$deb" > /dev/null
{
  cat "$work/deb/DEBIAN/control"
  echo "Filename: ./$deb"
  echo "Size: $(stat -c %s "$repo/$deb")"
  echo "SHA256: $(sha256sum "$repo/$deb" | cut -d' ' -f1)"
} > "$repo/Packages"

packages=$(grep -v '^#' "$here/packages" | tr -s ' \n' ',,' | sed 's/,$//')
mmdebstrap --variant=custom --format=tar "${COMMON[@]}" \
  --dpkgopt='path-exclude=/usr/share/i18n/*' \
  --dpkgopt='path-exclude=/usr/lib/x86_64-linux-gnu/gconv/*' \
  --include="$packages" \
  "$SUITE" "$work/part.tar" \
  "deb $MIRROR $SUITE main contrib" "deb [trusted=yes] copy:$repo ./"
