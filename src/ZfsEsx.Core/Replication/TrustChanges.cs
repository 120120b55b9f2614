using System.Text;
using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Replication;

/// <summary>The steps that make or end a trust. Only our own marked lines and files are touched.</summary>
internal static class TrustChanges
{
    private const string KnownHosts = EdgeConfig.Folder + "/known_hosts";

    private const string KeyScript =
        """
        umask 077
        mkdir -p "${1%/*}" && chmod 700 "${1%/*}" || exit 1
        if [ -f "$1" ] && ssh-keygen -y -P '' -f "$1" >/dev/null 2>&1; then chown root "$1" && chmod 600 "$1"; exit; fi
        rm -f "$1" "$1.pub"
        ssh-keygen -q -t ed25519 -N '' -C "$2" -f "$1" </dev/null
        """;

    // The password "*" fits nothing, but unlike "!" sshd does not take it for a locked account.
    private const string UserScript = "useradd -m -s /bin/sh -c 'ZfsEsx replication' -p '*' \"$1\"";

    // The same on the Solaris systems, where /home is the automounter's and "passwd -N" leaves an account that is not
    // locked.
    private const string SolarisUserScript =
        "useradd -m -d \"/export/home/$1\" -s /bin/sh -c 'ZfsEsx replication' \"$1\" && passwd -N \"$1\"";

    // The folder is the user's, so nothing in it is trusted: a new file with a name that nobody can know, then rename.
    private const string KeysScript =
        """
        umask 077
        file=$1 user=$2 group=$3
        folder=${file%/*}
        [ -d "$folder" ] || { mkdir -p "$folder" && chown "$user:$group" "$folder"; } || exit 1
        new=$(mktemp "$folder/.zfsesx.XXXXXXXX") || exit 1
        cat >"$new" && chown "$user:$group" "$new" && chmod 600 "$new" && mv -f "$new" "$file" && exit 0
        rm -f "$new"
        exit 1
        """;

    public static IEnumerable<Change> New(
        ZfsHost source, ZfsHost target, TrustNames names, TrustSource here, TrustTarget there)
    {
        const string Install = "Install the replication agent in " + AgentFiles.Folder;
        foreach (Change change in HostFiles
            .Write(source, Install, HostFiles.Differing(here.Files, HostFiles.Agent()), 0)
            .Concat(HostFiles.Write(target, Install, HostFiles.Differing(there.Files, HostFiles.Agent()), 0)))
        {
            yield return change;
        }

        if (here.PublicKey is null || !here.KeyPrivate)
        {
            yield return new Change(
                source.Name,
                here.PublicKey is null
                    ? "Make a key pair for replication to " + names.Neighbour + " in " + names.KeyPath
                    : "Make " + names.KeyPath + " readable to root only",
                (_, ct) => MakeKeyAsync(source, names.KeyPath, names, ct));
        }

        if (!TrustCheck.KnownHostsRight(names, here, there))
        {
            yield return new Change(
                source.Name,
                "Pin the host keys of " + names.Neighbour + " in " + KnownHosts,
                (_, ct) => EditKnownHostsAsync(
                    source, f => TrustText.SetHostKeys(f, names.Neighbour, there.HostKeys), ct));
        }

        if (!there.UserExists)
        {
            yield return new Change(
                target.Name, "Create the user " + names.User, (_, ct) => MakeUserAsync(target, names, ct));
        }

        if (!TrustRight.IsThere(names, there))
        {
            yield return TrustRight.Make(target, names, there);
        }

        if (here.PublicKey is null || !TrustCheck.KeyLineRight(names, here.PublicKey, there))
        {
            yield return new Change(
                target.Name,
                "Let the key of " + names.Source + " in as " + names.User + ", for receiving only",
                (_, ct) => AuthorizeAsync(source, target, names, ct),
                stage: 1);
        }
    }

    public static IEnumerable<Change> Remove(
        ZfsHost source, ZfsHost target, TrustNames names, TrustSource here, TrustTarget there)
    {
        if (TrustText.FindKeyLine(there.Keys, names.Source) is not null)
        {
            yield return new Change(
                target.Name,
                "No longer let the key of " + names.Source + " in as " + names.User,
                (_, ct) => EditKeysAsync(target, names, f => TrustText.RemoveKeyLine(f, names.Source), ct));
        }

        foreach (Change change in TrustRight.Remove(target, names, there))
        {
            yield return change;
        }

        if (here.KeyMode.Length > 0)
        {
            yield return new Change(
                source.Name,
                "Remove the key pair " + names.KeyPath,
                (_, ct) => EdgeFiles.RemoveAsync(
                    source, names.Neighbour, ct,
                    names.KeyPath, names.KeyPath + ".pub", names.NextKeyPath, names.NextKeyPath + ".pub"));
        }

        if (TrustText.RemoveHostKeys(here.KnownHosts, names.Neighbour) != here.KnownHosts)
        {
            yield return new Change(
                source.Name,
                "Forget the host keys of " + names.Neighbour,
                (_, ct) => EditKnownHostsAsync(source, f => TrustText.RemoveHostKeys(f, names.Neighbour), ct));
        }
    }

    public static Task<CommandResult> MakeKeyAsync(
        ZfsHost source, string path, TrustNames names, CancellationToken ct) => source.CheckAsync(
        RemoteCommand.Script(KeyScript, path, "zfsesx:" + names.Source),
        "KeyNotMade",
        source.Name,
        "No key pair can be made on " + source.Name,
        null,
        ct);

    private static Task<CommandResult> MakeUserAsync(ZfsHost target, TrustNames names, CancellationToken ct) =>
        target.CheckAsync(
            RemoteCommand.Script(target.System == HostSystem.Linux ? UserScript : SolarisUserScript, names.User),
            "UserNotCreated",
            target.Name,
            "The user " + names.User + " cannot be created on " + target.Name,
            null,
            ct);

    private static async Task EditKnownHostsAsync(ZfsHost source, Func<string, string> edit, CancellationToken ct)
    {
        CommandResult now = await source.CheckAsync(
            RemoteCommand.Script("[ ! -f \"$1\" ] || cat \"$1\"", KnownHosts),
            "HostKeysUnreadable",
            source.Name,
            KnownHosts + " cannot be read on " + source.Name,
            null,
            ct).ConfigureAwait(false);
        await HostFiles.WriteAsync(source, [WantedFile.Text(KnownHosts, edit(now.Output), "0644")], ct)
            .ConfigureAwait(false);
    }

    /// <summary>Lets the key that the source has now in, and no other.</summary>
    public static async Task AuthorizeAsync(ZfsHost source, ZfsHost target, TrustNames names, CancellationToken ct)
    {
        // Read again: the key may have been made a moment ago.
        TrustSource here = await TrustSource.ReadAsync(source, names, ct).ConfigureAwait(false);
        TrustTarget there = await TrustTarget.ReadAsync(target, names, ct).ConfigureAwait(false);
        string line = TrustCheck.KeyLine(names, here.PublicKey ?? "", there);
        await WriteKeysAsync(target, names, there, TrustText.SetKeyLine(there.Keys, names.Source, line), ct)
            .ConfigureAwait(false);
    }

    private static async Task EditKeysAsync(
        ZfsHost target, TrustNames names, Func<string, string> edit, CancellationToken ct)
    {
        TrustTarget there = await TrustTarget.ReadAsync(target, names, ct).ConfigureAwait(false);
        await WriteKeysAsync(target, names, there, edit(there.Keys), ct).ConfigureAwait(false);
    }

    public static Task<CommandResult> WriteKeysAsync(
        ZfsHost target, TrustNames names, TrustTarget there, string content, CancellationToken ct) => target.CheckAsync(
        new RemoteCommand("sh", "-c", KeysScript, "sh", there.KeysFile ?? "", names.User, there.Group)
        {
            Input = Encoding.UTF8.GetBytes(content),
        },
        "KeysNotWritten",
        target.Name,
        there.KeysFile + " cannot be written on " + target.Name,
        null,
        ct);
}
