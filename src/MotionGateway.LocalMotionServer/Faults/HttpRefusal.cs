namespace MotionGateway.LocalMotion.Faults;

/// <summary>A status that refuses, and what it means where it comes from.</summary>
internal sealed record HttpRefusal(int Status, Verdict AtToken, Verdict AtUpgrade)
{
    public static readonly IReadOnlyList<HttpRefusal> All =
    [
        new(400, Verdict.InvalidRequest, Verdict.SessionTokenInvalid),
        // What is refused at the token is the API key, and there is no fresh one.
        new(401, Verdict.SessionTokenExpired with { Retry = FaultRetry.Never }, Verdict.SessionTokenExpired),
        new(402, Verdict.BillingRequired, Verdict.BillingRequired),
        new(403, Verdict.InvalidRequest, Verdict.InvalidRequest),
        new(404, Verdict.AppIdUnrecognized, Verdict.AppIdUnrecognized),
        new(408, Verdict.InvalidRequest with { Retry = FaultRetry.Backoff }, Verdict.InvalidRequest with { Retry = FaultRetry.Backoff }),
        new(409, Verdict.InvalidRequest, Verdict.InvalidRequest),
        new(429, Verdict.InvalidRequest with { Retry = FaultRetry.Delayed }, Verdict.InvalidRequest with { Retry = FaultRetry.Delayed }),
        new(500, Verdict.ServerError, Verdict.ServerError),
        new(502, Verdict.ServerError, Verdict.ServerError),
        new(503, Verdict.ServerError, Verdict.ServerError),
        new(504, Verdict.ServerError, Verdict.ServerError),
    ];

    private const int TooManyRequests = 429;

    /// <summary>The refusal with each kind of body.</summary>
    public IEnumerable<Fault> Faults(FaultPhase phase)
    {
        Verdict verdict = phase == FaultPhase.Token ? AtToken : AtUpgrade;
        FaultOutcome outcome = FaultOutcome.Error(verdict, phase) with { RetryAfter = Status == TooManyRequests ? HttpExchange.AskedPause : null };
        Func<string, string, FaultOutcome, HttpFault, Fault> make = phase == FaultPhase.Token ? Fault.Token : Fault.Upgrade;
        string subject = phase == FaultPhase.Token ? "The token is refused" : "The upgrade is refused";
        string prefix = phase == FaultPhase.Token ? "token" : "upgrade";
        string pause = Status == TooManyRequests ? " and Retry-After" : "";
        return
        [
            make($"{prefix}-{Status}", $"{subject}: {Status} with an errors array{pause}.", outcome, Strike(exchange => exchange.RefuseWithErrorsAsync(Status))),
            make($"{prefix}-{Status}-text", $"{subject}: {Status} with a line of text{pause}.", outcome, Strike(exchange => exchange.AnswerTextAsync(Status, "No."))),
            make($"{prefix}-{Status}-oversize", $"{subject}: {Status} with a body of more than 1 MiB{pause}.", outcome, Strike(exchange => exchange.AnswerOversizeAsync(Status))),
        ];
    }

    private HttpFault Strike(Func<HttpExchange, Task> answer) => HttpAnswers.With(exchange =>
    {
        if (Status == TooManyRequests)
        {
            exchange.AskForPause();
        }

        return answer(exchange);
    });
}
