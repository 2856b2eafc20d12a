using System.Text.Json;
using System.Text.Json.Serialization;
using MotionGateway.LocalMotion.Faults;

namespace MotionGateway.LocalMotion.Control;

/// <summary>Makes the answers of the control API.</summary>
internal static class ControlAnswers
{
    public static FaultsAnswer Of(IEnumerable<ArmedFault> armed, IEnumerable<Fault> catalogue) => new([.. armed.Select(Of)], [.. catalogue.Select(Of)]);

    public static ArmedAnswer Of(ArmedFault armed) => new(armed.Id, armed.Fault.Name, armed.AvatarId, armed.Remaining);

    public static ConnectionsAnswer Of(IEnumerable<LocalMotionConnection> connections) => new(
        [.. connections.Select(connection => new ConnectionAnswer(
            connection.ConnectionId, connection.AvatarId, Math.Round(connection.Age.TotalSeconds, 3), connection.Requests, connection.Fault))]);

    public static FaultAnswer Of(Fault fault) => new(
        fault.Name, fault.Behaviour.Name, fault.Parameter, FaultCatalog.NameOf(fault.Point), fault.Description, fault.StrikesEgress, Of(fault.Outcome));

    private static OutcomeAnswer Of(FaultOutcome outcome) =>
        new(outcome.Kind, outcome.Code, outcome.Phase, outcome.Retry, outcome.RetryAfter?.TotalSeconds, outcome.ConnectionStays, outcome.Session);
}

internal sealed record ArmRequest(string? Fault, string? AvatarId, int? Count)
{
    public const string Example = """{"fault": "fault-upgrade-status-500", "avatarId": "*", "count": 1}""";
}

internal sealed record FaultsAnswer(IReadOnlyList<ArmedAnswer> Armed, IReadOnlyList<FaultAnswer> Catalogue);

internal sealed record ArmedAnswer(string Id, string Fault, string AvatarId, int? Remaining);

internal sealed record FaultAnswer(
    string Name, string Behaviour, string Parameter, string Point, string Description, bool StrikesEgress, OutcomeAnswer Outcome);

internal sealed record OutcomeAnswer(FaultOutcomeKind Kind, string? Code, string? Phase, string? Retry, double? RetryAfterSeconds, bool ConnectionStays, SessionOutcome Session);

internal sealed record DisarmedAnswer(int Disarmed);

internal sealed record ConnectionsAnswer(IReadOnlyList<ConnectionAnswer> Connections);

internal sealed record ConnectionAnswer(string ConnectionId, string AvatarId, double AgeSeconds, long Requests, string? Fault);

/// <summary>Writes an enum's value as its name, such as <c>audio_only</c>.</summary>
internal sealed class SnakeCaseNames<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower)
    where T : struct, Enum;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    Converters = [typeof(SnakeCaseNames<SessionOutcome>), typeof(SnakeCaseNames<FaultOutcomeKind>)],
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ArmRequest))]
[JsonSerializable(typeof(FaultsAnswer))]
[JsonSerializable(typeof(FaultAnswer))]
[JsonSerializable(typeof(ArmedAnswer))]
[JsonSerializable(typeof(DisarmedAnswer))]
[JsonSerializable(typeof(ConnectionsAnswer))]
[JsonSerializable(typeof(LocalMotionServerCounters))]
internal sealed partial class ControlJson : JsonSerializerContext;
