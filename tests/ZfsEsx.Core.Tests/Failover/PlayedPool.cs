using ZfsEsx.Core.Tests.Os;

namespace ZfsEsx.Core.Tests.Failover;

/// <summary>
/// A pool that is a table of properties, and a <c>zfs</c> that does with it what the scripts of a failover need: what
/// they decide is tested, not ZFS.
/// </summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
internal sealed class PlayedPool : IDisposable
{
    // pool: data set, property, value. A line with "type" makes a data set. refuse: a pattern of a call, what is said.
    private const string Zfs =
        """
        echo "zfs $*" >>"$SUN/log"
        touch "$SUN/refuse"
        while IFS='|' read -r pattern text; do
          case "$*" in $pattern) echo "$text" >&2; exit 1 ;; esac
        done <"$SUN/refuse"
        verb=$1; shift
        recursive= sources= columns=name,property,value,source types=
        while :; do
          case ${1:-} in
            -r) recursive=1; shift ;;
            -s) sources=$2; shift 2 ;;
            -o) columns=$2; shift 2 ;;
            -t) types=$2; shift 2 ;;
            -H | -Hp | -A | -f) shift ;;
            *) break ;;
          esac
        done
        exists() { awk -F '\t' -v d="$1" '$1 == d { found = 1 } END { exit !found }' "$SUN/pool" || { echo "cannot open '$1': dataset does not exist" >&2; exit 1; }; }
        keep() { awk -F '\t' "$@" "$SUN/pool" >"$SUN/pool.new" && mv "$SUN/pool.new" "$SUN/pool"; }
        put() { keep -v d="$1" -v p="$2" '!($1 == d && $2 == p)'; printf '%s\t%s\t%s\n' "$1" "$2" "$3" >>"$SUN/pool"; }
        case $verb in
          get | list)
            props=$columns
            [ "$verb" = list ] || { props=$1; shift; }
            [ $# -eq 0 ] || exists "$1"
            awk -v top="${1:-}" -v r="$recursive" -v s="$sources" -v o="$columns" -v props="$props" -v verb="$verb" -v types="$types" '
              function look(d, p) {
                src = "-"
                if (p == "name") return d
                if ((d, p) in v) { src = "local"; return v[d, p] }
                if (p !~ /:/ && p != "sharenfs") return "-"
                if (p == "sharenfs" && d ~ /@/) return "-"
                sub(/@.*/, "", d)
                while (sub("/[^/]*$", "", d)) if ((d, p) in v) { src = "inherited from " d; return v[d, p] }
                src = (p == "sharenfs") ? "default" : "-"
                return (p == "sharenfs") ? "off" : "-"
              }
              BEGIN { FS = OFS = "\t" }
              { v[$1, $2] = $3 }
              $2 == "type" { all[++n] = $1; type[$1] = $3 }
              END {
                np = split(props, prop, ","); nc = split(o, col, ",")
                for (i = 1; i <= n; i++) {
                  d = all[i]
                  if (top != "" && d != top && !(r && (index(d, top "/") == 1 || index(d, top "@") == 1))) continue
                  if (verb == "list" && index("," ((types == "") ? "filesystem,snapshot" : types) ",", "," type[d] ",") == 0) continue
                  if (verb == "list") { line = look(d, prop[1]); for (j = 2; j <= np; j++) line = line OFS look(d, prop[j]); print line; continue }
                  for (j = 1; j <= np; j++) {
                    x["name"] = d; x["property"] = prop[j]; x["value"] = look(d, prop[j]); x["source"] = src
                    if (s != "" && src != s) continue
                    line = x[col[1]]; for (k = 2; k <= nc; k++) line = line OFS x[col[k]]
                    print line
                  }
                }
              }' "$SUN/pool" ;;
          set) exists "$2"; put "$2" "${1%%=*}" "${1#*=}" ;;
          inherit) exists "$2"; keep -v d="$2" -v p="$1" '!($1 == d && $2 == p)' ;;
          mount) put "$1" mounted yes ;;
          unmount) put "$1" mounted no ;;
          send) cat "$SUN/stream" ;;
          snapshot) put "$1" type snapshot ;;
          destroy)
            exists "$1"
            ! grep -q "^$1[/@].*type" "$SUN/pool" || { echo "cannot destroy '$1': it has children" >&2; exit 1; }
            ! grep -q "origin.$1\$" "$SUN/pool" || { echo "cannot destroy '$1': snapshot has dependent clones" >&2; exit 1; }
            keep -v d="$1" '$1 != d' ;;
          *) ;;
        esac
        """;

    private static readonly string[][] s_shells =
        [["sh"], ["dash"], ["bash", "--posix"], ["busybox", "sh"], ["ksh93"], ["mksh"], ["yash"]];

    private readonly SunSystem _system = new();

    public PlayedPool()
    {
        _system.Program("zfs", Zfs);
        _system.Program("sleep", "exit 0");
        _system.Program("sync", "exit 0");
    }

    /// <summary>All shells that this machine has; sh is everywhere.</summary>
    public static IEnumerable<string[]> Shells => s_shells.Where(s => Environment.GetEnvironmentVariable("PATH")!
        .Split(':').Any(d => File.Exists(Path.Combine(d, s[0]))));

    public string Folder => _system.Folder;

    public string Errors => _system.Errors;

    /// <summary>The calls that changed something, in their order.</summary>
    public IEnumerable<string> Changes => _system.Log.Split('\n').Where(l => l.Length > 0
        && !l.StartsWith("zfs get", StringComparison.Ordinal) && !l.StartsWith("zfs list", StringComparison.Ordinal));

    /// <summary>A pool anew: <c>sp1/nas sharenfs=on mounted=yes</c> a line; what has an @ is a snapshot.</summary>
    public void Fill(string text)
    {
        List<string> rows = [];
        foreach (string[] words in text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' ')))
        {
            string type = words[0].Contains('@', StringComparison.Ordinal) ? "snapshot" : "filesystem";
            rows.Add($"{words[0]}\ttype\t{type}");
            rows.AddRange(words.Skip(1).Select(w => words[0] + "\t" + string.Join('\t', w.Split('=', 2))));
        }

        File.WriteAllText(_system.PathOf("pool"), string.Concat(rows.Select(r => r + "\n")));
        File.Delete(_system.PathOf("log"));
        Refuse();
    }

    /// <summary>Calls that fail from now on: <c>unmount *|dataset is busy</c>.</summary>
    public void Refuse(params string[] calls) =>
        File.WriteAllText(_system.PathOf("refuse"), string.Concat(calls.Select(c => c + "\n")));

    /// <summary>A property as it is written there; null when it is not.</summary>
    public string? this[string dataset, string property] => File.ReadAllLines(_system.PathOf("pool"))
        .Select(l => l.Split('\t')).FirstOrDefault(w => w[0] == dataset && w[1] == property)?[2];

    public void Program(string name, string script) => _system.Program(name, script);

    public Task<(int Code, string Output)> RunAsync(string[] shell, string script, params string[] arguments) =>
        _system.RunAsync("sh", "exec \"$@\"", [.. shell, "-c", script, "sh", .. arguments]);

    public void Dispose() => _system.Dispose();
}
