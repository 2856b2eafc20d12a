namespace MotionGateway.EdgeRelay;

/// <summary>What a published client is told of its session.</summary>
/// <param name="SessionId">The session.</param>
/// <param name="AppId">App ID at the Motion Server, which AvatarKit needs.</param>
/// <param name="AvatarId">Its avatar.</param>
/// <param name="Region">Region that AvatarKit is to use.</param>
/// <param name="Clips">Clips that can be asked for.</param>
internal sealed record PublishedSession(string SessionId, string AppId, string AvatarId, string Region, IReadOnlyList<string> Clips);
