using System.Collections.Concurrent;

namespace MotionGateway.Gateway;

/// <summary>The streams that are open, so that each is told of a shutdown.</summary>
internal sealed class OpenCalls(TimeProvider timeProvider)
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentDictionary<Entry, bool> _calls = new();
    private Farewell? _farewell;

    /// <summary>Adds a stream until the result is disposed.</summary>
    /// <param name="goAway">Tells its peer that the server will shut down, and how soon; null: its kind of stream cannot tell.</param>
    public IDisposable Add(Action<TimeSpan>? goAway = null)
    {
        var entry = new Entry(this, goAway);
        _calls[entry] = true;
        if (Volatile.Read(ref _farewell) is { } farewell)
        {
            goAway?.Invoke(farewell.Grace - timeProvider.GetElapsedTime(farewell.Since));
        }

        return entry;
    }

    /// <summary>Tells every stream that the server will shut down.</summary>
    public void GoAway(TimeSpan grace)
    {
        Volatile.Write(ref _farewell, new Farewell(timeProvider.GetTimestamp(), grace));
        foreach (var call in _calls.Keys)
        {
            call.GoAway?.Invoke(grace);
        }
    }

    /// <summary>Waits until all streams have ended, as they do by themselves when their sessions have.</summary>
    /// <param name="limit">How long.</param>
    public async Task DrainAsync(TimeSpan limit)
    {
        using var over = new CancellationTokenSource(limit, timeProvider);
        using var timer = new PeriodicTimer(LookInterval, timeProvider);
        try
        {
            while (!_calls.IsEmpty)
            {
                await timer.WaitForNextTickAsync(over.Token);
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // Whoever does not read in time is cut off.
        }
    }

    private sealed record Farewell(long Since, TimeSpan Grace);

    private sealed class Entry(OpenCalls calls, Action<TimeSpan>? goAway) : IDisposable
    {
        public Action<TimeSpan>? GoAway => goAway;

        public void Dispose() => calls._calls.TryRemove(this, out _);
    }
}
