namespace MotionGateway.MotionServer;

/// <summary>A connection that waits for its use.</summary>
internal readonly record struct ReadyConnection(IMotionConnection Connection, long OpenedAt)
{
    public bool HasEnded => Connection.Completion.IsCompleted;

    /// <summary>Whether the server has said something, which before any request can only be trouble.</summary>
    public bool HasWord => Connection is MotionConnection { HasUnread: true };

    /// <summary>Why a connection that nobody has used is of no use.</summary>
    public MotionServerException WhyEnded() =>
        Connection.Completion.Exception?.InnerException as MotionServerException
        ?? new MotionServerException(
            MotionServerErrorCode.ConnectionClosed, MotionServerPhase.WebSocketRuntime, "The Motion Server closed a connection before it was used.")
        {
            ConnectionId = Connection.ConnectionId,
        };
}
