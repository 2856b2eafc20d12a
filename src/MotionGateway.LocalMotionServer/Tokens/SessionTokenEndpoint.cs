using System.Text.Json;
using Microsoft.AspNetCore.Http;
using MotionGateway.LocalMotion.Cassettes;
using MotionGateway.LocalMotion.Faults;

namespace MotionGateway.LocalMotion.Tokens;

/// <summary>Exchanges the API key for a session token, in the two dialects of the service.</summary>
internal sealed class SessionTokenEndpoint(
    LocalMotionServerOptions options, SessionTokenStore tokens, FaultBoard faults, ReplayEndpoint? replay, LocalMotionServerCounters counters)
{
    public const string Path = "/v1/console/session-tokens";
    public const string NewerPath = "/v1/auth/session-token";

    private static readonly TimeSpan LongestLife = TimeSpan.FromHours(24);

    private readonly ApiKeyCheck _key = new(options.ApiKey);

    public async Task HandleAsync(HttpContext context, bool newerDialect, CancellationToken stopping)
    {
        string key = context.Request.Headers["X-Api-Key"].ToString();
        if (faults.ChooseForKey(key)?.Plan.AtHttp is { } strike && await strike(new HttpExchange(context, tokens, options, stopping)))
        {
            return;
        }

        // A key of the fault family that is used up behaves as the real one; an unknown name is a wrong key.
        if (!_key.Fits(key) && !FaultChoice.IsKey(key))
        {
            await ApiError.WriteAsync(context, StatusCodes.Status401Unauthorized, "unauthorized", "The API key is not known.");
            return;
        }

        if (await ReadExpiryAsync(context) is not { } expiry)
        {
            await ApiError.WriteAsync(context, StatusCodes.Status400BadRequest, "invalid_request", "The body must be JSON with expireAt (or expire_at) in Unix seconds.");
            return;
        }

        DateTimeOffset now = options.TimeProvider.GetUtcNow();
        if (expiry <= now || expiry >= now + LongestLife)
        {
            await ApiError.WriteAsync(context, StatusCodes.Status400BadRequest, "invalid_expire_at", "expireAt must lie within the next 24 hours.");
            return;
        }

        if (replay is not null && await replay.RefuseTokenAsync(context))
        {
            return;
        }

        counters.TokenIssued();
        string token = tokens.Issue(expiry);
        TokenAnswer answer = newerDialect ? new TokenAnswer(null, token) : new TokenAnswer(token, null);
        await ApiError.WriteJsonAsync(context, StatusCodes.Status200OK, answer, ApiJson.Default.TokenAnswer);
    }

    private static async Task<DateTimeOffset?> ReadExpiryAsync(HttpContext context)
    {
        try
        {
            TokenRequest? request = await JsonSerializer.DeserializeAsync(context.Request.Body, ApiJson.Default.TokenRequest, context.RequestAborted);
            return request?.Expiry is { } seconds ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
        }
        catch (Exception exception) when (exception is JsonException or ArgumentOutOfRangeException or BadHttpRequestException)
        {
            return null;
        }
    }
}
