# When clocks change within the next eight days (no schedule has a longer gap): "CLOCKS", the second of it since 1970, and
# the offset from then on. Nothing where date cannot tell the offset of another time than now.
zone_at() { date -d "@$1" '+%z' 2>/dev/null || date -r "$1" '+%z' 2>/dev/null; }
low=$(date '+%s')
case $low in '' | *[!0-9]*) low= ;; esac
if [ -n "$low" ] && zone=$(zone_at "$low") && later=$(zone_at "$((low + 691200))") && [ "$zone" != "$later" ]; then
  high=$((low + 691200))
  while [ $((high - low)) -gt 1 ]; do
    mid=$(((low + high) / 2))
    if [ "$(zone_at "$mid")" = "$zone" ]; then low=$mid; else high=$mid; fi
  done
  printf 'CLOCKS\t%s\t%s\n' "$high" "$later"
fi
