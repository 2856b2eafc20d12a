using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using MotionGateway.LocalMotion.Cassettes;
using MotionGateway.LocalMotion.Faults;
using MotionGateway.LocalMotion.Tokens;

namespace MotionGateway.LocalMotion.Ingress;

/// <summary>Admits WebSocket connections: token, app, avatar, in the order in which the real service looks at them.</summary>
internal sealed class IngressEndpoint(
    IngressContext ingress, SessionTokenStore tokens, FaultBoard faults, ConnectionRegistry connections, ReplayEndpoint? replay)
{
    public const string Path = "/v2/driveningress/websocket";

    private const string MissingPrefix = "missing-";

    // Connections beyond MaxConnections that are let in to be told so; what goes beyond these too is refused.
    private const int ToldOfTheLimit = 64;

    private long _upgrades;

    public async Task HandleAsync(HttpContext context, CancellationToken stopping)
    {
        string avatarId = context.Request.Query["id"].ToString();
        if (await RefuseAsync(context, avatarId))
        {
            Refused(context);
            return;
        }

        try
        {
            if (Interlocked.Increment(ref _upgrades) > ingress.Options.MaxConnections + ToldOfTheLimit)
            {
                await Refusals.WriteMessageAsync(context, StatusCodes.Status503ServiceUnavailable, Refusals.FarTooManyConnections);
                Refused(context);
                return;
            }

            await AdmitAsync(context, avatarId, stopping);
        }
        finally
        {
            Interlocked.Decrement(ref _upgrades);
        }
    }

    private async Task AdmitAsync(HttpContext context, string avatarId, CancellationToken stopping)
    {
        Fault? fault = faults.ChooseForAvatar(avatarId);
        if (fault?.Plan.AtHttp is { } strike && await strike(new HttpExchange(context, tokens, ingress.Options, stopping)))
        {
            Refused(context);
            return;
        }

        if (replay is not null && ingress.Counters.ConnectionsOpen < ingress.Options.MaxConnections)
        {
            await replay.HandleAsync(context, avatarId, stopping);
            return;
        }

        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
        long open = ingress.Counters.ConnectionOpened();
        using var connection = new IngressConnection(socket, avatarId, fault, ingress, UpgradedStream.Of(context), context.RequestAborted);
        connections.Add(connection);
        try
        {
            await connection.RunAsync(RefusalAt(open), stopping);
        }
        finally
        {
            connections.Remove(connection);
            ingress.Counters.ConnectionClosed();
            if (socket.State == WebSocketState.Aborted)
            {
                context.Abort();
            }
        }
    }

    /// <summary>What a client is told that was let in only to be told so.</summary>
    private Ending? RefusalAt(long open) =>
        open > ingress.Options.MaxConnections || replay is not null ? Ending.With(Refusals.ConcurrencyLimit, Refusals.ConcurrencyLimit, Refusals.TooManyConnections)
        : !ingress.Credits.AllowOpening ? Ending.With(Refusals.CreditsExhausted, Refusals.CreditsExhausted, Refusals.NoCredits)
        : null;

    /// <summary>Answers a request that may not connect; false if it may.</summary>
    private async Task<bool> RefuseAsync(HttpContext context, string avatarId)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            await Refusals.WriteMessageAsync(context, StatusCodes.Status426UpgradeRequired, "WebSocket upgrade expected");
            return true;
        }

        switch (tokens.Check(Credential(context, "X-Session-Key", "sessionKey")))
        {
            case TokenState.Unknown:
                await Refusals.WriteMessageAsync(context, StatusCodes.Status400BadRequest, Refusals.InvalidToken);
                return true;
            case TokenState.Expired:
                await Refusals.WriteMessageAsync(context, StatusCodes.Status401Unauthorized, Refusals.ExpiredToken);
                return true;
        }

        if (!string.Equals(Credential(context, "X-App-ID", "appId"), ingress.Options.AppId, StringComparison.Ordinal))
        {
            await Refusals.WriteMessageAsync(context, StatusCodes.Status404NotFound, Refusals.UnknownApp);
            return true;
        }

        if (!IsKnownAvatar(avatarId))
        {
            if (avatarId.StartsWith(FaultCatalog.Prefix, StringComparison.Ordinal))
            {
                IngressLog.NoSuchFault(ingress.Logger, FaultChoice.Explain(avatarId));
            }

            await Refusals.WriteMessageAsync(context, StatusCodes.Status404NotFound, Refusals.UnknownAvatar(avatarId));
            return true;
        }

        return false;
    }

    private static bool IsKnownAvatar(string avatarId) =>
        avatarId.Length > 0
        && !avatarId.StartsWith(MissingPrefix, StringComparison.Ordinal)
        && (!avatarId.StartsWith(FaultCatalog.Prefix, StringComparison.Ordinal) || FaultChoice.IsAvatar(avatarId));

    private static string Credential(HttpContext context, string header, string query) =>
        context.Request.Headers.TryGetValue(header, out var value) ? value.ToString() : context.Request.Query[query].ToString();

    private void Refused(HttpContext context)
    {
        ingress.Counters.UpgradeRefused();
        IngressLog.UpgradeRefused(ingress.Logger, context.Response.StatusCode);
    }
}
