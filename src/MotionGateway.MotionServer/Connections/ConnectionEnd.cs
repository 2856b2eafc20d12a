namespace MotionGateway.MotionServer;

/// <summary>How receiving ended.</summary>
/// <param name="Failure">Why; null for a normal end.</param>
/// <param name="IsDelivered">Readers were told already, by the server's report before the close.</param>
/// <param name="IsLost">The peer said nothing: the socket broke, or this side tore it down.</param>
internal readonly record struct ConnectionEnd(MotionServerException? Failure, bool IsDelivered = false, bool IsLost = false);
