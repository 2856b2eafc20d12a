namespace MotionGateway.LocalMotion.Faults;

/// <summary>A close code, and what it means without a <c>ServerError</c> before it. 1000 and 1001 are normal ends once a session has begun.</summary>
internal sealed record CloseReply(int Code, string Reason, Verdict Verdict)
{
    public static readonly IReadOnlyList<CloseReply> All =
    [
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
    ];

    public bool IsNormal => Code is 1000 or 1001;

    public Ingress.Ending Ending => new(null, Code, Reason);
}
