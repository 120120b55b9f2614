using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Esx;
using ZfsEsx.Parameters;
using ZfsEsx.Zfs;

namespace ZfsEsx;

/// <summary>A cmdlet over shares that may be told the hosts that mount them.</summary>
public abstract class NfsShareCommand : VimCommand
{
    [Parameter]
    [VimTarget("HostSystem")]
    [ArgumentCompleter(typeof(VMHostCompleter))]
    public VimTarget[] VMHost { get; set; } = [];

    /// <summary>
    /// The hosts with their vmkernel addresses, in the order given; null when one of them cannot be read, which has
    /// been
    /// said: who is left out would lose the share.
    /// </summary>
    private protected IReadOnlyList<MountingHost>? MountingHosts()
    {
        List<MountingHost> hosts = [];
        if (VMHost.Length == 0)
        {
            return hosts;
        }

        IReadOnlyList<VimGroup> groups = Locate(VMHost);
        bool all = groups.Sum(g => g.Found.Count) == VMHost.Length;
        foreach ((VimGroup group, Task<IReadOnlyList<(string Host, IReadOnlyList<string> Addresses)>> answer)
            in RunEach(groups, (g, _, ct) => VmkernelAddresses.GetAsync(g.Client, g.References, ct)))
        {
            if (answer.IsFaulted)
            {
                WriteError(answer.Exception!.ToErrorRecord(group.Client.Name));
                all = false;
            }
            else
            {
                hosts.AddRange(answer.Result.Select(h => new MountingHost(h.Host, h.Addresses)));
            }
        }

        return all ? hosts : null;
    }
}
