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

    /// <summary>The outcome in one line, such as <c>error creditsExhausted websocket_runtime never</c> or <c>audio only, connection stays</c>.</summary>
    public override string ToString() => Kind switch
    {
        FaultOutcomeKind.Error => $"error {Code} {Phase} {Retry}{Pause()}{(ConnectionStays ? ", connection stays" : "")}",
        FaultOutcomeKind.Recovered => ConnectionStays ? "recovered" : "recovered, connection is over",
        FaultOutcomeKind.AudioOnly => ConnectionStays ? "audio only, connection stays" : "audio only, connection is over",
        _ => "undetectable",
    };

    internal static FaultOutcome Recovered(bool connectionStays = true) => new(FaultOutcomeKind.Recovered, connectionStays);

    internal static FaultOutcome AudioOnly(bool connectionStays = true) => new(FaultOutcomeKind.AudioOnly, connectionStays);

    internal static FaultOutcome Undetectable() => new(FaultOutcomeKind.Undetectable, connectionStays: true);

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
    };

    private string Pause() =>
        RetryAfter is { } pause ? string.Create(CultureInfo.InvariantCulture, $" after {pause.TotalSeconds:0.###} s") : "";
}
