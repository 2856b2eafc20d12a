using MotionGateway.MotionServer;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>The reasons that stand for the Motion Server's failures.</summary>
public static class MotionServerReasons
{
    /// <summary>The reason that stands for a failure.</summary>
    public static ErrorReason ToReason(this MotionServerException failure) => failure.Code.ToReason();

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
        MotionServerErrorCode.MotionTimeout => ErrorReason.MotionTimeout,
        MotionServerErrorCode.InvalidRequest => ErrorReason.MotionServerInvalidRequest,
        MotionServerErrorCode.ConnectionFailed => ErrorReason.MotionServerConnectionFailed,
        MotionServerErrorCode.ConnectionClosed or MotionServerErrorCode.ReaderTooSlow => ErrorReason.MotionServerConnectionClosed,
        MotionServerErrorCode.ProtocolError => ErrorReason.MotionServerProtocolError,
        MotionServerErrorCode.ServerError => ErrorReason.MotionServerServerError,
        _ => ErrorReason.MotionServerUnknown,
    };
}
