# Makes the standard input root's crontab. From a file: that is all that every crontab knows. "-" for the standard input is
# the name of a file to Solaris', and no argument at all is an error to vixie's.
f=$(mktemp /tmp/zfsesx-crontab.XXXXXX) || exit 1
trap 'rm -f "$f"' EXIT
cat >"$f" && crontab "$f"
