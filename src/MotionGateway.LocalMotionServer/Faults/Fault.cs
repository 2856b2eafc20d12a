using System.Text.Json;
using MotionGateway.LocalMotion.Control;

namespace MotionGateway.LocalMotion.Faults;

/// <summary>A behaviour with its parameter and the point at which it strikes.</summary>
public sealed class Fault
{
    internal Fault(FaultBehaviour behaviour, string parameter, FaultPoint point, FaultOutcome outcome, FaultPlan plan)
    {
        string at = behaviour.Points.Count == 1 ? "" : $"@{FaultCatalog.NameOf(point)}";
        Behaviour = behaviour;
        Parameter = parameter;
        Point = point;
        Outcome = outcome;
        Plan = plan;
        Name = $"{FaultCatalog.Prefix}{behaviour.Name}{(parameter.Length == 0 ? "" : "-")}{parameter}{at}";
    }

    /// <summary>What an API key (<see cref="FaultPoint.Token"/>) or an avatar id (all others) has to be for the fault to strike, such as <c>fault-server-error-4010@handshake</c>.</summary>
    public string Name { get; }

    /// <summary>What happens.</summary>
    public FaultBehaviour Behaviour { get; }

    /// <summary>Which of the behaviour's variants; empty when there is one only.</summary>
    public string Parameter { get; }

    /// <summary>When it strikes.</summary>
    public FaultPoint Point { get; }

    /// <summary>What happens, in one line.</summary>
    public string Description => Behaviour.Describe(Parameter);

    /// <summary>What a good client makes of it, and a session.</summary>
    public FaultOutcome Outcome { get; }

    /// <summary>
    /// Whether it also strikes a connection with egress. One that spoils the motion on the WebSocket does not, because none comes there:
    /// such a connection is served as usual, <see cref="LocalMotionConnection.Fault"/> is null, and the log says so.
    /// </summary>
    public bool StrikesEgress => !Plan.NeedsMotion;

    internal FaultPlan Plan { get; }

    /// <summary>
    /// The fault as the control API's catalogue has it: <c>name</c>, <c>behaviour</c>, <c>parameter</c>, <c>point</c>, <c>description</c>,
    /// <c>strikesEgress</c> and <c>outcome</c>.
    /// </summary>
    public JsonElement ToJson() => JsonSerializer.SerializeToElement(ControlAnswers.Of(this), ControlJson.Default.FaultAnswer);

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
