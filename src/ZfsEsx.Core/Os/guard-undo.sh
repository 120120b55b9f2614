# The change is taken back now, unless it was confirmed; says what became of it. $1: the guard's folder.
# Exit status 3: the guard had decided before it was asked.
d=$1
c=0
if [ -d "$d/decided" ] || ! mkdir "$d/undo" 2>/dev/null; then c=3; fi
n=0
while [ -d "$d" ] && [ $n -lt 40 ]; do
  sleep 1
  n=$((n + 1))
done
cat "$d.last" || exit 1
exit $c
