namespace MotionGateway.LocalMotion.Egress;

/// <summary>What one connection with egress would have published.</summary>
/// <param name="ConnectionId">The connection's id, as the client was told.</param>
/// <param name="AvatarId">Its avatar.</param>
/// <param name="Target">Where to.</param>
/// <param name="OpenedAt">When its configuration was confirmed.</param>
/// <param name="ClosedAt">When it ended; null while it is there.</param>
/// <param name="Requests">The latest requests, oldest first; at most 256.</param>
public sealed record EgressConnection(
    string ConnectionId,
    string AvatarId,
    EgressTarget Target,
    DateTimeOffset OpenedAt,
    DateTimeOffset? ClosedAt,
    IReadOnlyList<EgressRequest> Requests);
