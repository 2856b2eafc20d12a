namespace MotionGateway.EdgeRelay;

/// <summary>Lets so many events pass a second, and twice as many at once. Used by one loop.</summary>
internal sealed class TokenBucket(int perSecond, TimeProvider timeProvider)
{
    private double _tokens = perSecond * 2.0;
    private long _filledAt = timeProvider.GetTimestamp();

    public bool TryTake()
    {
        long now = timeProvider.GetTimestamp();
        double earned = timeProvider.GetElapsedTime(_filledAt, now).TotalSeconds * perSecond;
        (_tokens, _filledAt) = (Math.Min(perSecond * 2.0, _tokens + earned), now);
        if (_tokens < 1)
        {
            return false;
        }

        _tokens--;
        return true;
    }
}
