using MotionGateway.LocalMotion.Ingress;
using static MotionGateway.LocalMotion.Faults.FaultPlan;

namespace MotionGateway.LocalMotion.Faults;

/// <summary>What can go wrong where a WebSocket is opened.</summary>
internal static class UpgradeFaults
{
    private const FaultPoint At = FaultPoint.Upgrade;

    private static readonly Dictionary<string, (int Status, string Text, Verdict Verdict)> Messages = new()
    {
        ["invalid-token"] = (400, Refusals.InvalidToken, Verdict.SessionTokenInvalid),
        ["expired-token"] = (401, Refusals.ExpiredToken, Verdict.SessionTokenExpired),
        ["app"] = (404, Refusals.UnknownApp, Verdict.AppIdUnrecognized),
        ["avatar"] = (404, Refusals.UnknownAvatar("avatar"), Verdict.AvatarNotFound),
    };

    public static IEnumerable<FaultBehaviour> Behaviours =>
    [
        FaultBehaviour.Of("upgrade-status", "status", HttpStatuses.Refusals, "The upgrade is refused with status {0} and an errors array; 429 says how long to wait.", At,
            status => HttpStatuses.Outcome(status, At), status => HttpStatuses.Refuses(status, (exchange, number) => exchange.RefuseWithErrorsAsync(number))),
        FaultBehaviour.Of("upgrade-message", "what", [.. Messages.Keys], "The upgrade is refused as the service does it, in JSON with a message about the {0}.", At,
            what => Error(Messages[what].Verdict), what => Answers(exchange => exchange.AnswerMessageAsync(Messages[what].Status, Messages[what].Text))),
        FaultBehaviour.Of("upgrade-text", "status", ["400", "401", "404", "429", "503"], "The upgrade is refused with status {0} and a line of text.", At,
            status => HttpStatuses.Outcome(status, At), status => HttpStatuses.Refuses(status, (exchange, number) => exchange.AnswerTextAsync(number, "No."))),
        FaultBehaviour.Of("upgrade-long", "status", ["401", "503"], "The upgrade is refused with status {0} and a body of more than 1 MiB.", At,
            status => HttpStatuses.Outcome(status, At), status => HttpStatuses.Refuses(status, (exchange, number) => exchange.AnswerOversizeAsync(number))),
        FaultBehaviour.Of("upgrade-reason", "reason", [.. ServerErrors.OfUpgrades.Select(error => error.Name)],
            "The upgrade is refused with status 403 and an error whose code or text says more than that: {0}.", At, reason => Error(ServerErrors.Find(reason).Verdict), Refused),
        FaultBehaviour.Of("upgrade-answer", "status", ["200", "307"], "The answer is {0} instead of 101; the session token must not follow a redirect.", At, _ => Error(Verdict.Unknown),
            status => Answers(exchange => status == "200" ? exchange.AnswerTextAsync(200, "Hello.") : exchange.RedirectAsync($"{IngressEndpoint.Path}?id=avatar"))),
        FaultBehaviour.Of("upgrade-101", "header", ["wrong-accept", "no-accept", "extension", "subprotocol"],
            "The answer is 101 with a header that ends the matter: {0}, where the last two are what nobody asked for.", At, _ => Error(Verdict.ProtocolError), Switches),
        FaultBehaviour.Of("upgrade-slow", "The answer comes late, by the server's FaultDelay.", At, FaultOutcome.Completed(), DelaysTheRequest()),
        FaultBehaviour.Of("upgrade-hang", "where", ["answer", "body"], "The {0} does not come, and the connection is there.", At,
            _ => Error(Verdict.ConnectionFailed) with { Session = SessionOutcome.AudioOnly }, where => TokenFaults.Hangs(where, 500)),
        FaultBehaviour.Of("upgrade-cut", "where", ["answer", "body"], "The TCP connection is cut in place of the {0}.", At,
            _ => Error(Verdict.ConnectionFailed), where => TokenFaults.Cuts(where, 500)),
    ];

    private static FaultOutcome Error(Verdict verdict) => FaultOutcome.Error(verdict, At);

    private static FaultPlan Refused(string reason)
    {
        ServerErrorKind error = ServerErrors.Find(reason);
        return Answers(exchange => exchange.RefuseWithErrorsAsync(403, FormattableString.Invariant($"{error.Code}"), error.Text));
    }

    private static FaultPlan Switches(string header) => Answers(exchange => exchange.SwitchProtocolsAsync(headers =>
    {
        if (header != "no-accept")
        {
            headers.SecWebSocketAccept = WebSocketAccept.Of(header == "wrong-accept" ? "another key" : exchange.RequestHeader("Sec-WebSocket-Key"));
        }

        if (header == "extension")
        {
            headers.SecWebSocketExtensions = "permessage-deflate";
        }
        else if (header == "subprotocol")
        {
            headers.SecWebSocketProtocol = "surprise";
        }
    }));
}
