using System.Collections.Concurrent;
using Grpc.Core;

namespace MotionGateway.Gateway;

/// <summary>The streams that are open, so that each is told of a shutdown.</summary>
internal sealed class OpenCalls(TimeProvider timeProvider)
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(20);

    // In which a peer comes back whose stream broke: by a first pause, or when it has found the gateway again.
    private static readonly TimeSpan ReturnTime = TimeSpan.FromSeconds(2);

    // In which a peer reads the end of a stream that it does not acknowledge. A connection that is closed takes with it what has not been read.
    private static readonly TimeSpan ReadTime = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<OpenCall, bool> _calls = new();
    private Farewell? _farewell;
    private long _brokeAt = long.MinValue;
    private long _endedAt = long.MinValue;

    /// <summary>Whether the server will shut down.</summary>
    public bool IsGoingAway => Volatile.Read(ref _farewell) is not null;

    /// <summary>
    /// Adds a stream until its response is written to its end. Kestrel counts a stream as over before that, and a connection without
    /// streams is closed at once when the server stops: the end would be cut off.
    /// </summary>
    /// <param name="context">The stream's call.</param>
    /// <param name="goAway">Tells its peer that the server will shut down, and how soon; null: its kind of stream cannot tell.</param>
    public OpenCall Add(ServerCallContext context, Action<TimeSpan>? goAway = null)
    {
        var entry = new OpenCall(goAway);
        _calls[entry] = true;
        context.GetHttpContext().Response.OnCompleted(() =>
        {
            Remove(entry);
            return Task.CompletedTask;
        });
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

    /// <summary>
    /// Waits until all streams have ended, as they do by themselves when their sessions have. Who comes back after a stream that broke is
    /// waited for a little, since it does not know the end yet; and so is who has to read it still.
    /// </summary>
    /// <param name="limit">How long.</param>
    public async Task DrainAsync(TimeSpan limit)
    {
        using var over = new CancellationTokenSource(limit, timeProvider);
        using var timer = new PeriodicTimer(LookInterval, timeProvider);
        try
        {
            while (!_calls.IsEmpty || IsWithin(ReturnTime, ref _brokeAt) || IsWithin(ReadTime, ref _endedAt))
            {
                await timer.WaitForNextTickAsync(over.Token);
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // Whoever does not read in time is cut off.
        }
    }

    private bool IsWithin(TimeSpan time, ref long since) =>
        Interlocked.Read(ref since) is var at && at != long.MinValue && timeProvider.GetElapsedTime(at) < time;

    private void Remove(OpenCall call)
    {
        if (Volatile.Read(ref _farewell) is not null)
        {
            Interlocked.Exchange(ref call.IsComplete ? ref _endedAt : ref _brokeAt, timeProvider.GetTimestamp());
        }

        _calls.TryRemove(call, out _);
    }

    private sealed record Farewell(long Since, TimeSpan Grace);
}
