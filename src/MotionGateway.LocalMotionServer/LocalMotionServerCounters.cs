namespace MotionGateway.LocalMotion;

/// <summary>What a <see cref="LocalMotionServer"/> has seen and done since it was started. Each number only rises, unless it says otherwise.</summary>
public sealed class LocalMotionServerCounters
{
    private long _animationsSent;
    private long _connectionsAccepted;
    private long _connectionsOpen;
    private long _keyframesSent;
    private long _messagesReceived;
    private long _messagesSkipped;
    private long _requestsAbandoned;
    private long _requestsFinished;
    private long _requestsStarted;
    private long _tokensIssued;
    private long _upgradesRefused;

    /// <summary>Session tokens handed out.</summary>
    public long TokensIssued => Interlocked.Read(ref _tokensIssued);

    /// <summary>WebSocket requests answered with an HTTP error.</summary>
    public long UpgradesRefused => Interlocked.Read(ref _upgradesRefused);

    /// <summary>WebSocket connections accepted.</summary>
    public long ConnectionsAccepted => Interlocked.Read(ref _connectionsAccepted);

    /// <summary>WebSocket connections that are there now; falls too.</summary>
    public long ConnectionsOpen => Interlocked.Read(ref _connectionsOpen);

    /// <summary>Binary messages received, the configuration included.</summary>
    public long MessagesReceived => Interlocked.Read(ref _messagesReceived);

    /// <summary>Messages skipped after the handshake: text, or not to be parsed, or with nothing to do.</summary>
    public long MessagesSkipped => Interlocked.Read(ref _messagesSkipped);

    /// <summary>Requests whose first audio arrived.</summary>
    public long RequestsStarted => Interlocked.Read(ref _requestsStarted);

    /// <summary>Requests whose last motion was made.</summary>
    public long RequestsFinished => Interlocked.Read(ref _requestsFinished);

    /// <summary>Requests given up: interrupted, or over a limit.</summary>
    public long RequestsAbandoned => Interlocked.Read(ref _requestsAbandoned);

    /// <summary>Motion messages handed to the writer.</summary>
    public long AnimationsSent => Interlocked.Read(ref _animationsSent);

    /// <summary>Keyframes in those messages.</summary>
    public long KeyframesSent => Interlocked.Read(ref _keyframesSent);

    internal void TokenIssued() => Interlocked.Increment(ref _tokensIssued);

    internal void UpgradeRefused() => Interlocked.Increment(ref _upgradesRefused);

    internal long ConnectionOpened()
    {
        Interlocked.Increment(ref _connectionsAccepted);
        return Interlocked.Increment(ref _connectionsOpen);
    }

    internal void ConnectionClosed() => Interlocked.Decrement(ref _connectionsOpen);

    internal void MessageReceived() => Interlocked.Increment(ref _messagesReceived);

    internal void MessageSkipped() => Interlocked.Increment(ref _messagesSkipped);

    internal void RequestStarted() => Interlocked.Increment(ref _requestsStarted);

    internal void RequestFinished() => Interlocked.Increment(ref _requestsFinished);

    internal void RequestAbandoned() => Interlocked.Increment(ref _requestsAbandoned);

    internal void AnimationSent(int keyframes)
    {
        Interlocked.Increment(ref _animationsSent);
        Interlocked.Add(ref _keyframesSent, keyframes);
    }
}
