namespace MotionGateway.Sessions;

/// <summary>Media of a turn that waits for its release.</summary>
/// <param name="IsMotion">Motion, else audio.</param>
/// <param name="First">Place in the turn, in keyframes or samples.</param>
/// <param name="Count">Keyframes or samples.</param>
/// <param name="IsLast">The turn's last of its kind.</param>
/// <param name="Bytes">The Motion Server's message, or samples.</param>
internal readonly record struct StagedMedia(bool IsMotion, long First, int Count, bool IsLast, ReadOnlyMemory<byte> Bytes);
