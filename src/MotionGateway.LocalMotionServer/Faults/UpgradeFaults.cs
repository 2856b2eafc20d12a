using Microsoft.AspNetCore.Http;
using MotionGateway.LocalMotion.Ingress;
using static MotionGateway.LocalMotion.Faults.HttpAnswers;

namespace MotionGateway.LocalMotion.Faults;

/// <summary>What can go wrong where a WebSocket is opened.</summary>
internal static class UpgradeFaults
{
    public static IReadOnlyList<FaultFamily> Families { get; } =
    [
        new("fault-upgrade-{status}[-text|-oversize]", "The upgrade is refused.", [.. HttpRefusal.All.SelectMany(refusal => refusal.Faults(FaultPhase.Connect))]),
        new("fault-upgrade-{reason}", "The upgrade is refused with a code or text that says more than its status.", [.. ErrorReply.All.Where(reply => reply.RefusesUpgrade).Select(Refused)]),
        new("fault-upgrade-{answer}", "The upgrade is answered by something else, late, in part or not at all.",
        [
            Fault.Upgrade("upgrade-200", "The answer is 200 instead of 101.", Error(Verdict.Unknown), With(exchange => exchange.AnswerTextAsync(200, "Hello."))),
            Fault.Upgrade("upgrade-307", "The answer is a redirect to the same place; the session token must not follow it.", Error(Verdict.Unknown),
                With(exchange => exchange.RedirectAsync($"{IngressEndpoint.Path}?id=avatar"))),
            Fault.Upgrade("upgrade-wrong-accept", "101 with a Sec-WebSocket-Accept that belongs to another key.", Error(Verdict.ProtocolError),
                With(exchange => exchange.SwitchProtocolsAsync(headers => headers.SecWebSocketAccept = WebSocketAccept.Of("another key")))),
            Fault.Upgrade("upgrade-no-accept", "101 without Sec-WebSocket-Accept.", Error(Verdict.ProtocolError),
                With(exchange => exchange.SwitchProtocolsAsync(_ => { }))),
            Fault.Upgrade("upgrade-extension", "101 with an extension (compression) that nobody asked for.", Error(Verdict.ProtocolError),
                With(exchange => exchange.SwitchProtocolsAsync(headers => Agree(exchange, headers).SecWebSocketExtensions = "permessage-deflate"))),
            Fault.Upgrade("upgrade-subprotocol", "101 with a subprotocol that nobody asked for.", Error(Verdict.ProtocolError),
                With(exchange => exchange.SwitchProtocolsAsync(headers => Agree(exchange, headers).SecWebSocketProtocol = "surprise"))),
            Fault.Upgrade("upgrade-slow", "The answer comes late, within the server's FaultDelay.", FaultOutcome.Recovered(), After(exchange => exchange.DelayAsync())),
            Fault.Upgrade("upgrade-hang", "There is no answer.", Error(Verdict.ConnectionFailed), With(exchange => exchange.HangAsync())),
            Fault.Upgrade("upgrade-hang-body", "The refusal, 500, stops in the middle of its body.", Error(Verdict.ConnectionFailed), With(exchange => exchange.HangInBodyAsync(500))),
            Fault.Upgrade("upgrade-cut-body", "The refusal, 500, is cut before its Content-Length is reached.", Error(Verdict.ConnectionFailed), With(exchange => exchange.CutInBodyAsync(500))),
            Fault.Upgrade("upgrade-reset", "The TCP connection is cut instead of an answer.", Error(Verdict.ConnectionFailed), Reset),
        ]),
    ];

    private static FaultOutcome Error(Verdict verdict) => FaultOutcome.Error(verdict, FaultPhase.Connect);

    private static Fault Refused(ErrorReply reply) => Fault.Upgrade(
        $"upgrade-{reply.Slug}",
        FormattableString.Invariant($"The upgrade is refused: 403 with code {reply.Code} and the text \"{reply.Text}\"."),
        Error(reply.Verdict),
        With(exchange => exchange.RefuseWithErrorsAsync(403, reply.Word, reply.Text)));

    private static IHeaderDictionary Agree(HttpExchange exchange, IHeaderDictionary headers)
    {
        headers.SecWebSocketAccept = WebSocketAccept.Of(exchange.RequestHeader("Sec-WebSocket-Key"));
        return headers;
    }
}
