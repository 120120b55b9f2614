# The remote end of OpenSshShell. Comment lines are dropped and the others joined with blanks, so every statement ends
# with a semicolon. The reader of commands is "read", which takes no byte too many; the commands themselves run beside
# it in a process group of their own, so that z_k and the end of the connection can stop them.
# The names are odd because ksh has aliases for short ones (r, t). Commands (one line each, sent by OpenSshShell; newlines in words are spelled $nl):
#   z_t A B              answer an empty frame
#   z_r A B I WORDS…     run WORDS; standard input is what the function z_g prints when I is 1, else empty
#   z_k SIGNAL           stop what runs (busybox' kill knows no --)    z_d    what ran has ended
#   z_e A B WORDS…       be replaced by a shell of root's, started by WORDS (sudo …): it answers an empty frame, then reads
#                        this script anew
# A frame on both streams: RS B-A< … RS B-A>CODE;  A and B are random, and only together in this order the mark, so that
# the output of ps or set -x cannot look like one.
LC_ALL=C; export LC_ALL;
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin;
if [ -d /usr/xpg4/bin ]; then PATH=/usr/xpg4/bin:$PATH; fi;
export PATH;
unset ENV BASH_ENV;
nl=$(printf "\nx"); nl=${nl%x};
p=;
s=setsid;
command -v setsid >/dev/null 2>&1 || { s=; set -m; } 2>/dev/null;
w='trap : TERM; a=$1; b=$2; shift 2; printf "\036%s-%s<" "$b" "$a"; printf "\036%s-%s<" "$b" "$a" >&2; "$@"; c=$?; printf "\036%s-%s>%s;" "$b" "$a" "$c"; printf "\036%s-%s>%s;" "$b" "$a" "$c" >&2';
z_t() { printf "\036%s-%s<\036%s-%s>0;" "$2" "$1" "$2" "$1"; printf "\036%s-%s<\036%s-%s>0;" "$2" "$1" "$2" "$1" >&2; };
z_r() { a=$1; b=$2; i=$3; shift 3;
if [ "$i" = 0 ]; then $s sh -c "$w" sh "$a" "$b" "$@" </dev/null & p=$!;
elif [ -n "$s" ]; then z_g | $s sh -c "$w" sh "$a" "$b" "$@" & p=$!;
else ( z_g | sh -c "$w" sh "$a" "$b" "$@" ) & p=$!;
fi; };
z_q() { kill -s "$1" -- "-$p" || kill "-$1" "-$p" || kill -s "$1" "$p"; };
z_k() { if [ -n "$p" ]; then z_q "$1" </dev/null >/dev/null 2>&1;
if [ "$1" = KILL ]; then wait "$p" 2>/dev/null; printf "\036%s-%s<\036%s-%s>137;" "$b" "$a" "$b" "$a"; printf "\036%s-%s<\036%s-%s>137;" "$b" "$a" "$b" "$a" >&2; fi; fi; };
z_d() { if [ -n "$p" ]; then wait "$p" 2>/dev/null; p=; fi; };
e='SSH_CONNECTION=$3; export SSH_CONNECTION; printf "\036%s-%s<\036%s-%s>0;" "$2" "$1" "$2" "$1"; printf "\036%s-%s<\036%s-%s>0;" "$2" "$1" "$2" "$1" >&2; read -r b; eval "$b"';
z_e() { a=$1; b=$2; shift 2; exec "$@" sh -c "$e" sh "$a" "$b" "$SSH_CONNECTION"; };
while IFS= read -r l; do eval "$l"; done;
if [ -n "$p" ]; then z_k TERM; sleep 1; z_q KILL </dev/null >/dev/null 2>&1; fi;
exit 0;
