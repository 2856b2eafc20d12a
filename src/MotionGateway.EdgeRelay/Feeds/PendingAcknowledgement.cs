using MotionGateway.Feeds;

namespace MotionGateway.EdgeRelay;

/// <summary>
/// Up to where the gateway's responses have been processed, until the gateway is told. It needs to know so that it sends on, not at once:
/// a part of its window is told together, and what is less after a while. Thread-safe.
/// </summary>
internal sealed class PendingAcknowledgement(TimeProvider timeProvider)
{
    // With a quarter told, three are left for what is on its way; the gateway never waits for less to be told.
    private const int PartsOfWindow = 4;
    private static readonly TimeSpan MaxAge = TimeSpan.FromMilliseconds(500);

    private readonly Lock _lock = new();

    // Guarded by the lock.
    private LogPosition? _position;
    private long _bytes;
    private long _since;
    private bool _isDue;

    /// <summary>A response has been processed.</summary>
    /// <param name="position">Up to where all have been.</param>
    /// <param name="bytes">Its size.</param>
    /// <param name="windowBytes">Bytes that the gateway sends ahead of acknowledgements.</param>
    /// <returns>Whether the gateway is to be told now.</returns>
    public bool Add(LogPosition position, int bytes, int windowBytes)
    {
        lock (_lock)
        {
            if (_position is null)
            {
                _since = timeProvider.GetTimestamp();
            }

            (_position, _bytes) = (position, _bytes + bytes);
            return _isDue |= _bytes >= windowBytes / PartsOfWindow;
        }
    }

    /// <summary>The gateway is to be told now, since it or somebody else waits for it. The latest position counts.</summary>
    public void AddAtOnce(LogPosition position)
    {
        lock (_lock)
        {
            (_position, _isDue) = (position, true);
        }
    }

    /// <summary>Whether what is pending has waited long enough, or is due already.</summary>
    public bool Look()
    {
        lock (_lock)
        {
            return _isDue |= _position is not null && timeProvider.GetElapsedTime(_since) >= MaxAge;
        }
    }

    /// <summary>Takes what is due.</summary>
    public bool TryTake(out LogPosition position)
    {
        lock (_lock)
        {
            position = _position.GetValueOrDefault();
            if (!_isDue)
            {
                return false;
            }

            (_position, _bytes, _isDue) = (null, 0, false);
            return true;
        }
    }
}
