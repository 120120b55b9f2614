namespace ZfsEsx.Shell;

internal sealed partial class SshConnection
{
    /// <summary>
    /// Puts a shell of root's in place of the user's. The password is sent only when it is asked for.
    /// </summary>
    public async Task BecomeRootAsync(RootAccess access, CancellationToken ct)
    {
        (string First, string) mark = FrameText.NewMark();
        string prompt = "zfsesx-" + mark.First + ":";
        byte[] password =
            access.Password is null ? [] : PasswordLine.Of(access.Password, _options.DisplayName);
        Task<CommandResult> answer = ExpectAsync(mark, null);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(_options.ConnectTimeout + _options.ConnectTimeout);
        try
        {
            await SendAsync(FrameText.Become(mark, access.Words(prompt))).ConfigureAwait(false);
            int told = 0;
            while (!answer.IsCompleted)
            {
                int asked = SudoFailure.Count(_error.Noise, prompt);
                if (limit.IsCancellationRequested || asked > 1)
                {
                    break;
                }

                if (asked > told)
                {
                    told = asked;
                    await SendAsync(password).ConfigureAwait(false);
                }

                await Task.WhenAny(answer, Task.Delay(50, limit.Token)).ConfigureAwait(false);
            }
        }
        finally
        {
            Array.Clear(password, 0, password.Length);
        }

        if (answer.Status == TaskStatus.RanToCompletion)
        {
            await GreetAsync(ct).ConfigureAwait(false);
            return;
        }

        // What is left of it is the user's shell or a sudo that waits: neither is of use.
        string words = _error.Noise;
        Kill();
        _ = answer.Exception;
        ct.ThrowIfCancellationRequested();
        throw SudoFailure.Explain(_options, access, words, prompt);
    }
}
