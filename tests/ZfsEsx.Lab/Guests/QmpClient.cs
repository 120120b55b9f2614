using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace ZfsEsx.Lab;

/// <summary>QEMU's machine protocol: one JSON object per line over a unix socket, events in between.</summary>
internal sealed class QmpClient : IDisposable
{
    private readonly Socket socket;
    private readonly StreamReader reader;
    private readonly NetworkStream stream;

    private QmpClient(Socket socket)
    {
        this.socket = socket;
        stream = new NetworkStream(socket, ownsSocket: false);
        reader = new StreamReader(stream, Encoding.UTF8);
    }

    /// <summary>Connects and leaves the negotiation mode.</summary>
    public static async Task<QmpClient> ConnectAsync(string path, CancellationToken ct)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        QmpClient? client = null;
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), ct);
            client = new QmpClient(socket);
            await client.ReadAsync(ct);
            await client.CommandAsync("qmp_capabilities", null, ct);
            return client;
        }
        catch
        {
            client?.Dispose();
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Runs a command; its <c>return</c> value.</summary>
    /// <exception cref="LabException">QEMU refused it.</exception>
    public async Task<JsonNode> CommandAsync(string name, JsonObject? arguments, CancellationToken ct)
    {
        await SendAsync(name, arguments, ct);
        while (true)
        {
            JsonObject answer = await ReadAsync(ct);
            if (answer["error"] is { } error)
            {
                throw new LabException($"QEMU refused {name}: {error["desc"]}");
            }

            if (answer["return"] is { } value)
            {
                return value;
            }
        }
    }

    /// <summary>Tells QEMU to end; it may not answer any more.</summary>
    public Task QuitAsync(CancellationToken ct) => SendAsync("quit", null, ct);

    /// <summary>Waits until a migration has ended well, 60 s at most.</summary>
    public async Task MigrationAsync(CancellationToken ct)
    {
        for (int i = 0; i < 3000; i++)
        {
            JsonNode state = await CommandAsync("query-migrate", null, ct);
            switch ((string?)state["status"])
            {
                case "completed":
                    return;
                case "failed":
                    throw new LabException("The saved machine could not be restored or saved: " + state.ToJsonString());
            }

            await Task.Delay(20, ct);
        }

        throw new LabException("The saved machine was not restored or saved within 60 s.");
    }

    public void Dispose()
    {
        reader.Dispose();
        stream.Dispose();
        socket.Dispose();
    }

    private async Task SendAsync(string name, JsonObject? arguments, CancellationToken ct)
    {
        var command = new JsonObject { ["execute"] = name };
        if (arguments is not null)
        {
            command["arguments"] = arguments;
        }

        await stream.WriteAsync(Encoding.UTF8.GetBytes(command.ToJsonString() + "\n"), ct);
    }

    private async Task<JsonObject> ReadAsync(CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        try
        {
            string line = await reader.ReadLineAsync(limit.Token) ?? throw new LabException("QEMU ended.");
            return JsonNode.Parse(line)!.AsObject();
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new LabException("QEMU did not answer within 30 s.");
        }
    }
}
