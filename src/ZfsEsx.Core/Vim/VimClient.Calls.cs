namespace ZfsEsx.Vim;

public sealed partial class VimClient
{
    // A read that fails on the way is made again after these pauses: a lost connection or a service that restarts is no
    // news for somebody who only wants to look.
    private static readonly TimeSpan[] s_readAgain =
        [TimeSpan.FromSeconds(0.2), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3)];

    /// <summary>Calls a method. Faults come as <see cref="ZfsEsxException"/> about <paramref name="target"/>.</summary>
    /// <param name="self">The object.</param>
    /// <param name="method">Its method.</param>
    /// <param name="target">The host or VM that a failure is about; the server where null.</param>
    /// <param name="doing">What is being done, for the message.</param>
    /// <param name="ct">Ends the wait, not what the server does.</param>
    /// <param name="args">In the order of the method's definition.</param>
    internal async Task<VimValue> CallAsync(
        MoRef self, string method, string? target, string? doing, CancellationToken ct, params Arg?[] args)
    {
        bool reading = IsRead(method);
        for (int again = 0; ; again++)
        {
            try
            {
                return await SendAsync(self, method, Server.CallTimeout, target, doing, args, ct).ConfigureAwait(false);
            }
            catch (ZfsEsxException e) when (e.Kind == FailureKind.Connection && reading && again < s_readAgain.Length)
            {
                await Task.Delay(s_readAgain[again], ct).ConfigureAwait(false);
            }
            catch (ZfsEsxException e) when (!reading && TransportFailures.IsUnanswered(e))
            {
                throw TransportFailures.Unknown(e, target ?? Name, doing ?? method, Name);
            }
        }
    }

    internal Task<VimValue> CallAsync(MoRef self, string method, CancellationToken ct, params Arg?[] args) =>
        CallAsync(self, method, null, null, ct, args);

    private static bool IsRead(string method) =>
        method.StartsWith("Retrieve", StringComparison.Ordinal) || method.StartsWith("Query", StringComparison.Ordinal)
        || method is "CreateContainerView";

    private async Task<VimValue> SendAsync(
        MoRef self, string method, TimeSpan timeout, string? target, string? doing, Arg?[] args,
        CancellationToken ct)
    {
        int epoch = _session.Epoch;
        try
        {
            try
            {
                return await _transport.CallAsync(self, method, timeout, ct, args).ConfigureAwait(false);
            }
            catch (VimFaultException fault) when (fault.FaultType == "NotAuthenticated" && _session.IsOwn)
            {
                // The server has not looked at the call, so it can be made again, once.
                await _session.RenewAsync(epoch, _transport, Content, ct).ConfigureAwait(false);
                return await _transport.CallAsync(self, method, timeout, ct, args).ConfigureAwait(false);
            }
        }
        catch (VimFaultException fault) when (fault.FaultType == "NotAuthenticated" && !_session.IsOwn)
        {
            throw new ZfsEsxException(
                fault.FaultType, FailureKind.PermissionDenied, target ?? Name,
                (target is null ? string.Empty : target + ": ") + "The session of PowerCLI on " + Name + " has ended.",
                "Connect again with Connect-VIServer and run the same command: it goes on where it was.", fault);
        }
        catch (VimFaultException fault)
        {
            throw VimFaults.ToException(fault, target ?? Name, doing ?? method);
        }
    }
}
