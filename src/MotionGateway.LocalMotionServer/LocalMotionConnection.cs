namespace MotionGateway.LocalMotion;

/// <summary>A WebSocket connection to a <see cref="LocalMotionServer"/>, as it was when it was looked at.</summary>
/// <param name="ConnectionId">The id that the server confirms sessions with.</param>
/// <param name="AvatarId">The avatar that motion is made for.</param>
/// <param name="Age">How long it has been open.</param>
/// <param name="Requests">Requests whose first audio has come.</param>
/// <param name="Fault">Name of the fault that it has; null for none.</param>
public sealed record LocalMotionConnection(string ConnectionId, string AvatarId, TimeSpan Age, long Requests, string? Fault);
