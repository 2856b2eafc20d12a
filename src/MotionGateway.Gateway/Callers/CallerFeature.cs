using Grpc.Core;
using MotionGateway.Sessions;

namespace MotionGateway.Gateway;

/// <summary>Who makes a call, for the services: it is known before they begin.</summary>
/// <param name="Caller">Who.</param>
internal sealed record CallerFeature(Caller Caller)
{
    /// <summary>Who makes this call; anyone, where callers are not told apart.</summary>
    public static Caller Of(ServerCallContext context) =>
        context.GetHttpContext().Features.Get<CallerFeature>()?.Caller ?? Caller.Anyone;
}
