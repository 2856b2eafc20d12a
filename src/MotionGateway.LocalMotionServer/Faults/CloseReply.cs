namespace MotionGateway.LocalMotion.Faults;

/// <summary>
/// A close code, and what it means without a <c>ServerError</c> before it. 1000 and 1001 are normal ends once a session has begun; no code
/// counts as a fault of the network.
/// </summary>
internal sealed record CloseReply(int Code, string Reason, Verdict Verdict)
{
    /// <summary>Stands for a close frame without a code, and is never sent (RFC 6455, section 7.4.1).</summary>
    public const int NoCode = 1005;

    public static readonly IReadOnlyList<CloseReply> All =
    [
        new(NoCode, "", Verdict.ConnectionClosed),
        new(1000, "normal", Verdict.ConnectionClosed),
        new(1001, "going away", Verdict.ConnectionClosed),
        new(1011, "internal error", Verdict.ConnectionClosed),
        new(4000, "request at fault", Verdict.ConnectionClosed with { Retry = FaultRetry.Never }),
        new(4001, "credits exhausted", Verdict.CreditsExhausted),
        new(4002, "session time limit", Verdict.SessionDurationExceeded),
        new(4003, "concurrency limit", Verdict.ConcurrencyLimit),
        new(4010, "authentication failed", Verdict.SessionTokenInvalid),
        new(4500, "try again", Verdict.ConnectionClosed),
        new(4503, "upstream unavailable", Verdict.UpstreamError),
        new(4999, "a code that nobody knows", Verdict.ConnectionClosed),
    ];

    public bool IsNormal => Code is 1000 or 1001;

    /// <summary>Its part of a fault's name.</summary>
    public string Slug => Code == NoCode ? "empty" : FormattableString.Invariant($"{Code}");

    /// <summary>The frame in words.</summary>
    public string Words => Code == NoCode ? "a close frame without a code" : FormattableString.Invariant($"close {Code} ({Reason})");

    public Ingress.Ending Ending => new(null, Code, Reason);
}
