namespace MotionGateway.LocalMotion.Ingress;

/// <summary>A connection that the server tells of, whoever answers it.</summary>
internal interface IServedConnection
{
    string Id { get; }

    string AvatarId { get; }

    DateTimeOffset OpenedAt { get; }

    /// <summary>Requests whose first audio has come.</summary>
    long Requests { get; }

    string? FaultName { get; }
}
