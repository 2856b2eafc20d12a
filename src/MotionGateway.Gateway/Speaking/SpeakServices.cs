using Microsoft.Extensions.Options;
using MotionGateway.Protocol;
using MotionGateway.Sessions;

namespace MotionGateway.Gateway;

/// <summary>What each <c>Speak</c> needs.</summary>
internal sealed class SpeakServices(
    SessionHost host, SessionAccess access, CallerQuotas quotas, ViewerTokenSigner tokens, IOptions<GatewayOptions> options,
    TimeProvider timeProvider)
{
    public SessionHost Host => host;

    public SessionAccess Access => access;

    public CallerQuotas Quotas => quotas;

    public ViewerTokenSigner Tokens => tokens;

    public GatewayOptions Options { get; } = options.Value;

    public TimeProvider TimeProvider => timeProvider;
}
