using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Gateway;

/// <summary>
/// Ends a stream whose peer has gone silent. Only a peer that has sent a heartbeat is watched: a person with a
/// command-line client sends none.
/// </summary>
internal sealed class PeerWatch(GatewayOptions options, TimeProvider timeProvider)
{
    private long _heardAt;
    private volatile bool _isWatched;
    private volatile bool _isHeld;

    /// <summary>Watches until the result is disposed.</summary>
    public IDisposable Start(ResponseLoop responses) => timeProvider.CreateTimer(
        _ => Check(responses), null, options.HeartbeatTimeout / 3, options.HeartbeatTimeout / 3);

    /// <summary>The peer sent something.</summary>
    public void Heard(bool isHeartbeat)
    {
        Volatile.Write(ref _heardAt, timeProvider.GetTimestamp());
        _isWatched |= isHeartbeat;
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

    private void Check(ResponseLoop responses)
    {
        if (_isWatched && !_isHeld && timeProvider.GetElapsedTime(Volatile.Read(ref _heardAt)) >= options.HeartbeatTimeout)
        {
            responses.Fail(new GatewayException(
                ErrorReason.HeartbeatTimeout,
                $"Nothing came for {options.HeartbeatTimeout.TotalSeconds:0.#} s: call again and resume."));
        }
    }
}
