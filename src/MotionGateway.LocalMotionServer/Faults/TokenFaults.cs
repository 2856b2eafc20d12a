using MotionGateway.LocalMotion.Tokens;
using static MotionGateway.LocalMotion.Faults.FaultPlan;

namespace MotionGateway.LocalMotion.Faults;

/// <summary>What can go wrong where session tokens are handed out.</summary>
internal static class TokenFaults
{
    private const FaultPoint At = FaultPoint.Token;
    private const string Json = "application/json";

    public static IEnumerable<FaultBehaviour> Behaviours =>
    [
        FaultBehaviour.Of("token-status", "status", HttpStatuses.Refusals, "The token is refused with status {0} and an errors array; 429 says how long to wait.", At,
            status => HttpStatuses.Outcome(status, At), status => HttpStatuses.Refuses(status, (exchange, number) => exchange.RefuseWithErrorsAsync(number))),
        FaultBehaviour.Of("token-text", "status", ["401", "429", "503"], "The token is refused with status {0} and a line of text.", At,
            status => HttpStatuses.Outcome(status, At), status => HttpStatuses.Refuses(status, (exchange, number) => exchange.AnswerTextAsync(number, "No."))),
        FaultBehaviour.Of("token-long", "status", ["401", "503"], "The token is refused with status {0} and a body of more than 1 MiB.", At,
            status => HttpStatuses.Outcome(status, At), status => HttpStatuses.Refuses(status, (exchange, number) => exchange.AnswerOversizeAsync(number))),
        FaultBehaviour.Of("token-egress", "status", ["400", "401", "503"],
            "The token is refused with status {0}, and the code and text of the errors are those that stand for egress in a session.", At,
            status => HttpStatuses.Outcome(status, At), NamesEgress),
        FaultBehaviour.Of("token-errors-in-200", "The answer is 200, and yet with an errors array, of status 409.", At, Error(Verdict.InvalidRequest),
            Answers(exchange => exchange.AnswerAsync(200, new ApiErrorBody([new ApiError("fault", 409, "refused", "Refused", "Not now.")]), ApiJson.Default.ApiErrorBody))),
        FaultBehaviour.Of("token-redirect", "The answer is a redirect, 307, to where tokens are to be had; the API key must not follow it.", At, Error(Verdict.Unknown),
            Answers(exchange => exchange.RedirectAsync(SessionTokenEndpoint.NewerPath))),
        FaultBehaviour.Of("token-body", "kind", ["garbage", "empty-object", "nothing", "number", "line-break", "too-long", "cut-short"],
            "The answer is 200, and its body holds no token that can be used: {0}.", At, _ => Error(Verdict.ProtocolError), HasBody),
        FaultBehaviour.Of("token-bad", "kind", ["expired", "unknown"], "The token that is handed out is {0} at the ingress.", At,
            kind => FaultOutcome.Error(kind == "expired" ? Verdict.SessionTokenExpired : Verdict.SessionTokenInvalid, FaultPhase.Connect), HasBadToken),
        FaultBehaviour.Of("token-slow", "The answer comes late, by the server's FaultDelay.", At, FaultOutcome.Completed(), DelaysTheRequest()),
        FaultBehaviour.Of("token-hang", "where", ["answer", "body"], "The {0} does not come, and the connection is there.", At, _ => TooLate, where => Hangs(where, 200)),
        FaultBehaviour.Of("token-cut", "where", ["answer", "body"], "The TCP connection is cut in place of the {0}.", At, _ => Error(Verdict.ConnectionFailed), where => Cuts(where, 200)),
    ];

    /// <summary>The time that the client waits is not there any more for another connection.</summary>
    private static FaultOutcome TooLate => Error(Verdict.ConnectionFailed) with { Session = SessionOutcome.AudioOnly };

    /// <summary>Answers nothing, or half of a body.</summary>
    public static FaultPlan Hangs(string where, int status) => Answers(exchange => where == "answer" ? exchange.HangAsync() : exchange.HangInBodyAsync(status));

    /// <summary>Cuts the connection, or the body.</summary>
    public static FaultPlan Cuts(string where, int status) => Answers(exchange =>
    {
        if (where == "body")
        {
            return exchange.CutInBodyAsync(status);
        }

        exchange.Reset();
        return Task.CompletedTask;
    });

    private static FaultOutcome Error(Verdict verdict) => FaultOutcome.Error(verdict, At);

    private static FaultPlan NamesEgress(string status)
    {
        (string code, string text) = status switch
        {
            "400" => ("INVALID_ARGUMENT", "livekit egress: the request cannot be used"),
            "401" => ("UNAUTHENTICATED", "Unauthorized"),
            _ => ("UNAVAILABLE", "failed to create egress connection"),
        };
        return HttpStatuses.Refuses(status, (exchange, number) => exchange.RefuseWithErrorsAsync(number, code, text));
    }

    private static FaultPlan HasBody(string kind) => Answers(exchange => kind switch
    {
        "garbage" => exchange.AnswerAsync(200, "text/html", "<html>This is no JSON.</html>"u8.ToArray()),
        "empty-object" => exchange.AnswerAsync(200, Json, "{}"u8.ToArray()),
        "nothing" => exchange.AnswerAsync(200, Json, ReadOnlyMemory<byte>.Empty),
        "number" => exchange.AnswerAsync(200, Json, "{\"sessionToken\":42}"u8.ToArray()),
        "line-break" => exchange.AnswerAsync(200, Json, "{\"sessionToken\":\"a\\r\\nX-Injected: b\"}"u8.ToArray()),
        "too-long" => exchange.AnswerOversizeAsync(200, $"{{\"sessionToken\":\"{Issue(exchange, TimeSpan.FromMinutes(1))}\"}}"),
        _ => exchange.AnswerAsync(200, Json, "{\"sessionTok"u8.ToArray()),
    });

    // Both dialects at once: the fault is in the token.
    private static FaultPlan HasBadToken(string kind) => Answers(exchange =>
    {
        string token = kind == "expired" ? Issue(exchange, TimeSpan.FromSeconds(-1)) : "nobody-knows-this-token";
        return exchange.AnswerAsync(200, new TokenAnswer(token, token), ApiJson.Default.TokenAnswer);
    });

    private static string Issue(HttpExchange exchange, TimeSpan life) => exchange.Tokens.Issue(exchange.Tokens.Now + life);
}
