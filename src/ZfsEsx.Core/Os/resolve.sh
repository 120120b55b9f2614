# Addresses of the names in "$@", on this machine: "name NAME", then a line for each address (its first word).
# Side by side: a name server that does not answer costs half a minute. getent ends with 2 when a name is not found, and
# with another code when it does not know ahostsv4.
for n in "$@"; do
  (
    r=$(getent ahostsv4 "$n" 2>/dev/null || { [ $? -ne 2 ] && getent hosts "$n" 2>/dev/null; })
    printf 'name %s\n%s\n' "$n" "$r"
  ) &
done
wait
exit 0
