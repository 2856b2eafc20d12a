using Microsoft.Extensions.Options;
using MotionGateway.Sessions;

namespace MotionGateway.Gateway;

/// <summary>What each <c>Subscribe</c> needs.</summary>
internal sealed class FeedServices(
    SessionAccess access, ViewerTokenKeys keys, ReaderDirectory readers, OpenCalls calls, FeedMetrics metrics,
    IOptionsMonitor<GatewayOptions> options, TimeProvider timeProvider)
{
    public SessionAccess Access => access;

    public ViewerTokenKeys Keys => keys;

    public ReaderDirectory Readers => readers;

    public OpenCalls Calls => calls;

    public FeedMetrics Metrics => metrics;

    public IOptionsMonitor<GatewayOptions> Options => options;

    public TimeProvider TimeProvider => timeProvider;
}
