namespace ZfsEsx.Lab;

/// <summary>What an admin types to look at a lab from a PowerShell session of his own.</summary>
internal static class SessionLines
{
    public static IEnumerable<string> Of(Lab lab) =>
    [
        "Import-Module ./out/ZfsEsx   # after: dotnet build ZfsEsx.sln -c Release",
        Server(lab),
        .. lab.Nodes.Where(n => lab.IsRunning(n.VmName)).Select(n => Host(lab, n)),
    ];

    public static string Server(Lab lab) =>
        $"Connect-ZfsEsxServer {lab.Vim.Authority} -Credential {lab.VimUser} -Thumbprint {lab.VimThumbprint}"
        + $"   # password: {lab.VimPassword}";

    public static string Host(Lab lab, LabNode node) =>
        $"${node.VmName} = Connect-ZfsHost 127.0.0.1 -Port {node.SshPort} -Name {node.VmName} -UserName root "
        + $"-KeyFile {lab.SshKeyPath} -HostKey '{node.HostKeyFingerprint}'";
}
