using System.Globalization;
using System.Text.Json;

namespace MotionGateway.LocalMotion.Faults;

/// <summary>What a good client makes of a fault, in names that every Server SDK can be compared with.</summary>
public sealed record FaultOutcome
{
    private FaultOutcome(FaultOutcomeKind kind, bool connectionStays)
    {
        Kind = kind;
        ConnectionStays = connectionStays;
    }

    /// <summary>What kind of an outcome it is; the code, phase and retry class are those of an <see cref="FaultOutcomeKind.Error"/>.</summary>
    public FaultOutcomeKind Kind { get; }

    /// <summary>The error's stable code, such as <c>creditsExhausted</c>; null without an error.</summary>
    public string? Code { get; private init; }

    /// <summary>What was going on: <c>session_token</c>, <c>websocket_connect</c>, <c>websocket_handshake</c>, <c>websocket_runtime</c> or <c>websocket_send</c>; null without an error.</summary>
    public string? Phase { get; private init; }

    /// <summary>
    /// How connecting again can help: <c>never</c>, <c>fresh_token</c> (once, with another session token), <c>immediate</c>,
    /// <c>backoff</c> (with growing pauses) or <c>delayed</c> (not at once); null without an error.
    /// </summary>
    public string? Retry { get; private init; }

    /// <summary>How long the server asks to wait before trying again; null when it does not say.</summary>
    public TimeSpan? RetryAfter { get; internal init; }

    /// <summary>Whether the connection is there afterwards and good for the next turn.</summary>
    public bool ConnectionStays { get; }

    /// <summary>
    /// What a session makes of it in the middle of a turn. A fault that strikes before a session is confirmed is then meant to strike
    /// the connection that takes the place of a lost one.
    /// </summary>
    public SessionOutcome Session { get; internal init; }

    /// <summary>The client's outcome in one line, such as <c>error creditsExhausted websocket_runtime never</c> or <c>audio only, connection stays</c>.</summary>
    public override string ToString() => Kind switch
    {
        FaultOutcomeKind.Error => $"error {Code} {Phase} {Retry}{Pause()}{(ConnectionStays ? ", connection stays" : "")}",
        FaultOutcomeKind.Completed => ConnectionStays ? "completed" : "completed, connection is over",
        FaultOutcomeKind.AudioOnly => ConnectionStays ? "audio only, connection stays" : "audio only, connection is over",
        _ => "undetectable",
    };

    internal static FaultOutcome Completed(bool connectionStays = true) => new(FaultOutcomeKind.Completed, connectionStays) { Session = SessionOutcome.Completed };

    // The session says again what has no motion, by another connection.
    internal static FaultOutcome AudioOnly(bool connectionStays = true) => new(FaultOutcomeKind.AudioOnly, connectionStays) { Session = SessionOutcome.Recovered };

    internal static FaultOutcome Undetectable() => new(FaultOutcomeKind.Undetectable, connectionStays: true) { Session = SessionOutcome.Completed };

    internal static FaultOutcome Error(Verdict verdict, FaultPhase phase, bool connectionStays = false) => new(FaultOutcomeKind.Error, connectionStays)
    {
        Code = verdict.Code,
        Phase = phase switch
        {
            FaultPhase.Token => "session_token",
            FaultPhase.Connect => "websocket_connect",
            FaultPhase.Handshake => "websocket_handshake",
            FaultPhase.Send => "websocket_send",
            _ => "websocket_runtime",
        },
        Retry = JsonNamingPolicy.SnakeCaseLower.ConvertName(verdict.Retry.ToString()),
        Session = verdict.Retry is FaultRetry.Never or FaultRetry.Delayed ? SessionOutcome.AudioOnly : SessionOutcome.Recovered,
    };

    /// <summary>An error of a connection that is being made or has been made, by the point at which it comes.</summary>
    internal static FaultOutcome Error(Verdict verdict, FaultPoint point, bool connectionStays = false)
    {
        FaultPhase phase = point switch
        {
            FaultPoint.Token => FaultPhase.Token,
            FaultPoint.Upgrade => FaultPhase.Connect,
            FaultPoint.Handshake => FaultPhase.Handshake,
            _ => FaultPhase.Runtime,
        };
        FaultOutcome outcome = Error(verdict, phase, connectionStays && phase == FaultPhase.Runtime);
        // A turn whose motion has come is not touched by what comes after it.
        return point == FaultPoint.End ? outcome with { Session = SessionOutcome.Completed } : outcome;
    }

    private string Pause() =>
        RetryAfter is { } pause ? string.Create(CultureInfo.InvariantCulture, $" after {pause.TotalSeconds:0.###} s") : "";
}
