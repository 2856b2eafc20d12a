namespace MotionGateway.Feeds;

/// <summary>Up to where a reader has processed a log.</summary>
/// <param name="Epoch">Counts the session's owners, from 1.</param>
/// <param name="Sequence">The last sequence processed; 0 before the first.</param>
public readonly record struct LogPosition(uint Epoch, long Sequence);
