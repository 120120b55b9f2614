namespace ZfsEsx.Vim;

public sealed partial class VimClient
{
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
        TimeSpan timeout = Server.CallTimeout;
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
        catch (VimFaultException fault)
        {
            throw VimFaults.ToException(fault, target ?? Name, doing ?? method);
        }
    }

    internal Task<VimValue> CallAsync(MoRef self, string method, CancellationToken ct, params Arg?[] args) =>
        CallAsync(self, method, null, null, ct, args);
}
