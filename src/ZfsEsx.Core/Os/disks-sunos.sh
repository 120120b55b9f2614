# Disks and what uses them (OpenSolaris, illumos), in one go, after label.sh. Parts as in Sections; read by SolarisDisks.
# Arguments: paths of files that shall serve as disks too.
part() { printf '\036%s\n' "$1"; }
part iostat
iostat -En
part format
format </dev/null 2>/dev/null
# Of illumos; Solaris 11 has another program of this name, which answers otherwise.
part diskinfo
diskinfo -Hp 2>/dev/null
part files
for f in "$@"; do if [ -f "$f" ]; then printf '%s\t%s\n' "$(wc -c <"$f" | tr -d ' ')" "$f"; fi; done
part status
s=$(zpool status 2>/dev/null)
printf '%s\n' "$s"
part mounts
m=$(mount -p 2>/dev/null)
printf '%s\n' "$m"
part swap
w=$(swap -l 2>/dev/null; dumpadm 2>/dev/null)
printf '%s\n' "$w"
# Only disks that nothing of this explains are looked into: what is said of c2t1d10 says nothing of c2t1d1.
c=
for d in $(iostat -En | awk '$1 ~ /^c[0-9]+(t[0-9A-Fa-f]+)?d[0-9]+$/ { print $1 }'); do
  case " $s $m $w " in *[!0-9A-Za-z]"$d"[!0-9]*) ;; *) c="$c $d";; esac
done
part labels
for d in $c; do
  for x in s0 s1 s2 s3 s4 s5 s6 s7 p0 p1 p2 p3 p4; do label "/dev/dsk/$d$x"; done
done
for f in "$@"; do if [ -f "$f" ]; then label "$f"; fi; done
part contents
for d in $c; do
  for x in s0 s1 s2 s3 s4 s5 s6 s7 p0 p1 p2 p3 p4; do
    t=$(fstyp "/dev/rdsk/$d$x" 2>/dev/null) && printf '%s%s %s\n' "$d" "$x" "$t"
  done
  prtvtoc -h "/dev/rdsk/${d}s0" 2>/dev/null | awk -v d="$d" '$2 != 1 && $2 != 5 && $2 != 11 && $5 > 0 { print d "s" $1, "slice" }'
done
