using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using MotionGateway.LocalMotion.Faults;
using MotionGateway.LocalMotion.Tokens;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Ingress;

/// <summary>Admits WebSocket connections: token, app, avatar, in the order in which the real service looks at them.</summary>
internal sealed class IngressEndpoint(
    LocalMotionServerOptions options, SessionTokenStore tokens, FaultChooser faults, LocalMotionServerCounters counters, ILogger logger)
{
    public const string Path = "/v2/driveningress/websocket";

    private const string MissingPrefix = "missing-";

    public async Task HandleAsync(HttpContext context, CancellationToken stopping)
    {
        string avatarId = context.Request.Query["id"].ToString();
        if (await RefuseAsync(context, avatarId))
        {
            Refused(context);
            return;
        }

        Fault? fault = faults.Choose(avatarId);
        if (fault?.AtUpgrade is { } strike)
        {
            await strike(context);
            Refused(context);
            return;
        }

        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
        long open = counters.ConnectionOpened();
        try
        {
            ServerError? refusal = open > options.MaxConnections ? Refusals.Error(4003, "concurrency limit reached") : null;
            using var connection = new IngressConnection(socket, avatarId, fault, options, counters, logger);
            await connection.RunAsync(refusal, stopping);
        }
        finally
        {
            counters.ConnectionClosed();
            if (socket.State == WebSocketState.Aborted)
            {
                context.Abort();
            }
        }
    }

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

        if (!string.Equals(Credential(context, "X-App-ID", "appId"), options.AppId, StringComparison.Ordinal))
        {
            await Refusals.WriteTextAsync(context, StatusCodes.Status404NotFound, Refusals.UnknownApp);
            return true;
        }

        if (!IsKnownAvatar(avatarId))
        {
            await Refusals.WriteTextAsync(context, StatusCodes.Status404NotFound, Refusals.UnknownAvatar);
            return true;
        }

        return false;
    }

    private static bool IsKnownAvatar(string avatarId) =>
        avatarId.Length > 0
        && !avatarId.StartsWith(MissingPrefix, StringComparison.Ordinal)
        && (!avatarId.StartsWith(FaultCatalog.Prefix, StringComparison.Ordinal) || FaultChooser.IsFaultAvatar(avatarId));

    private static string Credential(HttpContext context, string header, string query) =>
        context.Request.Headers.TryGetValue(header, out var value) ? value.ToString() : context.Request.Query[query].ToString();

    private void Refused(HttpContext context)
    {
        counters.UpgradeRefused();
        IngressLog.UpgradeRefused(logger, context.Response.StatusCode);
    }
}
