using MotionGateway.V1;

namespace MotionGateway.Cli.Viewing;

/// <summary>A feed failed.</summary>
internal sealed class FeedException : CommandException
{
    private readonly ErrorReason _reason;

    /// <summary>Makes one.</summary>
    /// <param name="message">What happened, for people.</param>
    /// <param name="reason">The stable reason; unspecified when the connection was lost without one.</param>
    /// <param name="isRetryable">Whether connecting again can help.</param>
    public FeedException(string message, ErrorReason reason, bool isRetryable)
        : base(message)
    {
        _reason = reason;
        Reason = reason == ErrorReason.Unspecified ? null : Protocol.ErrorTable.GetName(reason);
        IsRetryable = isRetryable;
    }

    /// <summary>Whether connecting again can help.</summary>
    public bool IsRetryable { get; }

    /// <summary>Whether only a new beginning can help: the position is gone.</summary>
    public bool IsPositionLost => _reason is ErrorReason.EpochChanged or ErrorReason.SequenceExpired or ErrorReason.PositionAhead;
}
