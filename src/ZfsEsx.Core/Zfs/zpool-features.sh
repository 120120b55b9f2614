# What this ZFS can do, in its own words: the properties that it lists when asked for one that cannot be, and the versions
# and features that it supports. Comes after another script of parts; read by ZpoolFeatures.
printf '\036properties\n'
zpool get zfsesx-none 2>&1 | awk '$2 == "YES" || $2 == "NO" { print $1 }'
printf '\036features\n'
zpool upgrade -v 2>/dev/null | awk '/^ *[0-9]+  / { print $1 } /^[a-z][a-z0-9_]* / { print $1 }'
exit 0
