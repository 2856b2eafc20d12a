namespace MotionGateway.MotionServer;

/// <summary>A connection that waits for its use.</summary>
internal readonly record struct ReadyConnection(IMotionConnection Connection, long OpenedAt);
