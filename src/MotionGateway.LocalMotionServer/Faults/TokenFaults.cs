using MotionGateway.LocalMotion.Tokens;
using static MotionGateway.LocalMotion.Faults.HttpAnswers;

namespace MotionGateway.LocalMotion.Faults;

/// <summary>What can go wrong where session tokens are handed out.</summary>
internal static class TokenFaults
{
    private const string Json = "application/json";

    public static IReadOnlyList<FaultFamily> Families { get; } =
    [
        new("fault-token-{status}[-text|-oversize]", "The token is refused.", [.. HttpRefusal.All.SelectMany(refusal => refusal.Faults(FaultPhase.Token))]),
        new("fault-token-error-{reason}", "The token is refused with a code or text that says more than its status.", [.. ErrorReply.AtToken.Select(Refused)]),
        new("fault-token-{answer}", "The answer holds no token, or none that is good for anything.",
        [
            Fault.Token("token-errors-200", "The answer is 200, and yet with an errors array.", Error(Verdict.InvalidRequest),
                With(exchange => exchange.AnswerAsync(200, new ApiErrorBody([new ApiError("fault", 403, "refused", "Refused", "The app is suspended.")]), ApiJson.Default.ApiErrorBody))),
            Fault.Token("token-307", "The answer is a redirect to a place where tokens are to be had; the API key must not follow it.", Error(Verdict.Unknown),
                With(exchange => exchange.RedirectAsync(SessionTokenEndpoint.NewerPath))),
            Fault.Token("token-garbage", "The answer is 200 with a body that is not JSON.", Error(Verdict.ProtocolError),
                With(exchange => exchange.AnswerAsync(200, "text/html", "<html>This is no JSON.</html>"u8.ToArray()))),
            Fault.Token("token-empty", "The answer is 200 with an empty JSON object.", Error(Verdict.ProtocolError),
                With(exchange => exchange.AnswerAsync(200, Json, "{}"u8.ToArray()))),
            Fault.Token("token-empty-body", "The answer is 200 without a body.", Error(Verdict.ProtocolError),
                With(exchange => exchange.AnswerAsync(200, Json, ReadOnlyMemory<byte>.Empty))),
            Fault.Token("token-wrong-type", "The answer is 200 with a token that is a number.", Error(Verdict.ProtocolError),
                With(exchange => exchange.AnswerAsync(200, Json, "{\"sessionToken\":42}"u8.ToArray()))),
            Fault.Token("token-line-break", "The answer is 200 with a token that has a line break in it, which no header can carry.", Error(Verdict.ProtocolError),
                With(exchange => exchange.AnswerAsync(200, Json, "{\"sessionToken\":\"a\\r\\nX-Injected: b\"}"u8.ToArray()))),
            Fault.Token("token-oversize", "The answer is 200 with a token and more than 1 MiB of blanks behind it.", Error(Verdict.ProtocolError),
                With(exchange => exchange.AnswerOversizeAsync(200, $"{{\"sessionToken\":\"{Issue(exchange, TimeSpan.FromMinutes(1))}\"}}"))),
            Fault.Token("token-short", "The answer is 200 and ends in the middle of its JSON, as its Content-Length says.", Error(Verdict.ProtocolError),
                With(exchange => exchange.AnswerAsync(200, Json, "{\"sessionTok"u8.ToArray()))),
            Fault.Token("token-expired", "The token has expired already.", FaultOutcome.Error(Verdict.SessionTokenExpired, FaultPhase.Connect),
                With(exchange => AnswerTokenAsync(exchange, Issue(exchange, TimeSpan.FromSeconds(-1))))),
            Fault.Token("token-unknown", "The token is one that the ingress does not know.", FaultOutcome.Error(Verdict.SessionTokenInvalid, FaultPhase.Connect),
                With(exchange => AnswerTokenAsync(exchange, "nobody-knows-this-token"))),
        ]),
        new("fault-token-{transport}", "The answer comes late, in part or not at all.",
        [
            Fault.Token("token-slow", "The answer comes late, within the server's FaultDelay.", FaultOutcome.Recovered(), After(exchange => exchange.DelayAsync())),
            Fault.Token("token-hang", "There is no answer.", Error(Verdict.ConnectionFailed), With(exchange => exchange.HangAsync())),
            Fault.Token("token-hang-body", "The answer stops in the middle of its body.", Error(Verdict.ConnectionFailed), With(exchange => exchange.HangInBodyAsync(200))),
            Fault.Token("token-cut-body", "The answer is cut before its Content-Length is reached.", Error(Verdict.ConnectionFailed), With(exchange => exchange.CutInBodyAsync(200))),
            Fault.Token("token-reset", "The TCP connection is cut instead of an answer.", Error(Verdict.ConnectionFailed), Reset),
        ]),
    ];

    // What is refused here is the API key, and there is no fresh one.
    private static Fault Refused(ErrorReply reply) => Fault.Token(
        $"token-error-{reply.Slug}",
        $"The token is refused: 403 with code {reply.Word} and the text \"{reply.Text}\".",
        Error(reply.Verdict.Retry == FaultRetry.FreshToken ? reply.Verdict with { Retry = FaultRetry.Never } : reply.Verdict),
        With(exchange => exchange.RefuseWithErrorsAsync(403, reply.Word, reply.Text)));

    private static FaultOutcome Error(Verdict verdict) => FaultOutcome.Error(verdict, FaultPhase.Token);

    private static string Issue(HttpExchange exchange, TimeSpan life) => exchange.Tokens.Issue(exchange.Tokens.Now + life);

    // Both dialects at once: the fault is in the token.
    private static Task AnswerTokenAsync(HttpExchange exchange, string token) =>
        exchange.AnswerAsync(200, new TokenAnswer(token, token), ApiJson.Default.TokenAnswer);
}
