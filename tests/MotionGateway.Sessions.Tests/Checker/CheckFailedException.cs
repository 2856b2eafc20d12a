namespace MotionGateway.Sessions.Tests.Checker;

/// <summary>What was seen contradicts the model.</summary>
internal sealed class CheckFailedException(string message) : Exception(message);
