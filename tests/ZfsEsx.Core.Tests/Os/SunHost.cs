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

    private readonly SunSystem _sun = new("cat", "mkdir", "rm", "mv", "sleep", "awk", "grep", "sed", "tail", "nohup");

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
            """.Replace("LOG", Note, StringComparison.Ordinal));
        Program("netstat", """
            printf '\nRouting Table: IPv4\n  Destination           Gateway           Flags  Ref     Use     Interface\n'
            printf -- '-------------------- -------------------- ----- ----- ---------- ---------\n'
            echo 'default              192.168.10.1         UG        2       1234'
            echo '192.168.10.0         192.168.10.21        U         3         42 e1000g0'
            """);
        string states = nwam ? "disabled svc:/network/physical:default\\nonline svc:/network/physical:nwam"
            : "online svc:/network/physical:default\\ndisabled svc:/network/physical:nwam";
        Program("svcs", "case \"$4\" in network/physical:nwam) echo " + (nwam ? "online" : "disabled")
            + ";; *) printf '" + states + "\\n';; esac");
        Program("svcadm", Note);
        Program("route", """
            case "$*" in
              '-p show') echo 'persistent: route add default 192.168.10.1';;
              '-n get '*) printf '   route to: 192.168.10.5\n  interface: e1000g0\n';;
              *) LOG;;
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

    /// <summary>Runs a script of ours as its sh would.</summary>
    public async Task<(int Code, string Output)> ShAsync(string script, params string[] arguments)
    {
        (int code, string output) = await _sun.RunAsync("ksh93", script, arguments);
        return (code, output + _sun.Errors);
    }

    /// <summary>Lets a program fail when it is called with these words.</summary>
    public void Refuse(string name, string words, string complaint)
    {
        File.Move(_sun.PathOf(name), _sun.PathOf(name + ".real"));
        Program(
            name,
            $"case \"$*\" in {words}) echo '{complaint}' >&2; exit 1;; esac\nexec '{_sun.PathOf(name)}.real' \"$@\"");
    }

    public void Dispose() => _sun.Dispose();

    private void Program(string name, string script) => _sun.Program(name, script);
}
