using MotionGateway.LocalMotion.Ingress;
using MotionGateway.LocalMotion.Tokens;

namespace MotionGateway.LocalMotion.Faults;

/// <summary>
/// Every fault that can be asked for. A name may be followed by <c>.label</c>, which tells users of one server apart, and by
/// <c>@count</c>: then only the first <c>count</c> uses of that very key or avatar id fail and later ones work.
/// </summary>
public static class FaultCatalog
{
    /// <summary>What all names begin with. An avatar id that begins so and names no fault is not found.</summary>
    public const string Prefix = "fault-";

    /// <summary>The faults, by stage and name.</summary>
    public static IReadOnlyList<Fault> All { get; } =
    [
        Fault.Token("fault-token-401", "The token endpoint answers 401 with an errors array.",
            (context, _, _) => ApiError.WriteAsync(context, 401, "unauthorized", "The API key is not known.")),
        Fault.Token("fault-token-500", "The token endpoint answers 500 with an errors array.",
            (context, _, _) => ApiError.WriteAsync(context, 500, "internal", "The token could not be made.")),
        Fault.Token("fault-token-errors-200", "The token endpoint answers 200, and yet with an errors array.",
            FaultActions.AnswerOkWithErrorsAsync),
        Fault.Token("fault-token-garbage", "The token endpoint answers 200 with a body that is not JSON.",
            FaultActions.AnswerGarbageAsync),
        Fault.Token("fault-token-empty", "The token endpoint answers 200 with an empty JSON object.",
            FaultActions.AnswerEmptyObjectAsync),
        Fault.Token("fault-token-hang", "The token endpoint never answers.",
            FaultActions.NeverAnswerAsync),
        Fault.Token("fault-token-expired", "The token endpoint hands out a token that has expired already.",
            FaultActions.AnswerExpiredTokenAsync),

        Fault.Upgrade("fault-upgrade-400", "The upgrade is refused: 400, invalid session token.",
            context => Refusals.WriteMessageAsync(context, 400, Refusals.InvalidToken)),
        Fault.Upgrade("fault-upgrade-401", "The upgrade is refused: 401, session token expired.",
            context => Refusals.WriteMessageAsync(context, 401, Refusals.ExpiredToken)),
        Fault.Upgrade("fault-upgrade-402", "The upgrade is refused: 402, session denied for want of payment.",
            context => ApiError.WriteAsync(context, 402, "billing_required", "session denied: billing required")),
        Fault.Upgrade("fault-upgrade-500", "The upgrade is refused: 500 with an errors array.",
            context => ApiError.WriteAsync(context, 500, "internal", "The connection could not be set up.")),

        Fault.Handshake("fault-handshake-error", "The configuration is answered by ServerError 4003 (concurrency limit) and close 4003.",
            (connection, _) => connection.EndAsync(Refusals.Error(4003, "concurrency limit reached"), 4003, "concurrency limit reached")),
        Fault.Handshake("fault-handshake-garbage", "The configuration is answered by bytes that are no message.",
            (connection, cancellationToken) => connection.SendRawAsync(FaultActions.Garbage, cancellationToken)),
        Fault.Handshake("fault-handshake-hang", "The configuration is never answered.",
            (_, _) => ValueTask.CompletedTask),

        Fault.Turn("fault-close-4503-mid-turn", "Closes with 4503 and without ServerError after a turn's first motion message.",
            FaultActions.AfterFirstMotion((connection, _) => connection.EndAsync(null, 4503, "upstream unavailable"))),
        Fault.Turn("fault-reset-mid-turn", "Cuts the TCP connection after a turn's first motion message.",
            FaultActions.AfterFirstMotion((connection, _) => connection.CutAsync())),
        Fault.Turn("fault-stall-mid-turn", "Sends no more motion after a turn's first motion message; the connection stays.",
            FaultActions.AfterFirstMotion((_, _) => ValueTask.CompletedTask)),
        Fault.Turn("fault-error-mid-turn", "ServerError 4001 (credits exhausted) and close 4001 after a turn's first motion message.",
            FaultActions.AfterFirstMotion((connection, _) => connection.EndAsync(Refusals.Error(4001, "credits exhausted"), 4001, "credits exhausted"))),
        Fault.Turn("fault-no-motion", "Takes the audio and answers with one animation that has no keyframes and the end mark.",
            FaultActions.SendEmptyEndAsync),
    ];
}
