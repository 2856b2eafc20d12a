using System.Text.Json;
using MotionGateway.LocalMotion.Control;
using MotionGateway.LocalMotion.Ingress;

namespace MotionGateway.LocalMotion.Faults;

/// <summary>Strikes at an HTTP request; false when the request then goes on as usual.</summary>
internal delegate Task<bool> HttpFault(HttpExchange exchange);

/// <summary>Strikes in place of the confirmation, and says how the session goes on.</summary>
internal delegate ValueTask<HandshakeResult> HandshakeFault(IngressConnection connection, CancellationToken cancellationToken);

/// <summary>What a fault in the handshake leaves to be done.</summary>
internal enum HandshakeResult
{
    /// <summary>There is to be no session.</summary>
    NoSession,

    /// <summary>The session begins as usual, with the confirmation.</summary>
    Unconfirmed,

    /// <summary>The session begins: the fault has confirmed it.</summary>
    Confirmed,
}

/// <summary>A way in which the local Motion Server misbehaves on demand.</summary>
public sealed class Fault
{
    private Fault(string name, FaultStage stage, string description, FaultOutcome outcome)
    {
        Name = name;
        Stage = stage;
        Description = description;
        Outcome = outcome;
    }

    /// <summary>What an API key (<see cref="FaultStage.Token"/>) or an avatar id (all others) has to be for the fault to strike.</summary>
    public string Name { get; }

    /// <summary>Where it strikes.</summary>
    public FaultStage Stage { get; }

    /// <summary>What happens, in one line.</summary>
    public string Description { get; }

    /// <summary>What a good client makes of it.</summary>
    public FaultOutcome Outcome { get; }

    /// <summary>
    /// Whether it also strikes a connection with egress. One that spoils the motion on the WebSocket does not, because none comes there:
    /// such a connection is served as usual, <see cref="LocalMotionConnection.Fault"/> is null, and the log says so.
    /// </summary>
    public bool StrikesEgress => InTurn?.NeedsMotion != true;

    /// <summary>The fault as the control API's catalogue has it: <c>name</c>, <c>stage</c>, <c>description</c>, <c>strikesEgress</c> and <c>outcome</c>.</summary>
    public JsonElement ToJson() => JsonSerializer.SerializeToElement(ControlAnswers.Of(this), ControlJson.Default.FaultAnswer);

    /// <summary>Strikes at the token or the upgrade, by the stage.</summary>
    internal HttpFault? AtHttp { get; private init; }

    internal HandshakeFault? AtHandshake { get; private init; }

    internal TurnPlan? InTurn { get; private init; }

    /// <summary>Whether the client's close is never answered.</summary>
    internal bool IsCloseUnanswered { get; private init; }

    internal static Fault Token(string name, string description, FaultOutcome outcome, HttpFault strike) =>
        new(FaultCatalog.Prefix + name, FaultStage.Token, description, outcome) { AtHttp = strike };

    internal static Fault Upgrade(string name, string description, FaultOutcome outcome, HttpFault strike) =>
        new(FaultCatalog.Prefix + name, FaultStage.Upgrade, description, outcome) { AtHttp = strike };

    internal static Fault Handshake(string name, string description, FaultOutcome outcome, HandshakeFault strike) =>
        new(FaultCatalog.Prefix + name, FaultStage.Handshake, description, outcome) { AtHandshake = strike };

    internal static Fault Turn(string name, string description, FaultOutcome outcome, TurnPlan plan) =>
        new(FaultCatalog.Prefix + name, FaultStage.Turn, plan.NeedsMotion ? $"{description} Not with egress." : description, outcome) { InTurn = plan };

    internal static Fault AtClose(string name, string description, FaultOutcome outcome) =>
        new(FaultCatalog.Prefix + name, FaultStage.Turn, description, outcome) { IsCloseUnanswered = true };
}
