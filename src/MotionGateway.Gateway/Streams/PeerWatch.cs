using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Gateway;

/// <summary>
/// Ends a stream whose peer has gone silent. Only a peer that has sent a heartbeat is watched: a person with a
/// command-line client sends none.
/// </summary>
internal sealed class PeerWatch(GatewayOptions options, TimeProvider timeProvider) : IDisposable
{
    private ResponseLoop? _responses;
    private LazyTimer? _timer;
    private long _heardAt;
    private volatile bool _isWatched;
    private volatile bool _isHeld;

    /// <summary>Watches until it is disposed.</summary>
    public void Start(ResponseLoop responses)
    {
        _responses = responses;
        _timer = new LazyTimer(timeProvider, Look);
    }

    /// <summary>The peer sent something.</summary>
    public void Heard(bool isHeartbeat)
    {
        Volatile.Write(ref _heardAt, timeProvider.GetTimestamp());
        if (isHeartbeat && !_isWatched)
        {
            _isWatched = true;
            _timer!.Set(options.HeartbeatTimeout);
        }
    }

    /// <summary>The peer cannot be heard for a while.</summary>
    public void Hold() => _isHeld = true;

    /// <summary>It can be heard again.</summary>
    public void Release()
    {
        Heard(isHeartbeat: false);
        _isHeld = false;
    }

    /// <summary>The peer has sent all that it will.</summary>
    public void Stop() => _isWatched = false;

    public void Dispose() => _timer?.Dispose();

    private void Look()
    {
        if (!_isWatched)
        {
            return;
        }

        var left = _isHeld ? options.HeartbeatTimeout : options.HeartbeatTimeout - timeProvider.GetElapsedTime(Volatile.Read(ref _heardAt));
        if (left > TimeSpan.Zero)
        {
            _timer!.Set(left);
            return;
        }

        _responses!.Fail(new GatewayException(
            ErrorReason.HeartbeatTimeout,
            $"Nothing came for {options.HeartbeatTimeout.TotalSeconds:0.#} s: call again and resume."));
    }
}
