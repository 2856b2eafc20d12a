namespace MotionGateway.Cli.Loading;

/// <summary>What viewers got.</summary>
/// <param name="Gaps">Sequences that neither came nor were declared.</param>
/// <param name="Reconnects">Connections that were lost and made again.</param>
/// <param name="Bytes">Bytes of media.</param>
/// <param name="BytesPerSecond">Of these, in a second.</param>
internal sealed record LoadReceived(int Gaps, int Reconnects, long Bytes, long BytesPerSecond);
