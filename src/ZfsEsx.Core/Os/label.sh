# label DEVICE: what the label of a pool says, in one line: device, state (0 in use, 1 exported, 2 destroyed, 3 a spare disk,
# 4 a cache disk), the pool's guid, id and name of the system that had it last, the pool's name. Read by PoolLabel.
label() {
  zdb -l "$1" 2>/dev/null | awk -v OFS='\t' '
    { k = $1; sub(/^[^:]*: /, "") }
    k == "state:" && s == "" { s = $0 } k == "name:" && n == "" { n = $0 } k == "pool_guid:" && g == "" { g = $0 }
    k == "hostid:" && i == "" { i = $0 } k == "hostname:" && h == "" { h = $0 }
    END { if (s != "") print s, g, i, h, n }' | while IFS= read -r v; do printf '%s\t%s\n' "$1" "$v"; done
}
