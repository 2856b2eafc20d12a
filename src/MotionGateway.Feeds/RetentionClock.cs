namespace MotionGateway.Feeds;

/// <summary>
/// The time by which entries grow old. It stands still while playback is paused: what is unheard then is still to be heard
/// when playback goes on.
/// </summary>
internal sealed class RetentionClock(TimeProvider timeProvider)
{
    private long _stoodStill;
    private long? _stopped;

    /// <summary>The time at present, in the timestamps of the time provider.</summary>
    public long Now => (_stopped ?? timeProvider.GetTimestamp()) - _stoodStill;

    public TimeSpan GetAge(long since) => timeProvider.GetElapsedTime(since, Now);

    /// <summary>Stops the clock, or lets it go on. Repeating either changes nothing.</summary>
    public void Stop(bool isStopped)
    {
        if (isStopped)
        {
            _stopped ??= timeProvider.GetTimestamp();
        }
        else if (_stopped is { } since)
        {
            _stoodStill += timeProvider.GetTimestamp() - since;
            _stopped = null;
        }
    }
}
