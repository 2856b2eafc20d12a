namespace MotionGateway.MotionServer;

/// <summary>How receiving ended.</summary>
/// <param name="Failure">Why; null for a normal end.</param>
/// <param name="IsReported">The reader was told already, by the server's report before the close.</param>
/// <param name="IsLost">The peer said nothing: the socket broke, or this side tore it down.</param>
internal readonly record struct ConnectionEnd(MotionServerException? Failure, bool IsReported = false, bool IsLost = false);
