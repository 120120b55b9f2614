using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Replication;

/// <summary>
/// A new key takes the place of the one in use: it is let in beside the old one, tried, then renamed over it in one
/// step, and only then the old one is no longer let in. So there is no moment without a valid key.
/// </summary>
internal static class TrustRotation
{
    private const string UseScript = "mv -f \"$1.new.pub\" \"$1.pub\" && mv -f \"$1.new\" \"$1\"";

    /// <summary>The steps; the last one alone when an earlier run was broken off before it.</summary>
    public static IEnumerable<Change> Changes(ZfsHost source, ZfsHost target, TrustNames names, bool onlyLast)
    {
        Change last = new(
            target.Name,
            "No longer let the old key of " + names.Source + " in",
            (_, ct) => TrustChanges.AuthorizeAsync(source, target, names, ct),
            ChangeRisk.Safe,
            stage: 3,
            afterAll: true);
        if (onlyLast)
        {
            yield return last;
            yield break;
        }

        // One that an earlier run has left was perhaps let in already, and by now is not new.
        yield return new Change(
            source.Name,
            "Make a new key pair for replication to " + names.Neighbour + " beside the one in use",
            async (_, ct) =>
            {
                await RemoveAsync(source, names, ct).ConfigureAwait(false);
                await TrustChanges.MakeKeyAsync(source, names.NextKeyPath, names, ct).ConfigureAwait(false);
            });
        yield return new Change(
            target.Name,
            "Let the new key of " + names.Source + " in beside the old one",
            (_, ct) => LetInAsync(source, target, names, ct),
            ChangeRisk.Safe,
            stage: 1,
            afterAll: true);
        yield return new Change(
            source.Name,
            "Log in with the new key, and use it from now on",
            (_, ct) => UseAsync(source, names, ct),
            ChangeRisk.Safe,
            stage: 2,
            afterAll: true);
        yield return last;
    }

    private static Task<CommandResult> RemoveAsync(ZfsHost source, TrustNames names, CancellationToken ct) =>
        source.CheckAsync(
            new RemoteCommand("rm", "-f", names.NextKeyPath, names.NextKeyPath + ".pub"),
            "FileNotRemoved", source.Name, names.NextKeyPath + " cannot be removed", null, ct);

    private static async Task LetInAsync(ZfsHost source, ZfsHost target, TrustNames names, CancellationToken ct)
    {
        TrustSource here = await TrustSource.ReadAsync(source, names, ct).ConfigureAwait(false);
        TrustTarget there = await TrustTarget.ReadAsync(target, names, ct).ConfigureAwait(false);
        string line = TrustCheck.KeyLine(names, here.NextKey ?? "", there, next: true);
        await TrustChanges.WriteKeysAsync(
            target, names, there, TrustText.AddNextKeyLine(there.Keys, names.Source, line), ct).ConfigureAwait(false);
    }

    private static async Task UseAsync(ZfsHost source, TrustNames names, CancellationToken ct)
    {
        ZfsReplicationTrustTest test =
            await ReplicationTrust.TestAsync(source, names, names.NextKeyPath, ct).ConfigureAwait(false);
        if (!test.Succeeded)
        {
            throw new ZfsEsxException(
                "NewKeyRefused",
                FailureKind.PermissionDenied,
                names.Source,
                names.Neighbour + " did not let the new key in: " + test.Answer.TrimEnd('.') + ".",
                "The old key stays in use. Look at the log of sshd on " + names.Neighbour + ".");
        }

        await source.CheckAsync(
            RemoteCommand.Script(UseScript, names.KeyPath),
            "KeyNotMade", source.Name, "The new key cannot take its place", null, ct)
            .ConfigureAwait(false);
    }
}
