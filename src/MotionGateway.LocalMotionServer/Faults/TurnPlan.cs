using MotionGateway.LocalMotion.Ingress;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Faults;

/// <summary>When a fault strikes, as seen from the connection's first turn.</summary>
internal enum TurnMoment
{
    /// <summary>As soon as the session is confirmed.</summary>
    Before,

    /// <summary>After the turn's first motion message.</summary>
    Mid,

    /// <summary>After the turn's last motion message.</summary>
    After,
}

/// <summary>What motion is withheld after a fault has struck.</summary>
internal enum Silence
{
    None,

    /// <summary>The rest of the turn's.</summary>
    Turn,

    /// <summary>All of the connection's.</summary>
    Connection,
}

/// <summary>Does something to the connection; is told the request at hand, if there is one.</summary>
internal delegate ValueTask TurnAct(IngressConnection connection, string? requestId, CancellationToken cancellationToken);

/// <summary>Is given each motion message of the turn, with its index, instead of the writer, and sends what it likes.</summary>
internal delegate ValueTask MotionShape(TurnFault turn, ServerResponseAnimation motion, int index, CancellationToken cancellationToken);

/// <summary>What is to go wrong in a connection's first turn: something happens at a moment, or the motion itself is spoiled.</summary>
internal sealed record TurnPlan
{
    private TurnPlan()
    {
    }

    public TurnMoment Moment { get; private init; }

    public TurnAct? Act { get; private init; }

    public Silence Then { get; private init; }

    public MotionShape? Shape { get; private init; }

    /// <summary>Whether nothing would be seen of it where no motion comes over the WebSocket.</summary>
    public bool NeedsMotion => Act is null;

    public static TurnPlan At(TurnMoment moment, TurnAct act, Silence then = Silence.None) => new() { Moment = moment, Act = act, Then = then };

    public static TurnPlan Stalled(Silence then) => new() { Moment = TurnMoment.Mid, Then = then };

    public static TurnPlan Shaped(MotionShape shape) => new() { Shape = shape };
}
