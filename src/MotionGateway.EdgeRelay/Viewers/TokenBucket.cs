namespace MotionGateway.EdgeRelay;

/// <summary>Lets so many events or bytes pass a second, and twice as many at once. Used by one loop.</summary>
internal sealed class TokenBucket(int perSecond, TimeProvider timeProvider)
{
    private double _tokens = perSecond * 2.0;
    private long _filledAt = timeProvider.GetTimestamp();

    /// <summary>Whether nothing has been taken for long.</summary>
    public bool IsFull
    {
        get
        {
            Fill();
            return _tokens >= perSecond * 2.0;
        }
    }

    public bool TryTake(int count = 1)
    {
        Fill();
        if (_tokens < count)
        {
            return false;
        }

        _tokens -= count;
        return true;
    }

    private void Fill()
    {
        long now = timeProvider.GetTimestamp();
        double earned = timeProvider.GetElapsedTime(_filledAt, now).TotalSeconds * perSecond;
        (_tokens, _filledAt) = (Math.Min(perSecond * 2.0, _tokens + earned), now);
    }
}
