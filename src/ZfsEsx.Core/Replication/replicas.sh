# All below the root of a source's replicas: name, GUID, when it was made by ZFS's own count, what was written since.
# The older ZFS has no "list -p", and does not know what was written.
zfs list -Hp -r -t filesystem,volume,snapshot -o name,guid,createtxg,written "$1" 2>/dev/null ||
  zfs get -Hp -r -o name,property,value guid,createtxg "$1" 2>/dev/null |
    awk -F '\t' '$2 == "guid" { guid = $3 } $2 == "createtxg" { print $1 FS guid FS $3 FS "-" }'
exit 0
