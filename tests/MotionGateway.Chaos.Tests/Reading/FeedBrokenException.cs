using MotionGateway.V1;

namespace MotionGateway.Chaos.Tests.Reading;

/// <summary>A feed broke; the reason is unspecified when the server had no part in it.</summary>
internal sealed class FeedBrokenException(ErrorReason reason, string message) : Exception(message)
{
    public ErrorReason Reason { get; } = reason;
}
