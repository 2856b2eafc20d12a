using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using MotionGateway.LocalMotion.Ingress;

namespace MotionGateway.LocalMotion.Cassettes;

/// <summary>Answers token requests and upgrades as the cassette has them, in its order; after the last comes the first again.</summary>
internal sealed class ReplayEndpoint(Cassette cassette, LocalMotionServerOptions options, LocalMotionServerCounters counters, ConnectionRegistry connections, ILogger logger)
{
    private int _tokens = -1;
    private int _connections = -1;

    /// <summary>Answers a token request that was refused in the recording; false if a token was given.</summary>
    public async Task<bool> RefuseTokenAsync(HttpContext context)
    {
        if (cassette.Tokens.Count == 0 || cassette.Tokens[Next(ref _tokens, cassette.Tokens.Count)] is not { } refusal)
        {
            return false;
        }

        await AnswerAsync(context, refusal);
        return true;
    }

    /// <summary>Serves an upgrade that may connect.</summary>
    public async Task HandleAsync(HttpContext context, string avatarId, CancellationToken stopping)
    {
        if (cassette.Connections.Count == 0)
        {
            counters.UpgradeRefused();
            await Refusals.WriteMessageAsync(context, StatusCodes.Status503ServiceUnavailable, "The cassette holds no connection");
            return;
        }

        RecordedConnection recorded = cassette.Connections[Next(ref _connections, cassette.Connections.Count)];
        if (recorded.Refusal is { } refusal)
        {
            counters.UpgradeRefused();
            await AnswerAsync(context, refusal);
            return;
        }

        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
        counters.ConnectionOpened();
        using var connection = new ReplayConnection(socket, avatarId, recorded, options, counters, logger);
        connections.Add(connection);
        try
        {
            await connection.RunAsync(stopping);
        }
        finally
        {
            connections.Remove(connection);
            counters.ConnectionClosed();
            if (socket.State == WebSocketState.Aborted)
            {
                context.Abort();
            }
        }
    }

    private static int Next(ref int last, int count) => (int)((uint)Interlocked.Increment(ref last) % (uint)count);

    private static async Task AnswerAsync(HttpContext context, RecordedRefusal refusal)
    {
        context.Response.StatusCode = refusal.Status;
        context.Response.ContentType = refusal.ContentType;
        if (refusal.RetryAfter is not null)
        {
            context.Response.Headers.RetryAfter = refusal.RetryAfter;
        }

        if (refusal.Location is not null)
        {
            context.Response.Headers.Location = refusal.Location;
        }

        if (refusal.Body.Length > 0)
        {
            await context.Response.Body.WriteAsync(refusal.Body, context.RequestAborted);
        }
    }
}
