namespace MotionGateway.OggOpus.Tests;

/// <summary>A packet that outlives its reader's next step.</summary>
internal sealed record ReadPacket(byte[] Data, int Duration, int Skipped, int Trimmed);
