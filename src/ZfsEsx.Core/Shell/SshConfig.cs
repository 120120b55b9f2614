namespace ZfsEsx.Shell;

/// <summary>What the OpenSSH client's configuration says of a machine.</summary>
internal static class SshConfig
{
    /// <summary>
    /// The name that known_hosts has the machine by, for use as a <c>HostKeyAlias</c> at another address.
    /// </summary>
    public static async Task<string> KeyAliasAsync(SshOptions options, CancellationToken ct)
    {
        (_, string output, _) = await LocalProcess.RunAsync(
            options.Executable, SshArguments.BuildConfig(options), options.ConnectTimeout, ct).ConfigureAwait(false);
        return KeyAlias(options, output);
    }

    /// <summary>
    /// The same from the answer of <c>ssh -G</c>, which is empty where ssh is too old to know it. Pure.
    /// </summary>
    public static string KeyAlias(SshOptions options, string answer)
    {
        string? Value(string key) => answer.Split('\n')
            .Where(l => l.StartsWith(key + " ", StringComparison.OrdinalIgnoreCase))
            .Select(l => l.Substring(key.Length + 1).Trim()).FirstOrDefault(v => v.Length > 0);
        if (Value("hostkeyalias") is string alias)
        {
            return alias;
        }

        // ssh writes "[name]:port" for other ports than its own, and takes an alias as it is
        string name = Value("hostname") ?? options.HostName;
        string port = Value("port") ?? WithDefault(options.Port);
        return port == "22" ? name : "[" + name + "]:" + port;
    }

    private static string WithDefault(int? port) =>
        (port ?? 22).ToString(System.Globalization.CultureInfo.InvariantCulture);
}
