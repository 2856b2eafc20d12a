using System.Threading.Channels;
using MotionGateway.LocalMotion.Motion;

namespace MotionGateway.LocalMotion.Ingress;

internal delegate ValueTask SegmentWriter(string requestId, MotionSegment segment, CancellationToken cancellationToken);

/// <summary>
/// Turns the audio of one connection into motion, chunk by chunk in the order of arrival. Requests may overlap: each gets the motion
/// of its own audio, and a new request does not end an older one, because concurrent callers of one connection are only promised
/// that their sends keep their order.
/// </summary>
internal sealed class RequestPipeline(
    LocalMotionServerOptions options, int sampleRate, LocalMotionServerCounters counters, SegmentWriter write, Action<string> onStarted,
    Action<string, ReadOnlyMemory<byte>>? onTaken)
{
    // What a chunk costs at least, so that the byte limit bounds the number of tiny chunks too.
    private const int MinChunkCost = 256;
    private const int RememberedAbandoned = 64;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, MotionRequest> _accepting = new(StringComparer.Ordinal);
    private readonly List<MotionRequest> _unfinished = [];
    private readonly List<string> _abandoned = [];
    private readonly long _maxRequestBytes = (long)(options.MaxRequestDuration.TotalSeconds * sampleRate) * sizeof(short);
    private readonly Channel<Chunk> _chunks = Channel.CreateBounded<Chunk>(
        new BoundedChannelOptions((options.MaxBufferedAudioBytes / MinChunkCost) + 1) { SingleReader = true });

    private long _bufferedBytes;

    /// <summary>Queues a chunk. What is not taken changes nothing, except that a request which is too long is given up.</summary>
    public AudioOutcome Accept(string requestId, ReadOnlyMemory<byte> pcm, bool end)
    {
        MotionRequest[] abandoned = [];
        AudioOutcome outcome;
        lock (_gate)
        {
            outcome = Queue(requestId, pcm, end);
            if (outcome == AudioOutcome.RequestTooLong)
            {
                abandoned = Abandon(requestId);
            }

            if (end)
            {
                // Used again, the id is a new request's.
                _abandoned.Remove(requestId);
            }
        }

        Stop(abandoned);
        return outcome;
    }

    /// <summary>Stops the work on a request, quietly. An unknown or finished one is no error: interrupts cross with ends.</summary>
    public void Interrupt(string requestId)
    {
        MotionRequest[] abandoned;
        lock (_gate)
        {
            abandoned = Abandon(requestId);
        }

        Stop(abandoned);
    }

    /// <summary>Takes note of the end of a request whose audio is not accepted any more: its id is free.</summary>
    public void EndAbandoned(string requestId)
    {
        lock (_gate)
        {
            _abandoned.Remove(requestId);
        }
    }

    /// <summary>Whether the request has begun, and neither ended nor been given up.</summary>
    public bool IsOpen(string requestId)
    {
        lock (_gate)
        {
            return _accepting.ContainsKey(requestId);
        }
    }

    /// <summary>Works until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            Task arrival = _chunks.Reader.WaitToReadAsync(cancellationToken).AsTask();
            while (true)
            {
                TimeSpan wait = options.Segments == MotionSegments.Adaptive ? await SendReadyAsync(cancellationToken) : Timeout.InfiniteTimeSpan;
                await arrival.WaitAsync(wait, options.TimeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                cancellationToken.ThrowIfCancellationRequested();
                if (_chunks.Reader.TryRead(out Chunk? chunk))
                {
                    await WorkAsync(chunk, cancellationToken);
                    Settle(chunk);
                    arrival = _chunks.Reader.WaitToReadAsync(cancellationToken).AsTask();
                }
            }
        }
        finally
        {
            lock (_gate)
            {
                _unfinished.Clear();
                _accepting.Clear();
            }
        }
    }

    private Task WorkAsync(Chunk chunk, CancellationToken cancellationToken) => ForAsync(chunk.Request, async working =>
    {
        foreach (MotionSegment segment in chunk.Request.Maker.Add(chunk.Audio))
        {
            await EmitAsync(chunk.Request, segment, working);
        }

        if (chunk.End)
        {
            await EmitAsync(chunk.Request, chunk.Request.Maker.End(), working);
        }
    }, cancellationToken);

    /// <summary>Sends what is due of segments that are not whole, and says how long to wait for the next.</summary>
    private async Task<TimeSpan> SendReadyAsync(CancellationToken cancellationToken)
    {
        MotionRequest[] open;
        lock (_gate)
        {
            open = [.. _unfinished];
        }

        foreach (MotionRequest request in open.Where(request => request.ReadyIn <= TimeSpan.Zero))
        {
            await ForAsync(request, working => EmitAsync(request, request.Maker.CutReady(), working), cancellationToken);
        }

        // Timers count whole milliseconds: rounded down, one would ring too early.
        return open.Min(request => request.ReadyIn) is { } wait
            ? TimeSpan.FromMilliseconds(Math.Ceiling(Math.Max(0, wait.TotalMilliseconds)))
            : Timeout.InfiniteTimeSpan;
    }

    /// <summary>Works on a request until it is given up.</summary>
    private static async Task ForAsync(MotionRequest request, Func<CancellationToken, Task> workAsync, CancellationToken cancellationToken)
    {
        if (request.IsAbandoned)
        {
            return;
        }

        using var work = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, request.Abandoned);
        try
        {
            await workAsync(work.Token);
        }
        catch (OperationCanceledException) when (request.IsAbandoned && !cancellationToken.IsCancellationRequested)
        {
            // Interrupted: the rest of its chunks is skipped.
        }
    }

    private async Task EmitAsync(MotionRequest request, MotionSegment segment, CancellationToken cancellationToken)
    {
        if (options.Pace == ProcessingPace.RealTime)
        {
            TimeSpan early = segment.EndTime - request.Age;
            if (early > TimeSpan.Zero)
            {
                await Task.Delay(early, options.TimeProvider, cancellationToken);
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (request.IsAbandoned)
        {
            return;
        }

        if (segment.End)
        {
            counters.RequestFinished();
        }

        request.Sent();
        await write(request.Id, segment, cancellationToken);
    }

    private void Settle(Chunk chunk)
    {
        lock (_gate)
        {
            _bufferedBytes -= chunk.Cost;
            if (chunk.End)
            {
                _unfinished.Remove(chunk.Request);
            }
        }
    }

    private AudioOutcome Queue(string requestId, ReadOnlyMemory<byte> pcm, bool end)
    {
        int cost = Math.Max(MinChunkCost, pcm.Length);
        if (_abandoned.Contains(requestId))
        {
            return AudioOutcome.Dropped;
        }

        if (_bufferedBytes + cost > options.MaxBufferedAudioBytes)
        {
            return AudioOutcome.BufferFull;
        }

        if (FindOrStart(requestId) is not { } request)
        {
            return AudioOutcome.TooManyRequests;
        }

        request.ReceivedBytes += pcm.Length;
        if (request.ReceivedBytes > _maxRequestBytes)
        {
            return AudioOutcome.RequestTooLong;
        }

        if (end)
        {
            _accepting.Remove(requestId);
        }

        _bufferedBytes += cost;
        onTaken?.Invoke(requestId, pcm);
        // Cannot fail: the capacity is what the byte limit allows at the least cost.
        _chunks.Writer.TryWrite(new Chunk(request, pcm, end, cost));
        return AudioOutcome.Taken;
    }

    private MotionRequest? FindOrStart(string requestId)
    {
        if (_accepting.TryGetValue(requestId, out MotionRequest? request))
        {
            return request;
        }

        if (_unfinished.Count >= options.MaxOpenRequests)
        {
            return null;
        }

        var maker = new MotionMaker(sampleRate, MotionTimeline.KeyframesIn(options.FirstSegment), MotionTimeline.KeyframesIn(options.NextSegments));
        request = new MotionRequest(requestId, maker, options.TimeProvider);
        _accepting.Add(requestId, request);
        _unfinished.Add(request);
        counters.RequestStarted();
        onStarted(requestId);
        return request;
    }

    /// <summary>Gives up every unfinished request of that id; of one that has not had its end, later audio is dropped.</summary>
    /// <returns>Those whose work is to be stopped, without the lock.</returns>
    private MotionRequest[] Abandon(string requestId)
    {
        MotionRequest[] abandoned = [.. _unfinished.Where(request => request.Id == requestId && !request.IsAbandoned)];
        foreach (MotionRequest request in abandoned)
        {
            request.Abandon();
            counters.RequestAbandoned();
        }

        if (_accepting.Remove(requestId, out MotionRequest? open))
        {
            // Its chunks that are queued find it abandoned; no further one will end it.
            _unfinished.Remove(open);
            _abandoned.Add(requestId);
            if (_abandoned.Count > RememberedAbandoned)
            {
                _abandoned.RemoveAt(0);
            }
        }

        return abandoned;
    }

    private static void Stop(MotionRequest[] abandoned)
    {
        foreach (MotionRequest request in abandoned)
        {
            request.StopWork();
        }
    }

    private sealed record Chunk(MotionRequest Request, ReadOnlyMemory<byte> Audio, bool End, int Cost);
}
