namespace MotionGateway.MotionServer;

/// <summary>The names of codes, phases and retry classes in logs, metrics and other programs; they do not change.</summary>
public static class MotionServerNames
{
    /// <summary>The code's name in camel case, such as <c>sessionTokenExpired</c>.</summary>
    /// <param name="code">The code.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not a code of this version.</exception>
    public static string ToStableName(this MotionServerErrorCode code) => code switch
    {
        MotionServerErrorCode.SessionTokenExpired => "sessionTokenExpired",
        MotionServerErrorCode.SessionTokenInvalid => "sessionTokenInvalid",
        MotionServerErrorCode.AppIdUnrecognized => "appIDUnrecognized",
        MotionServerErrorCode.AppIdMismatch => "appIDMismatch",
        MotionServerErrorCode.AvatarNotFound => "avatarNotFound",
        MotionServerErrorCode.BillingRequired => "billingRequired",
        MotionServerErrorCode.CreditsExhausted => "creditsExhausted",
        MotionServerErrorCode.SessionDurationExceeded => "sessionDurationExceeded",
        MotionServerErrorCode.ConcurrencyLimit => "concurrencyLimit",
        MotionServerErrorCode.UnsupportedSampleRate => "unsupportedSampleRate",
        MotionServerErrorCode.InvalidEgressConfig => "invalidEgressConfig",
        MotionServerErrorCode.EgressUnavailable => "egressUnavailable",
        MotionServerErrorCode.IdleTimeout => "idleTimeout",
        MotionServerErrorCode.UpstreamError => "upstreamError",
        MotionServerErrorCode.InvalidRequest => "invalidRequest",
        MotionServerErrorCode.ConnectionFailed => "connectionFailed",
        MotionServerErrorCode.ConnectionClosed => "connectionClosed",
        MotionServerErrorCode.ProtocolError => "protocolError",
        MotionServerErrorCode.ServerError => "serverError",
        MotionServerErrorCode.ReaderTooSlow => "readerTooSlow",
        MotionServerErrorCode.Unknown => "unknown",
        _ => throw new ArgumentOutOfRangeException(nameof(code), code, "Not an error code of the Motion Server."),
    };

    /// <summary>The phase's name in snake case, such as <c>websocket_connect</c>.</summary>
    /// <param name="phase">The phase.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not a phase of this version.</exception>
    public static string ToStableName(this MotionServerPhase phase) => phase switch
    {
        MotionServerPhase.SessionToken => "session_token",
        MotionServerPhase.WebSocketConnect => "websocket_connect",
        MotionServerPhase.WebSocketHandshake => "websocket_handshake",
        MotionServerPhase.WebSocketRuntime => "websocket_runtime",
        MotionServerPhase.WebSocketSend => "websocket_send",
        _ => throw new ArgumentOutOfRangeException(nameof(phase), phase, "Not a phase of the Motion Server."),
    };

    /// <summary>The retry class's name in snake case, such as <c>fresh_token</c>.</summary>
    /// <param name="retry">The class.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not a class of this version.</exception>
    public static string ToStableName(this MotionServerRetry retry) => retry switch
    {
        MotionServerRetry.Never => "never",
        MotionServerRetry.FreshToken => "fresh_token",
        MotionServerRetry.Immediate => "immediate",
        MotionServerRetry.Backoff => "backoff",
        MotionServerRetry.Delayed => "delayed",
        _ => throw new ArgumentOutOfRangeException(nameof(retry), retry, "Not a retry class of the Motion Server."),
    };
}
