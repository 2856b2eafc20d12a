using Microsoft.Extensions.Options;
using MotionGateway.Protocol;
using MotionGateway.Sessions;

namespace MotionGateway.Gateway;

/// <summary>What each <c>Subscribe</c> needs.</summary>
internal sealed class FeedServices(
    SessionAccess access, ViewerTokenVerifier tokens, ReaderDirectory readers, FeedMetrics metrics, IOptions<GatewayOptions> options,
    TimeProvider timeProvider)
{
    public SessionAccess Access => access;

    public ViewerTokenVerifier Tokens => tokens;

    public ReaderDirectory Readers => readers;

    public FeedMetrics Metrics => metrics;

    public GatewayOptions Options { get; } = options.Value;

    public TimeProvider TimeProvider => timeProvider;
}
