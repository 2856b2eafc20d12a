namespace MotionGateway.LocalMotion.Ingress;

/// <summary>Notices when a connection has had neither audio nor motion for too long.</summary>
internal sealed class SilenceWatch(TimeSpan? limit, TimeProvider timeProvider)
{
    private long _lastActivity = timeProvider.GetTimestamp();

    public void Touch() => Interlocked.Exchange(ref _lastActivity, timeProvider.GetTimestamp());

    /// <summary>Returns when the time is over; without a limit only by cancellation.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        TimeSpan left = limit ?? Timeout.InfiniteTimeSpan;
        do
        {
            await Task.Delay(left, timeProvider, cancellationToken);
            left = (limit ?? TimeSpan.Zero) - timeProvider.GetElapsedTime(Interlocked.Read(ref _lastActivity));
        }
        while (left > TimeSpan.Zero);
    }
}
