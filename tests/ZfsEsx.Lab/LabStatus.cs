using System.Text.Json;
using System.Text.Json.Nodes;

namespace ZfsEsx.Lab;

/// <summary>What runs, for people and for programs.</summary>
internal static class LabStatus
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Prints the lab's addresses; with a file name also writes them there as JSON.</summary>
    public static void Write(Lab lab, string? jsonFile)
    {
        Console.WriteLine($"vSphere    {lab.Vim}  {lab.VimUser} / {lab.VimPassword}");
        Console.WriteLine($"           thumbprint {lab.VimThumbprint}");
        Console.WriteLine($"ssh key    {lab.SshKeyPath}");
        foreach (LabNode node in lab.Nodes)
        {
            string state = lab.IsRunning(node.VmName) ? "running" : "not running";
            Console.WriteLine(
                $"{node.HostName,-4} {node.VmName,-6}127.0.0.1:{node.SshPort}  {node.HostKeyFingerprint}  {state}");
        }

        Console.WriteLine();
        foreach (string line in SessionLines.Of(lab))
        {
            Console.WriteLine("PS> " + line);
        }

        if (jsonFile is not null)
        {
            File.WriteAllText(jsonFile, ToJson(lab).ToJsonString(Indented) + "\n");
        }
    }

    private static JsonObject ToJson(Lab lab) =>
        new()
        {
            ["name"] = lab.Name,
            ["vim"] = lab.Vim.ToString(),
            ["user"] = lab.VimUser,
            ["password"] = lab.VimPassword,
            ["thumbprint"] = lab.VimThumbprint,
            ["sshKey"] = lab.SshKeyPath,
            ["knownHosts"] = lab.KnownHostsPath,
            ["rootPassword"] = lab.RootPassword,
            ["nodes"] = new JsonArray([.. lab.Nodes.Select(node => new JsonObject
            {
                ["number"] = node.Number,
                ["host"] = node.HostName,
                ["vm"] = node.VmName,
                ["sshPort"] = node.SshPort,
                ["hostKey"] = node.HostKeyFingerprint,
                ["storageAddress"] = node.StorageAddress,
                ["running"] = lab.IsRunning(node.VmName),
            })]),
        };
}
