namespace ZfsEsx.Core.Tests.Os;

/// <summary>
/// A <see cref="SunSystem"/> with a network: programs that write down how they are called and answer as theirs do. The
/// answers are not captured: they are written after the layout in the manuals ifconfig(1M), dladm(1M), ipadm(1M),
/// netstat(1M), svcs(1) and route(1M). The scripts are run by a real ksh93, which is OpenSolaris' sh, and find no other
/// programs than these and a few that every system has.
/// </summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
internal sealed class SunHost : IDisposable
{
    public const string Ifconfig = """
        lo0: flags=2001000849<UP,LOOPBACK,RUNNING,MULTICAST,IPv4,VIRTUAL> mtu 8232 index 1
        	inet 127.0.0.1 netmask ff000000
        e1000g0: flags=1000843<UP,BROADCAST,RUNNING,MULTICAST,IPv4> mtu 1500 index 2
        	inet 192.168.10.21 netmask ffffff00 broadcast 192.168.10.255
        	ether 0:c:29:1:2:3
        lo0: flags=2002000849<UP,LOOPBACK,RUNNING,MULTICAST,IPv6,VIRTUAL> mtu 8252 index 1
        	inet6 ::1/128
        """;

    private readonly SunSystem _sun = new("cat", "mkdir", "rm", "mv", "sleep", "awk", "grep", "sed", "tail", "nohup", "chmod");

    public SunHost(bool ipadm, bool nwam, string ifconfig = Ifconfig)
    {
        File.CreateSymbolicLink(_sun.PathOf("sh"), SunSystem.Find("ksh93"));
        File.WriteAllText(_sun.PathOf("ifconfig.txt"), ifconfig + "\n");
        const string Note = "echo \"${0##*/} $*\" >> \"$SUN/log\"";
        Program("dladm", """
            case "$*" in
              'show-phys -m') echo 'LINK         SLOT     ADDRESS            INUSE CLIENT'
                echo 'e1000g0      primary  0:c:29:1:2:3       yes  e1000g0'
                echo 'e1000g1      primary  0:50:56:aa:9:2     no   --';;
              'show-link -p -o link,class,mtu,state') printf 'e1000g0:phys:1500:up\ne1000g1:phys:1500:unknown\n';;
              'show-link -p -o mtu '*) echo 1500;;
              *) LOG;;
            esac
            """.Replace("LOG", Note, StringComparison.Ordinal));
        Program("ifconfig", """
            case "$*" in
              -a) cat "$SUN/ifconfig.txt";;
              e1000g0) sed -n '/^e1000g0/,/ether/p' "$SUN/ifconfig.txt";;
              e1000g1) exit 1;;
              *) LOG;;
            esac
            # an interface that goes takes the routes over it along
            case "$*" in
              'e1000g0 unplumb') sed -i '/ 192[.]168[.]10[.]/d' "$SUN/routes";;
              'e1000g1 unplumb') sed -i '/ 10[.]99[.]0[.]/d' "$SUN/routes";;
            esac
            """.Replace("LOG", Note, StringComparison.Ordinal));
        File.WriteAllText(_sun.PathOf("routes"), "default 192.168.10.1\n");
        Program("netstat", """
            printf '\nIRE Table: IPv4\n  Destination             Mask           Gateway          Device  MTU  Ref Flg  Out  In/Fwd\n'
            printf -- '-------------------- --------------- -------------------- ------ ----- --- --- ----- ------\n'
            sed -n 's/^default \(.*\)/default              0.0.0.0         \1                1500   2 UG    1234      0/p
              s|^\(.*\)/16 \(.*\)|\1            255.255.0.0     \2                    1500   1 UG       0      0|p' "$SUN/routes"
            echo '192.168.10.0         255.255.255.0   192.168.10.21        e1000g0 1500   3 U       42      0'
            echo '127.0.0.1            255.255.255.255 127.0.0.1            lo0     8232   2 UH      42      0'
            """);
        string states = nwam ? "disabled svc:/network/physical:default\\nonline svc:/network/physical:nwam"
            : "online svc:/network/physical:default\\ndisabled svc:/network/physical:nwam";
        Program("svcs", "case \"$4\" in network/physical:nwam) echo " + (nwam ? "online" : "disabled")
            + ";; *) printf '" + states + "\\n';; esac");
        Program("svcadm", Note);
        // As newroute and save_route of illumos' route.c: it ends with the errno, and for -p after what the file says.
        Program("route", """
            case "$*" in
              '-p show') echo 'persistent: route add default 192.168.10.1'; exit;;
              '-n get '*) printf '   route to: 192.168.10.5\n  interface: e1000g0\n'; exit;;
              *) LOG;;
            esac
            p=
            if [ "$1" = -p ]; then p=1; shift; fi
            c=$1
            shift
            if [ "$1" = -net ]; then shift; fi
            there=
            if grep -xF "$1 $2" "$SUN/routes" >/dev/null; then there=1; fi
            case $c$there in
              add1) echo "add net $1: gateway $2: entry exists"; [ "$p" ] || exit 17;;
              add) echo "add net $1: gateway $2"; echo "$1 $2" >>"$SUN/routes";;
              delete1) sed -i "\\|^$1 $2\$|d" "$SUN/routes"; echo "delete net $1: gateway $2";;
              delete) echo "delete net $1: gateway $2: not in table"; [ "$p" ] || exit 3;;
            esac
            """.Replace("LOG", Note, StringComparison.Ordinal));
        if (ipadm)
        {
            Program("ipadm", """
                case "$*" in
                  'show-addr -p -o addrobj,type,state,persistent,addr')
                    printf 'lo0/v4:static:ok:U--:127.0.0.1/8\ne1000g0/v4:static:ok:U--:192.168.10.21/24\n';;
                  'show-addr -p -o addrobj,state') printf 'lo0/v4:ok\ne1000g0/v4:ok\n';;
                  'show-if e1000g1') exit 1;;
                  show-if*) ;;
                  *) LOG;;
                esac
                """.Replace("LOG", Note, StringComparison.Ordinal));
        }
    }

    public string Run => _sun.PathOf("zfsesx-network");

    /// <summary>The changing calls so far.</summary>
    public string[] Made => _sun.Log.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The routes over gateways that there are, in the order of their coming.</summary>
    public string[] Routes => File.ReadAllLines(_sun.PathOf("routes"));

    /// <summary>Where it keeps files instead of /etc.</summary>
    public string FileOf(string name) => _sun.PathOf(name);

    /// <summary>A route that somebody else has made.</summary>
    public void Route(string line) => File.AppendAllText(_sun.PathOf("routes"), line + "\n");

    /// <summary>Runs a script of ours as its sh would.</summary>
    public async Task<(int Code, string Output)> ShAsync(string script, params string[] arguments)
    {
        (int code, string output) = await _sun.RunAsync("ksh93", script, arguments);
        return (code, output + _sun.Errors);
    }

    /// <summary>Lets a program do something first when it is called with these words.</summary>
    public void Before(string name, string words, string script)
    {
        File.Move(_sun.PathOf(name), _sun.PathOf(name + ".real"));
        Program(name, $"case \"$*\" in {words}) {script};; esac\nexec '{_sun.PathOf(name)}.real' \"$@\"");
    }

    /// <summary>Lets a program fail when it is called with these words.</summary>
    public void Refuse(string name, string words, string complaint) =>
        Before(name, words, $"echo '{complaint}' >&2; exit 1");

    public void Dispose() => _sun.Dispose();

    private void Program(string name, string script) => _sun.Program(name, script);
}
