using static MotionGateway.MotionServer.ErrorSources;
using static MotionGateway.MotionServer.MotionServerErrorCode;

namespace MotionGateway.MotionServer;

/// <summary>
/// From what the server says to a stable code. The rules are data, tried in order; the first match wins.
/// Rows group the rules that belong together. Texts are the service's own.
/// </summary>
internal static class ErrorRules
{
    // An upgrade is refused before anything of a session exists, so a status says more than the texts about sessions and egress.
    private const ErrorSources NotUpgrade = TokenAnswer | ErrorSources.ServerError;

    // The service says "not at once" and no number; a connection elsewhere takes about that long to be closed and counted off.
    private static readonly TimeSpan DelayedPause = TimeSpan.FromSeconds(5);

    public static IReadOnlyList<ErrorRule> Ordered { get; } =
    [
        new(1, NotUpgrade, InvalidEgressConfig) { Codes = ["3", "400", "INVALID_ARGUMENT"], AndTexts = ["livekit", "agora", "egress"] },
        new(1, NotUpgrade, InvalidRequest) { Codes = ["3", "400", "INVALID_ARGUMENT"] },

        new(2, NotUpgrade, InvalidEgressConfig) { Codes = ["16", "UNAUTHENTICATED"] },
        new(2, NotUpgrade, EgressUnavailable) { Codes = ["14", "UNAVAILABLE"] },

        new(3, Any, CreditsExhausted) { Codes = ["4001"], Texts = ["credits exhausted"] },
        new(3, Any, SessionDurationExceeded) { Codes = ["4002"], Texts = ["session time limit reached", "maximum session duration"] },
        new(3, Any, ConcurrencyLimit) { Codes = ["4003"] },

        new(4, Any, BillingRequired) { Texts = ["session denied"], FromStatus = 402, ThroughStatus = 402 },

        new(5, Any, SessionTokenInvalid) { Texts = ["invalid session token", "empty token"] },
        new(5, Any, SessionTokenExpired) { Texts = ["token is expired", "session token expired"] },

        new(6, Any, AppIdMismatch) { Texts = ["app id mismatch"] },
        new(6, Any, AppIdUnrecognized) { Texts = ["appidunrecognized", "app id unrecognized"] },
        new(6, Any, AvatarNotFound) { Texts = ["avatar not found"] },
        new(6, Any, UnsupportedSampleRate) { Texts = ["unsupported sample rate"] },

        new(7, NotUpgrade, IdleTimeout) { Texts = ["livekit silence timeout", "no audio input for"] },

        new(8, NotUpgrade, InvalidEgressConfig)
        {
            Texts =
            [
                "livekit_egress", "agora_egress", "missing livekit credentials",
                "provide api_token or both api_key and api_secret", "unauthorized",
            ],
        },

        new(9, NotUpgrade, EgressUnavailable) { Texts = ["egress client is not configured on server", "failed to create egress connection"] },

        new(10, NotUpgrade, UpstreamError) { Texts = ["driven server returned non-200 status code", "driven server request failed"] },

        new(11, NotUpgrade, ProtocolError)
        {
            Texts =
            [
                "expected clientconfiguresession message", "clientconfiguresession message is nil",
                "unexpected message type", "failed to unmarshal initial message",
            ],
        },

        new(12, Any, SessionTokenExpired) { FromStatus = 401, ThroughStatus = 401 },
        new(12, Any, AppIdUnrecognized) { FromStatus = 404, ThroughStatus = 404 },
        new(12, RefusedUpgrade, SessionTokenInvalid) { FromStatus = 400, ThroughStatus = 400 },
        new(12, Any, InvalidRequest) { FromStatus = 400, ThroughStatus = 499 },
        new(12, Any, MotionServerErrorCode.ServerError) { FromStatus = 500, ThroughStatus = 599 },

        new(13, ErrorSources.ServerError, MotionServerErrorCode.ServerError),
        new(13, Any, Unknown),
    ];

    /// <summary>The code of the first rule that matches; the last rule always does.</summary>
    public static MotionServerErrorCode Classify(in ServerReport report)
    {
        foreach (ErrorRule rule in Ordered)
        {
            if (rule.Matches(report))
            {
                return rule.Result;
            }
        }

        return Unknown;
    }

    /// <summary>Whether a code says no more than that no rule but the last ones knew the failure.</summary>
    public static bool IsUnclassified(MotionServerErrorCode code) => code is MotionServerErrorCode.ServerError or Unknown;

    /// <summary>How long to wait at least where the server asks for no pause; null where growing pauses will do.</summary>
    public static TimeSpan? RetryAfterOf(MotionServerRetry retry) => retry == MotionServerRetry.Delayed ? DelayedPause : null;

    /// <summary>Whether connecting again can help, where nothing but the code is known.</summary>
    public static MotionServerRetry RetryOf(MotionServerErrorCode code) => code switch
    {
        SessionTokenExpired or SessionTokenInvalid => MotionServerRetry.FreshToken,
        SessionDurationExceeded or IdleTimeout => MotionServerRetry.Immediate,
        ConcurrencyLimit => MotionServerRetry.Delayed,
        EgressUnavailable or UpstreamError or ConnectionFailed or ConnectionClosed
            or MotionServerErrorCode.ServerError or Unknown => MotionServerRetry.Backoff,
        _ => MotionServerRetry.Never,
    };

    /// <summary>Whether asking again can help after an HTTP answer.</summary>
    public static MotionServerRetry RetryOf(MotionServerErrorCode code, MotionServerPhase phase, int httpStatus) => (httpStatus, RetryOf(code)) switch
    {
        (408, _) => MotionServerRetry.Backoff,
        (429, _) => MotionServerRetry.Delayed,
        // What is refused there is the API key, of which there is no fresh one.
        (_, MotionServerRetry.FreshToken) when phase == MotionServerPhase.SessionToken => MotionServerRetry.Never,
        (_, MotionServerRetry retry) => retry,
    };
}
