using MotionGateway.MotionServer;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>The reasons that stand for the Motion Server's failures.</summary>
public static class MotionServerReasons
{
    /// <summary>The reason that stands for a failure.</summary>
    /// <remarks>
    /// The stable codes tell what a status means for a connection. Where no token was given at all, 401 and 403 say that
    /// the API key is not valid, whatever the code.
    /// </remarks>
    public static ErrorReason ToReason(this MotionServerException failure) =>
        failure is { Phase: MotionServerPhase.SessionToken, HttpStatus: 401 or 403 }
            ? ErrorReason.MotionServerSessionTokenInvalid
            : failure.Code.ToReason();

    /// <summary>The reason that stands for a code.</summary>
    public static ErrorReason ToReason(this MotionServerErrorCode code) => code switch
    {
        MotionServerErrorCode.SessionTokenExpired => ErrorReason.MotionServerSessionTokenExpired,
        MotionServerErrorCode.SessionTokenInvalid => ErrorReason.MotionServerSessionTokenInvalid,
        MotionServerErrorCode.AppIdUnrecognized => ErrorReason.MotionServerAppIdUnrecognized,
        MotionServerErrorCode.AppIdMismatch => ErrorReason.MotionServerAppIdMismatch,
        MotionServerErrorCode.AvatarNotFound => ErrorReason.MotionServerAvatarNotFound,
        MotionServerErrorCode.BillingRequired => ErrorReason.MotionServerBillingRequired,
        MotionServerErrorCode.CreditsExhausted => ErrorReason.MotionServerCreditsExhausted,
        MotionServerErrorCode.SessionDurationExceeded => ErrorReason.MotionServerSessionDurationExceeded,
        MotionServerErrorCode.ConcurrencyLimit => ErrorReason.MotionServerConcurrencyLimit,
        MotionServerErrorCode.UnsupportedSampleRate => ErrorReason.MotionServerUnsupportedSampleRate,
        MotionServerErrorCode.InvalidEgressConfig => ErrorReason.MotionServerInvalidEgressConfig,
        MotionServerErrorCode.EgressUnavailable => ErrorReason.MotionServerEgressUnavailable,
        MotionServerErrorCode.IdleTimeout => ErrorReason.MotionServerIdleTimeout,
        MotionServerErrorCode.UpstreamError => ErrorReason.MotionServerUpstreamError,
        MotionServerErrorCode.InvalidRequest => ErrorReason.MotionServerInvalidRequest,
        MotionServerErrorCode.ConnectionFailed => ErrorReason.MotionServerConnectionFailed,
        MotionServerErrorCode.ConnectionClosed or MotionServerErrorCode.ReaderTooSlow => ErrorReason.MotionServerConnectionClosed,
        MotionServerErrorCode.ProtocolError => ErrorReason.MotionServerProtocolError,
        MotionServerErrorCode.ServerError => ErrorReason.MotionServerServerError,
        _ => ErrorReason.MotionServerUnknown,
    };
}
