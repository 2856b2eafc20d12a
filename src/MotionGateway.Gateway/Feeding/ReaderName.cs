namespace MotionGateway.Gateway;

/// <summary>What tells a session's readers apart.</summary>
/// <param name="SessionId">The session.</param>
/// <param name="Identity">The viewer; empty for a service.</param>
/// <param name="ReaderId">The reader's own name.</param>
internal readonly record struct ReaderName(string SessionId, string Identity, string ReaderId);
