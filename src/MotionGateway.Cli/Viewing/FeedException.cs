using MotionGateway.V1;

namespace MotionGateway.Cli.Viewing;

/// <summary>A feed failed.</summary>
/// <param name="message">What happened, for people.</param>
/// <param name="reason">The stable reason; unspecified when the connection was lost without one.</param>
/// <param name="isRetryable">Whether connecting again can help.</param>
internal sealed class FeedException(string message, ErrorReason reason, bool isRetryable) : CommandException(message)
{
    /// <summary>The stable reason; unspecified when the connection was lost without one.</summary>
    public ErrorReason Reason { get; } = reason;

    /// <summary>Whether connecting again can help.</summary>
    public bool IsRetryable { get; } = isRetryable;

    /// <summary>Whether only a new beginning can help: the position is gone.</summary>
    public bool IsPositionLost => Reason is ErrorReason.EpochChanged or ErrorReason.SequenceExpired or ErrorReason.PositionAhead;
}
