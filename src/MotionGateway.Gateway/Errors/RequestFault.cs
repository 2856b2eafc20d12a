namespace MotionGateway.Gateway;

/// <summary>A request could not be read: the peer has gone, or what it sent is no message.</summary>
internal sealed class RequestFault(Exception cause) : Exception(cause.Message, cause);
