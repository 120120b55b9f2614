namespace ZfsEsx.Lab;

/// <summary>Where Debian packages come from.</summary>
internal static class Mirror
{
    /// <summary>The mirror that this machine itself uses, or what ZFSESX_LAB_MIRROR says.</summary>
    public static async Task<string> OfThisMachineAsync(CancellationToken ct)
    {
        if (Environment.GetEnvironmentVariable("ZFSESX_LAB_MIRROR") is { Length: > 0 } set)
        {
            return set;
        }

        string codename = File.ReadLines("/etc/os-release")
            .FirstOrDefault(line => line.StartsWith("VERSION_CODENAME=", StringComparison.Ordinal))
            ?.Split('=')[1].Trim('"') ?? "";
        string[] ask = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Codename: " + codename];
        string answer = await Tool.MustAsync(ask, TimeSpan.FromSeconds(60), ct);
        return answer.Split('\n', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault()
            ?? throw new LabException(
                "This machine's apt sources name no Debian mirror. Set ZFSESX_LAB_MIRROR to the address of one.");
    }
}
