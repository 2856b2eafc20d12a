using static MotionGateway.MotionServer.ErrorSources;
using static MotionGateway.MotionServer.MotionServerErrorCode;

namespace MotionGateway.MotionServer;

/// <summary>Where the server's word about a failure comes from. Rules apply to some sources only.</summary>
[Flags]
internal enum ErrorSources
{
    TokenAnswer = 1,
    RefusedUpgrade = 2,
    ServerError = 4,
    Answers = TokenAnswer | RefusedUpgrade,
    Any = Answers | ServerError,
}

/// <summary>What the server said about a failure.</summary>
internal readonly record struct ServerReport(ErrorSources Source, string? Code, string? Title, string? Detail, int HttpStatus = 0);

/// <summary>From what the server says to a stable code, and from that to a retry class. The rules are data, tried in order; the first match wins. Texts are the service's own.</summary>
internal static class ErrorRules
{
    // A session's errors came as gRPC codes from older deployments. Those of 4000 and more are close codes.
    private static readonly Rule[] Ordered =
    [
        // What a console answers is told by its status; some texts of egress mean other things there.
        new(TokenAnswer, SessionTokenInvalid, 401),
        new(TokenAnswer, AppIdUnrecognized, 403),
        new(TokenAnswer, ConnectionFailed, 408),
        new(TokenAnswer, ConcurrencyLimit, 429),
        new(TokenAnswer, MotionServerErrorCode.ServerError, 500, 599),

        new(ErrorSources.ServerError, InvalidEgressConfig) { Codes = ["3", "400", "INVALID_ARGUMENT"], AndTexts = ["livekit", "agora", "egress"] },
        new(ErrorSources.ServerError, InvalidRequest) { Codes = ["3", "400", "INVALID_ARGUMENT"] },
        new(ErrorSources.ServerError, InvalidEgressConfig) { Codes = ["16", "UNAUTHENTICATED"] },
        new(ErrorSources.ServerError, EgressUnavailable) { Codes = ["14", "UNAVAILABLE"] },
        new(ErrorSources.ServerError, SessionTokenInvalid) { Codes = ["4010"] },
        new(ErrorSources.ServerError, UpstreamError) { Codes = ["4503"] },

        new(Any, CreditsExhausted) { Codes = ["4001"], Texts = ["credits exhausted"] },
        new(Any, SessionDurationExceeded) { Codes = ["4002"], Texts = ["session time limit reached", "maximum session duration"] },
        new(Any, ConcurrencyLimit) { Codes = ["4003"] },
        new(Any, BillingRequired, 402) { Texts = ["session denied"] },
        new(Any, SessionTokenInvalid) { Texts = ["invalid session token", "empty token"] },
        new(Any, SessionTokenExpired) { Texts = ["token is expired", "session token expired"] },
        new(Any, AppIdMismatch) { Texts = ["app id mismatch"] },
        new(Any, AppIdUnrecognized) { Texts = ["appidunrecognized", "app id unrecognized"] },
        new(Any, AvatarNotFound) { Texts = ["avatar not found"] },
        new(Any, UnsupportedSampleRate) { Texts = ["unsupported sample rate"] },

        new(ErrorSources.ServerError, IdleTimeout) { Texts = ["livekit silence timeout", "no audio input for"] },
        new(ErrorSources.ServerError, InvalidEgressConfig)
        {
            Texts = ["livekit_egress", "agora_egress", "missing livekit credentials", "provide api_token or both api_key and api_secret", "unauthorized"],
        },
        new(ErrorSources.ServerError, EgressUnavailable) { Texts = ["egress client is not configured on server", "failed to create egress connection"] },
        new(ErrorSources.ServerError, UpstreamError) { Texts = ["driven server returned non-200 status code", "driven server request failed"] },
        new(ErrorSources.ServerError, ProtocolError)
        {
            Texts =
            [
                "expected clientconfiguresession message", "clientconfiguresession message is nil", "unexpected message type", "failed to unmarshal initial message",
            ],
        },

        new(RefusedUpgrade, SessionTokenInvalid, 400),
        new(RefusedUpgrade, SessionTokenExpired, 401),
        new(Answers, AppIdUnrecognized, 404),
        new(RefusedUpgrade, ConnectionFailed, 408),
        new(RefusedUpgrade, ConcurrencyLimit, 429),
        new(Answers, InvalidRequest, 400, 499),
        new(RefusedUpgrade, MotionServerErrorCode.ServerError, 500, 599),
    ];

    /// <summary>The stable code of what the server said.</summary>
    public static MotionServerErrorCode Classify(in ServerReport report)
    {
        foreach (Rule rule in Ordered)
        {
            if (rule.Matches(report))
            {
                return rule.Result;
            }
        }

        return report.Source != ErrorSources.ServerError ? Unknown
            : int.TryParse(report.Code, out int code) && OfClose(code) is not ConnectionClosed and MotionServerErrorCode told ? told
            : MotionServerErrorCode.ServerError;
    }

    /// <summary>What a close means that is no normal end. One without a code, or with one that nobody knows, counts as a fault of the network.</summary>
    public static MotionServerErrorCode OfClose(int? closeCode) => closeCode switch
    {
        4001 => CreditsExhausted,
        4002 => SessionDurationExceeded,
        4003 => ConcurrencyLimit,
        4010 => SessionTokenInvalid,
        4503 => UpstreamError,
        >= 4000 and <= 4099 => InvalidRequest,
        _ => ConnectionClosed,
    };

    /// <summary>Whether a close with this code is a normal end.</summary>
    public static bool IsNormalClose(int? closeCode) => closeCode is 1000 or 1001;

    /// <summary>Whether a code says no more than that no rule knew the failure.</summary>
    public static bool IsUnclassified(MotionServerErrorCode code) => code is MotionServerErrorCode.ServerError or Unknown;

    /// <summary>Whether connecting again can help.</summary>
    public static MotionServerRetry RetryOf(MotionServerErrorCode code, MotionServerPhase phase) => code switch
    {
        // What a console refuses is the API key, of which there is no fresh one.
        SessionTokenExpired or SessionTokenInvalid => phase == MotionServerPhase.SessionToken ? MotionServerRetry.Never : MotionServerRetry.FreshToken,
        SessionDurationExceeded or IdleTimeout => MotionServerRetry.Immediate,
        ConcurrencyLimit => MotionServerRetry.Delayed,
        EgressUnavailable or UpstreamError or ConnectionFailed or ConnectionClosed or MotionTimeout
            or MotionServerErrorCode.ServerError or Unknown => MotionServerRetry.Backoff,
        _ => MotionServerRetry.Never,
    };

    /// <summary>Holds for its sources when a code, a text or the status matches, and one of the further texts where there are such.</summary>
    private sealed record Rule(ErrorSources Sources, MotionServerErrorCode Result, int Status = -1, int ThroughStatus = -1)
    {
        /// <summary>Codes, each compared as a whole and without case.</summary>
        public string[] Codes { get; init; } = [];

        /// <summary>Texts that occur anywhere in code, title or detail, without case.</summary>
        public string[] Texts { get; init; } = [];

        public string[] AndTexts { get; init; } = [];

        public bool Matches(in ServerReport report)
        {
            string text = $"{report.Code} {report.Title} {report.Detail}";
            bool isStatus = report.HttpStatus == Status || (report.HttpStatus >= Status && report.HttpStatus <= ThroughStatus);
            return (Sources & report.Source) != 0
                && (isStatus || Codes.Contains(report.Code, StringComparer.OrdinalIgnoreCase) || Occurs(Texts, text))
                && (AndTexts.Length == 0 || Occurs(AndTexts, text));
        }

        private static bool Occurs(string[] texts, string within) => Array.Exists(texts, text => within.Contains(text, StringComparison.OrdinalIgnoreCase));
    }
}
