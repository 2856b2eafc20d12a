using Microsoft.Extensions.Options;
using MotionGateway.Sessions;

namespace MotionGateway.Gateway;

/// <summary>What each <c>Speak</c> needs.</summary>
internal sealed class SpeakServices(
    SessionHost host, SessionAccess access, CallerQuotas quotas, ViewerTokenKeys keys, IOptionsMonitor<GatewayOptions> options,
    TimeProvider timeProvider)
{
    public SessionHost Host => host;

    public SessionAccess Access => access;

    public CallerQuotas Quotas => quotas;

    public ViewerTokenKeys Keys => keys;

    public IOptionsMonitor<GatewayOptions> Options => options;

    public TimeProvider TimeProvider => timeProvider;
}
