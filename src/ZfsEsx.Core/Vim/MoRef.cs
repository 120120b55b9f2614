namespace ZfsEsx.Vim;

/// <summary>
/// A managed object reference: the type and the server's own name of an object, as in <c>HostSystem-host-10</c>.
/// </summary>
/// <param name="Type">The vim25 type.</param>
/// <param name="Value">The server's name for it; opaque.</param>
public readonly record struct MoRef(string Type, string Value)
{
    /// <summary>PowerCLI's form of the reference. Type names have no hyphen, so it splits at the first one.</summary>
    public string Id => Type + "-" + Value;

    /// <summary>Reads PowerCLI's form: <c>HostSystem-host-10</c>, <c>Datastore-10.0.0.11:/tank/x</c>.</summary>
    /// <exception cref="ZfsEsxException">The text is no such id (<c>InvalidId</c>).</exception>
    public static MoRef Parse(string id) =>
        TryParse(id, out MoRef reference)
            ? reference
            : throw new ZfsEsxException(
                "InvalidId", FailureKind.InvalidArgument, id, "'" + id + "' is not the id of a vSphere object.",
                "Ids look like HostSystem-host-10; every PowerCLI object carries one in its Id property.");

    /// <summary>Reads PowerCLI's form; false when the text is a plain name.</summary>
    public static bool TryParse(string? id, out MoRef reference)
    {
        int hyphen = id?.IndexOf('-') ?? -1;
        if (hyphen > 0 && hyphen < id!.Length - 1 && char.IsUpper(id[0]) && IsWord(id, hyphen))
        {
            reference = new MoRef(id.Substring(0, hyphen), id.Substring(hyphen + 1));
            return true;
        }

        reference = default;
        return false;
    }

    /// <inheritdoc/>
    public override string ToString() => Id;

    private static bool IsWord(string text, int length)
    {
        for (int i = 0; i < length; i++)
        {
            if (!char.IsLetter(text[i]))
            {
                return false;
            }
        }

        return true;
    }
}
