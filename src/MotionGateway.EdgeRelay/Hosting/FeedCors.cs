using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace MotionGateway.EdgeRelay;

/// <summary>
/// Lets pages of the origins that are allowed at present read what the relay answers to viewers. A viewer shows a token, and never a
/// cookie: so that any origin may be allowed, and credentials are not.
/// </summary>
internal sealed class FeedCors(IOptionsMonitor<EdgeRelayOptions> options) : ICorsPolicyProvider
{
    public const string Policy = "feeds";

    private static readonly TimeSpan PreflightMaxAge = TimeSpan.FromMinutes(10);

    public static void Add(IServiceCollection services)
    {
        services.AddCors().AddSingleton<ICorsPolicyProvider, FeedCors>();

        // Else what Use leaves out would be taken for something forgotten.
        services.Configure<RouteOptions>(routes => routes.SuppressCheckForUnhandledSecurityMetadata = true);
    }

    /// <summary>Answers pages of other origins, but for their WebSockets, which the browser asks nobody about: admission looks at their origin.</summary>
    /// <remarks>What it keeps for a request would be kept for as long as its viewer stays.</remarks>
    public static void Use(IApplicationBuilder app) =>
        app.UseWhen(context => !context.WebSockets.IsWebSocketRequest, others => others.UseCors());

    public Task<CorsPolicy?> GetPolicyAsync(HttpContext context, string? policyName) =>
        Task.FromResult(policyName == Policy ? Create(options.CurrentValue.AllowedOrigins) : null);

    private static CorsPolicy Create(IList<string> origins)
    {
        var policy = new CorsPolicyBuilder()
            .WithMethods(HttpMethods.Get, HttpMethods.Post)
            .WithHeaders(HeaderNames.Authorization, HeaderNames.ContentType, "Last-Event-ID")
            .WithExposedHeaders(HeaderNames.RetryAfter)
            .SetPreflightMaxAge(PreflightMaxAge);
        return (origins.Count > 0 ? policy.WithOrigins([.. origins]) : policy.AllowAnyOrigin()).Build();
    }
}
