using System.Diagnostics;
using System.Text;

namespace ZfsEsx.Shell;

/// <summary>One ssh process with the bootstrap script at its other end, one command at a time.</summary>
internal sealed partial class SshConnection : IDisposable
{
    private readonly SshOptions _options;
    private readonly Process _process;
    private readonly Stream _input;
    private readonly FrameParser _output = new();
    private readonly FrameParser _error = new();
    private readonly TaskCompletionSource<bool> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _dead;
    private volatile bool _closed;

    private SshConnection(SshOptions options, Process process)
    {
        _options = options;
        _process = process;
        _input = process.StandardInput.BaseStream;
        Task output = PumpAsync(process.StandardOutput.BaseStream, _output);
        Task error = PumpAsync(process.StandardError.BaseStream, _error);
        _ = EndAsync(output, error);
    }

    /// <summary>False once the connection has ended or was given up.</summary>
    public bool Alive => !_dead && !_ended.Task.IsCompleted;

    /// <summary>The local ssh process.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Starts ssh and waits until the other end answers.</summary>
    public static async Task<SshConnection> OpenAsync(SshOptions options, CancellationToken ct)
    {
        SshArguments.Check(options);
        if (options.IdentityFile is not null && !File.Exists(options.IdentityFile))
        {
            throw new ZfsEsxException(
                "IdentityFileNotFound", FailureKind.NotFound, options.DisplayName,
                "There is no private key file " + options.IdentityFile + ".",
                    "Give the key's full path with -KeyFile.");
        }

        string? pinned = null;
        AskPass? askPass = null;
        SshConnection? connection = null;
        try
        {
            if (options.HostKey is not null)
            {
                string line = await HostKeyPin.LineAsync(options, ct).ConfigureAwait(false);
                pinned = await PrivateDirectory.CreateAsync("pin", ct).ConfigureAwait(false);
                File.WriteAllText(Path.Combine(pinned, "known_hosts"), line + "\n");
            }

            ProcessStartInfo info = LocalProcess.Info(
                options.Executable,
                SshArguments.Build(
                    options, pinned is null ? null : Path.Combine(pinned, "known_hosts"), HostKeyPin.Alias));
            if (options.Password is not null)
            {
                askPass = await AskPass.CreateAsync(options, ct).ConfigureAwait(false);
                askPass.Apply(info.Environment!);
            }

            connection = new SshConnection(options, LocalProcess.Start(info));
            await connection.GreetAsync(ct).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            connection?.Kill();
            connection?.Dispose();
            throw;
        }
        finally
        {
            askPass?.Dispose();
            if (pinned is not null)
            {
                PrivateDirectory.Delete(pinned);
            }
        }
    }

    /// <summary>Runs one command. Not for two at the same time.</summary>
    public async Task<CommandResult> RunAsync(RemoteCommand command, CancellationToken ct)
    {
        (string, string) mark = FrameText.NewMark();
        Task<CommandResult> answer = ExpectAsync(mark, command.OnLine);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(command.Timeout);
        Task stop = UntilCancelledAsync(limit.Token);
        Task sent = SendAsync(FrameText.Run(mark, command));
        if (await Task.WhenAny(answer, stop).ConfigureAwait(false) == answer)
        {
            limit.Cancel();
            CommandResult result = await LostOr(answer, command).ConfigureAwait(false);
            await sent.ConfigureAwait(false);
            if (_closed)
            {
                throw Lost(command, null);
            }

            _ = SendAsync("z_d");
            return result;
        }

        bool stopped = await StopAsync(answer).ConfigureAwait(false);
        ct.ThrowIfCancellationRequested();
        throw new ZfsEsxException(
            "CommandTimeout", FailureKind.Timeout, _options.DisplayName,
            command.Words[0] + " on " + _options.DisplayName + " did not end within "
                + command.Timeout.TotalSeconds.ToString("0.#", System.Globalization.CultureInfo.InvariantCulture)
            + " s" + (stopped ? " and was stopped." : "; it could not be stopped and may still run."),
            "Look at the state of the system before trying again.");
    }

    /// <summary>Ends ssh at once; the other end stops what still runs.</summary>
    public void Kill()
    {
        _dead = true;
        LocalProcess.Kill(_process);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _dead = true;
        _closed = true;
        try
        {
            _input.Dispose(); // the other end reads the end of its input and goes
            if (!_process.WaitForExit(2000))
            {
                LocalProcess.Kill(_process);
            }
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            LocalProcess.Kill(_process);
        }

        _process.Dispose();
    }

    private static async Task UntilCancelledAsync(CancellationToken ct)
    {
        TaskCompletionSource<bool> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using (ct.Register(() => done.TrySetResult(true)))
        {
            await done.Task.ConfigureAwait(false);
        }
    }

    // A program that leads to the machine (ProxyCommand) may outlive ssh and hold its standard error open.
    private async Task EndAsync(Task output, Task error)
    {
        await output.ConfigureAwait(false);
        await Task.WhenAny(error, Task.Delay(1000)).ConfigureAwait(false);
        _error.Fail(new IOException("The stream ended."));
        _ended.TrySetResult(true);
    }

    private async Task GreetAsync(CancellationToken ct)
    {
        (string, string) mark = FrameText.NewMark();
        Task<CommandResult> answer = ExpectAsync(mark, null);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        // ssh applies ConnectTimeout to the connection; logging in and starting a shell get the same again.
        limit.CancelAfter(_options.ConnectTimeout + _options.ConnectTimeout);
        Task stop = UntilCancelledAsync(limit.Token);
        Task sent = SendAsync(FrameText.Bootstrap + "\n" + FrameText.Probe(mark));
        Task first = await Task.WhenAny(answer, stop).ConfigureAwait(false);
        ct.ThrowIfCancellationRequested();
        if (first == answer && answer.Status == TaskStatus.RanToCompletion)
        {
            limit.Cancel();
            await sent.ConfigureAwait(false);
            return;
        }

        // Read before ssh is ended: afterwards there would be other last words.
        string noise = _output.Noise;
        Kill();
        await Task.WhenAny(_ended.Task, Task.Delay(1000, CancellationToken.None)).ConfigureAwait(false);
        string words = _error.Noise;
        _ = answer.Exception;
        limit.Cancel();
        throw first == answer
            ? (noise.Trim().Length > 0 && words.Trim().Length == 0
                ? SshFailure.NoShell(_options, noise)
                : SshFailure.Explain(_options, words))
            : (noise.Trim().Length > 0
                ? SshFailure.NoShell(_options, noise)
                : SshFailure.Unreachable(_options, words.Trim().Length > 0 ? words.Trim() : "no answer in time"));
    }

    private async Task<CommandResult> ExpectAsync((string, string) mark, Action<string>? line)
    {
        byte[] bytes = FrameText.MarkBytes(mark);
        Task<(int Code, string Text)> output = _output.ExpectAsync(bytes, line);
        Task<(int Code, string Text)> error = _error.ExpectAsync(bytes, null);
        await Task.WhenAll(output, error).ConfigureAwait(false);
        return new CommandResult(output.Result.Code, output.Result.Text, error.Result.Text);
    }

    private async Task<CommandResult> LostOr(Task<CommandResult> answer, RemoteCommand command)
    {
        try
        {
            return await answer.ConfigureAwait(false);
        }
        catch (IOException e)
        {
            _dead = true;
            throw Lost(command, e);
        }
    }

    private ZfsEsxException Lost(RemoteCommand command, Exception? cause)
    {
        string words = _error.Noise.Trim();
        return new ZfsEsxException(
            "ConnectionLost", FailureKind.Connection, _options.DisplayName,
            "The connection to " + _options.DisplayName + " ended while " + command.Words[0]
            + " ran; whether it did its work is unknown"
                + (words.Length == 0 ? "." : " (" + words.Split('\n').Last().Trim() + ")."),
            "Check that the storage VM is up, then run the same again: it looks at the present state first.", cause);
    }

    private async Task<bool> StopAsync(Task<CommandResult> answer)
    {
        foreach ((string signal, int wait) in new[] { ("z_k TERM", 700), ("z_k KILL", 1000) })
        {
            _ = SendAsync(signal);
            if (await Task.WhenAny(answer, Task.Delay(wait, CancellationToken.None)).ConfigureAwait(false) == answer)
            {
                _ = answer.Exception;
                _ = SendAsync("z_d");
                return answer.Status == TaskStatus.RanToCompletion;
            }
        }

        Kill();
        return false;
    }

    private Task SendAsync(string line) => SendAsync(Encoding.UTF8.GetBytes(line + "\n"));

    private async Task SendAsync(byte[] bytes)
    {
        try
        {
            await _input.WriteAsync(bytes, 0, bytes.Length).ConfigureAwait(false);
            await _input.FlushAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The pumps notice the end as well and know more about it.
        }
    }

    private async Task PumpAsync(Stream stream, FrameParser parser)
    {
        byte[] buffer = new byte[64 * 1024];
        try
        {
            int count;
            while ((count = await stream.ReadAsync(buffer, 0, buffer.Length).ConfigureAwait(false)) > 0)
            {
                parser.Feed(buffer, count);
            }
        }
        catch (Exception e)
        {
            // The end like any other, or a listener of lines that threw: either way nobody reads this stream any more.
            Kill();
            parser.Fail(new IOException("The stream ended: " + e.Message, e));
        }

        _dead = true;
        parser.Fail(new IOException("The stream ended."));
    }
}
