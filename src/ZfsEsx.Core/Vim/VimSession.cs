using System.Net;

namespace ZfsEsx.Vim;

/// <summary>Who is logged in. An own session can be opened again once it has run out; a borrowed one cannot.</summary>
internal sealed class VimSession(NetworkCredential? credential) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private int _logins;

    public bool IsOwn => credential is not null;

    public string? User => credential is null
        ? null
        : credential.Domain.Length > 0 ? credential.Domain + "\\" + credential.UserName : credential.UserName;

    /// <summary>Counts logins, so that callers who failed together log in once.</summary>
    public int Epoch => Volatile.Read(ref _logins);

    public Task LoginAsync(VimTransport transport, VimValue content, CancellationToken ct) =>
        RenewAsync(Epoch, transport, content, ct);

    /// <summary>Logs in, unless somebody has done so since <paramref name="epoch"/> was read.</summary>
    public async Task RenewAsync(int epoch, VimTransport transport, VimValue content, CancellationToken ct)
    {
        await _gate.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            if (epoch != Epoch)
            {
                return;
            }

            transport.ForgetSession();
            await transport.CallAsync(
                content["sessionManager"].Ref, "Login", transport.Server.ConnectTimeout, ct,
                Arg.E("userName", User!), Arg.E("password", credential!.Password), Arg.E("locale", "en"))
                    .ConfigureAwait(false);
            Interlocked.Increment(ref _logins);
        }
        catch (VimFaultException fault)
        {
            throw VimFaults.ToException(fault, transport.Server.Name, "Log in as " + User);
        }
        finally
        {
            _gate.Release();
        }
    }

    public async Task LogoutAsync(VimTransport transport, VimValue content, CancellationToken ct)
    {
        if (!IsOwn || transport.SessionSecret is null)
        {
            return;
        }

        try
        {
            await transport.CallAsync(content["sessionManager"].Ref, "Logout", transport.Server.ConnectTimeout, ct)
                .ConfigureAwait(false);
        }
        catch (VimFaultException)
        {
            // A session that has run out needs no ending.
        }

        transport.ForgetSession();
    }

    public void Dispose() => _gate.Dispose();
}
