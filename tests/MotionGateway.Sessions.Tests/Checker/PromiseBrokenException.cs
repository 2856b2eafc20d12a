namespace MotionGateway.Sessions.Tests.Checker;

/// <summary>A promise was not kept.</summary>
internal sealed class PromiseBrokenException(string message) : Exception(message);
