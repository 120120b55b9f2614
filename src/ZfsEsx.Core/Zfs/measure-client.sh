# What a storage VM must have to be the NFS client of a measurement. Argument: the address of the NFS server.
# Parts as in Sections; read by MeasureState.
printf '\036tools\n'
for t in fio mount.nfs apt-get dnf yum zypper apk pacman pkg; do if command -v "$t" >/dev/null 2>&1; then echo "$t"; fi; done
printf '\036route\n'
ip -o route get "$1" 2>&1
exit 0
