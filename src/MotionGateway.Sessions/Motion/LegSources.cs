using MotionGateway.MotionServer;

namespace MotionGateway.Sessions;

/// <summary>Where a host's sessions have their connections to the Motion Server from, and where they leave them.</summary>
/// <param name="first">Makes a session's first connection: a failure is the answer.</param>
/// <param name="further">Makes another in its place, with patience.</param>
/// <param name="lifetime">How long a connection lasts; null: learned from those that reached their limit.</param>
/// <param name="metrics">Counts connections.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class LegSources(
    IMotionConnector first, IMotionConnector further, TimeSpan? lifetime, LegMetrics metrics, TimeProvider timeProvider)
    : IAsyncDisposable
{
    private static readonly TimeSpan GoodbyeLimit = TimeSpan.FromSeconds(1);

    // No service plans for less: one that says so at once has another trouble.
    private static readonly TimeSpan ShortestLifetime = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly HashSet<Task> _goodbyes = [];

    // 0: nothing. Written under the lock; read at each command of each session.
    private long _learnedTicks;

    private TimeSpan? Learned
    {
        get => Interlocked.Read(ref _learnedTicks) is var ticks and > 0 ? TimeSpan.FromTicks(ticks) : null;
        set => Interlocked.Exchange(ref _learnedTicks, value?.Ticks ?? 0);
    }

    /// <summary>How long before its foreseeable end a connection is replaced: a fifth of its life, at most 20 s.</summary>
    private static TimeSpan Margin(TimeSpan lifetime) => TimeSpan.FromTicks(Math.Min(lifetime.Ticks / 5, TimeSpan.TicksPerSecond * 20));

    public async Task<MotionLeg> ConnectAsync(bool isFirst, MotionConnectionOptions options, CancellationToken cancellationToken)
    {
        var connection = await (isFirst ? first : further).ConnectAsync(options, cancellationToken);
        metrics.Opened();
        return new MotionLeg(connection, timeProvider.GetTimestamp()) { HasEgress = options.Egress is not null };
    }

    /// <summary>A connection reached its time limit: others will. To be told before it is let go of.</summary>
    public void Learn(MotionLeg leg, MotionServerException? failure)
    {
        if (failure?.Code != MotionServerErrorCode.SessionDurationExceeded || lifetime is not null)
        {
            return;
        }

        var age = timeProvider.GetElapsedTime(leg.OpenedAt);
        lock (_lock)
        {
            bool isNews = age >= ShortestLifetime && (Learned is not { } learned || age <= learned);
            Learned = isNews ? age : Learned;
        }
    }

    /// <summary>How long until a connection should be replaced; null: nothing is known of its end.</summary>
    public TimeSpan? UntilReplaced(MotionLeg leg)
    {
        return (lifetime ?? Learned) is { } whole ? whole - Margin(whole) - timeProvider.GetElapsedTime(leg.OpenedAt) : null;
    }

    /// <summary>Closes a connection in the background: nobody waits for a peer that does not answer.</summary>
    public void LetGo(MotionLeg leg)
    {
        metrics.Closed();
        lock (_lock)
        {
            // One that has lived far longer than was learned: the lesson was wrong.
            bool isWrong = Learned is { } learned && timeProvider.GetElapsedTime(leg.OpenedAt) > learned + Margin(learned);
            Learned = isWrong ? null : Learned;
            var goodbye = CloseAsync(leg);
            if (!goodbye.IsCompleted)
            {
                _goodbyes.Add(goodbye);
                goodbye.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }
        }
    }

    /// <summary>Waits until all connections are closed, but not for long.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] goodbyes;
        lock (_lock)
        {
            goodbyes = [.. _goodbyes];
        }

        try
        {
            await Task.WhenAll(goodbyes).WaitAsync(GoodbyeLimit, timeProvider);
        }
        catch (TimeoutException)
        {
            // A peer that does not answer is left alone.
        }
    }

    private void Forget(Task goodbye)
    {
        lock (_lock)
        {
            _goodbyes.Remove(goodbye);
        }
    }

    private static async Task CloseAsync(MotionLeg leg)
    {
        await Task.Yield();
        try
        {
            await leg.Connection.DisposeAsync();
        }
        catch (Exception exception) when (exception is MotionServerException or ObjectDisposedException)
        {
            // It ended otherwise: it is gone all the same.
        }
    }
}
