using Grpc.Core;
using MotionGateway.Feeds;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>Failures as the gateway tells them, as the relay handles them, and as viewers are told them.</summary>
internal static class GatewayFailures
{
    public const string UnavailableMessage = "The gateway cannot be reached at present. Try again.";

    public static GatewayException Unavailable() => new(ErrorReason.GatewayUnavailable, UnavailableMessage);

    public static GatewayException Read(RpcException exception)
    {
        if (RpcErrors.TryRead(exception, out var failure))
        {
            return failure.ToException();
        }

        // Without the details of this project it is the network, a proxy, or a gateway that refuses the relay itself.
        return exception.StatusCode is StatusCode.Unimplemented or StatusCode.Unauthenticated or StatusCode.PermissionDenied
            ? new GatewayException(ErrorReason.NotPermitted, "The gateway does not serve this relay.")
            : Unavailable();
    }

    /// <summary>
    /// Whether resuming cannot help. A request that the gateway did not accept is none of these: it was one viewer's event,
    /// for which the others must not pay.
    /// </summary>
    public static bool EndsFeed(ErrorReason reason) => reason is
        ErrorReason.EpochChanged or ErrorReason.SequenceExpired or ErrorReason.PositionAhead
        or ErrorReason.SessionNotFound or ErrorReason.SessionClosed or ErrorReason.SpeakerLost
        or ErrorReason.Superseded or ErrorReason.NotPermitted;

    /// <summary>What viewers learn. A failure between relay and gateway is not theirs, and says no more than that it is one.</summary>
    public static GatewayException ForViewers(GatewayException failure) => failure.Reason switch
    {
        ErrorReason.EpochChanged or ErrorReason.SequenceExpired or ErrorReason.PositionAhead
            or ErrorReason.SessionNotFound or ErrorReason.SessionClosed or ErrorReason.SpeakerLost
            or ErrorReason.ReaderLimit or ErrorReason.AppLimit or ErrorReason.ReaderTooSlow or ErrorReason.ShuttingDown
            or ErrorReason.GatewayUnavailable => failure,
        _ when ErrorTable.Get(failure.Reason).IsRetryable => Unavailable(),
        ErrorReason.Superseded => Unavailable(),
        _ => new GatewayException(ErrorReason.Internal, "The relay cannot follow the session. Its operator's log says why."),
    };
}
