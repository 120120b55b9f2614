using System.Management.Automation;

namespace ZfsEsx;

/// <summary>Remove-Module ends our own sessions and the ssh processes. PowerCLI's sessions are left alone.</summary>
public sealed class ModuleCleanup : IModuleAssemblyCleanup
{
    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo) => SessionTable.Current.Close();
}
