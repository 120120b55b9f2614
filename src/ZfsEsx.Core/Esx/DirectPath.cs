using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>PCI devices of hosts and their passthrough to VMs.</summary>
public static class DirectPath
{
    /// <summary>The devices of all hosts, read in one call.</summary>
    public static Task<IReadOnlyList<VmDirectPathDevice>> GetAsync(VimClient client, IReadOnlyList<MoRef> hosts, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>Marks devices for passthrough, and reboots hosts that need it where that is allowed.</summary>
    public static Task<Plan<IReadOnlyList<VmDirectPathDevice>>> PlanEnableAsync(
        VimClient client, IReadOnlyList<DirectPathSelection> selection, DirectPathOptions options, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>Gives devices back to their hosts.</summary>
    public static Task<Plan<IReadOnlyList<VmDirectPathDevice>>> PlanDisableAsync(
        VimClient client, IReadOnlyList<DirectPathSelection> selection, DirectPathOptions options, CancellationToken ct) =>
        throw new NotImplementedException();
}
