using Microsoft.Net.Http.Headers;

namespace MotionGateway.EdgeRelay;

/// <summary>
/// Lets pages of the allowed origins read what the relay answers to viewers. A viewer shows a token, and never a cookie: so that
/// any origin may be allowed, and credentials are not.
/// </summary>
internal static class FeedCors
{
    public const string Policy = "feeds";

    private static readonly TimeSpan PreflightMaxAge = TimeSpan.FromMinutes(10);

    public static void Add(IServiceCollection services, EdgeRelayOptions options) => services.AddCors(cors => cors.AddPolicy(Policy, policy =>
    {
        policy
            .WithMethods(HttpMethods.Get, HttpMethods.Post)
            .WithHeaders(HeaderNames.Authorization, HeaderNames.ContentType, "Last-Event-ID")
            .WithExposedHeaders(HeaderNames.RetryAfter)
            .SetPreflightMaxAge(PreflightMaxAge);
        if (options.AllowedOrigins.Count > 0)
        {
            policy.WithOrigins([.. options.AllowedOrigins]);
        }
        else
        {
            policy.AllowAnyOrigin();
        }
    }));
}
