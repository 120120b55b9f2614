# runs inside the compiler's tree: ZFS for the tree's kernel, and the modules that the guest needs -> /out.tar
set -eu
export KCFLAGS=-g0
version=$(basename /lib/modules/*)
build=$(readlink -f "/lib/modules/$version/build")
source=$(readlink -f "/lib/modules/$version/source" || echo "$build")
out=/out/usr/lib/modules/$version

# Without vmlinux there is no BTF step: pahole is slow and wants debug data, also for each of the 250 checks.
rm -f "$build/vmlinux"
cd /zfs/usr/src/zfs-*
# the raidz benchmark at module load takes seconds under emulation; a small one will do
sed -i 's|^#define\tBENCH_ZIO_SIZE.*|#define\tBENCH_ZIO_SIZE\t(1ULL << 13)|' module/zfs/vdev_raidz_math.c
# the cache holds the answers of the kernel checks, keyed by kernel version: another kernel just misses it
./configure -q --cache-file=/zfs.cache --disable-dependency-tracking --prefix=/usr --with-config=kernel \
  --with-linux="$source" --with-linux-obj="$build" > /compile.log 2>&1
# no ftrace sites: thousands of them are patched one by one at load, 6 s under emulation instead of 2
make -C module -j"$(nproc)" -s CC_FLAGS_FTRACE= >> /compile.log 2>&1

files_of() { modprobe -S "$version" -D "$@" 2> /dev/null | awk '$1 == "insmod" { print $2 }'; }

mkdir -p "$out/extra" /out/lab-img/m
for module in $(cat /modlist); do files_of --ignore-install "$module"; done | sort -u | while read -r file; do
  target=$out/${file#*/"$version"/}
  target=${target%.xz}
  mkdir -p "$(dirname "$target")"
  # unpacked: xz is slow under emulation
  case $file in *.xz) xz -dc "$file" > "$target" ;; *) cp "$file" "$target" ;; esac
  objcopy --remove-section=__mcount_loc --remove-section=.rela__mcount_loc --remove-section=.BTF "$target"
done
cp module/zfs.ko module/spl.ko "$out/extra/"
strip --strip-debug "$out"/extra/*.ko
cp "/lib/modules/$version/modules.builtin" "/lib/modules/$version/modules.builtin.modinfo" \
  "/lib/modules/$version/modules.order" "$out/"
ln -sfn usr/lib /out/lib
depmod -b /out "$version"
rm /out/lib

# what the initramfs loads, in this order
n=10
for module in virtio_blk erofs overlay; do
  for file in $(files_of "$module"); do
    stored=$out/${file#*/"$version"/}
    stored=${stored%.xz}
    name=$(basename "$stored")
    ls /out/lab-img/m | grep -q -- "-$name$" && continue
    cp "$stored" "/out/lab-img/m/$n-$name"
    n=$((n + 1))
  done
done
cp "/boot/vmlinuz-$version" /out/lab-img/vmlinuz
echo "$version" > /out/lab-img/version
cp /zfs-version /out/lab-img/zfs-version
cp /zfs.cache /out/lab-img/zfs-configure.cache
tar -C /out -cf /out.tar .
