namespace MotionGateway.LocalMotion.Faults;

/// <summary>Where a client notices an error.</summary>
internal enum FaultPhase
{
    Token,
    Connect,
    Handshake,
    Runtime,
    Send,
}

/// <summary>Whether connecting again can help.</summary>
internal enum FaultRetry
{
    Never,
    FreshToken,
    Immediate,
    Backoff,
    Delayed,
}

/// <summary>A stable code and the retry class that goes with it.</summary>
internal sealed record Verdict(string Code, FaultRetry Retry)
{
    public static readonly Verdict SessionTokenExpired = new("sessionTokenExpired", FaultRetry.FreshToken);
    public static readonly Verdict SessionTokenInvalid = new("sessionTokenInvalid", FaultRetry.FreshToken);
    public static readonly Verdict AppIdUnrecognized = new("appIDUnrecognized", FaultRetry.Never);
    public static readonly Verdict AppIdMismatch = new("appIDMismatch", FaultRetry.Never);
    public static readonly Verdict AvatarNotFound = new("avatarNotFound", FaultRetry.Never);
    public static readonly Verdict BillingRequired = new("billingRequired", FaultRetry.Never);
    public static readonly Verdict CreditsExhausted = new("creditsExhausted", FaultRetry.Never);
    public static readonly Verdict SessionDurationExceeded = new("sessionDurationExceeded", FaultRetry.Immediate);
    public static readonly Verdict ConcurrencyLimit = new("concurrencyLimit", FaultRetry.Delayed);
    public static readonly Verdict UnsupportedSampleRate = new("unsupportedSampleRate", FaultRetry.Never);
    public static readonly Verdict InvalidEgressConfig = new("invalidEgressConfig", FaultRetry.Never);
    public static readonly Verdict EgressUnavailable = new("egressUnavailable", FaultRetry.Backoff);
    public static readonly Verdict IdleTimeout = new("idleTimeout", FaultRetry.Immediate);
    public static readonly Verdict UpstreamError = new("upstreamError", FaultRetry.Backoff);
    public static readonly Verdict InvalidRequest = new("invalidRequest", FaultRetry.Never);
    public static readonly Verdict ConnectionFailed = new("connectionFailed", FaultRetry.Backoff);
    public static readonly Verdict ConnectionClosed = new("connectionClosed", FaultRetry.Backoff);
    public static readonly Verdict ProtocolError = new("protocolError", FaultRetry.Never);
    public static readonly Verdict ServerError = new("serverError", FaultRetry.Backoff);
    public static readonly Verdict Unknown = new("unknown", FaultRetry.Backoff);
}
