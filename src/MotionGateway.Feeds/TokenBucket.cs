namespace MotionGateway.Feeds;

/// <summary>Lets so many events or bytes pass a second, and twice as many at once. Used by one at a time.</summary>
/// <param name="perSecond">How many.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class TokenBucket(int perSecond, TimeProvider timeProvider)
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

    /// <summary>Lets events pass, or none of them.</summary>
    /// <param name="count">How many.</param>
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
