using System.Runtime.CompilerServices;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Gateway;

/// <summary>
/// Writes to a peer that may not read, and waits for it no longer than the write time limit. A stream whose limit has passed
/// is reset: what it has not sent would otherwise keep its memory, and its status would wait behind it.
/// </summary>
/// <remarks>One write at a time. Nothing is allocated for one, and a clock is set rarely: as a rule the one set last is still running.</remarks>
internal sealed class BoundedWriter<T> : IDisposable
{
    // HTTP/2's ENHANCE_YOUR_CALM: the peer makes the server hold too much.
    private const int ResetCode = 0xb;

    private readonly IServerStreamWriter<T> _stream;
    private readonly Action _reset;
    private readonly TimeSpan _limit;
    private readonly TimeProvider _timeProvider;
    private readonly LazyTimer _timer;
    private readonly Lock _lock = new();
    // Guarded by _lock. When the write that waits has begun to wait; null while none does.
    private long? _waitsSince;
    private bool _isReset;

    public BoundedWriter(IServerStreamWriter<T> stream, ServerCallContext context, TimeSpan limit, TimeProvider timeProvider)
        : this(stream, () => context.GetHttpContext().Features.Get<IHttpResetFeature>()?.Reset(ResetCode), limit, timeProvider)
    {
    }

    public BoundedWriter(IServerStreamWriter<T> stream, Action reset, TimeSpan limit, TimeProvider timeProvider)
    {
        _stream = stream;
        _reset = reset;
        _limit = limit;
        _timeProvider = timeProvider;
        _timer = new LazyTimer(timeProvider, OnLimit);
    }

    /// <summary>What a stream ends with when its peer does not read.</summary>
    public static GatewayException TooSlow() => new(
        ErrorReason.ReaderTooSlow, "The stream was not read in time: call again and go on from the last position.");

    /// <exception cref="GatewayException">The peer has not read for the time limit; the stream is reset.</exception>
    public ValueTask WriteAsync(T message)
    {
        var write = _stream.WriteAsync(message);
        return write.IsCompletedSuccessfully ? ValueTask.CompletedTask : WaitAsync(write);
    }

    public void Dispose() => _timer.Dispose();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WaitAsync(Task write)
    {
        lock (_lock)
        {
            _waitsSince = _timeProvider.GetTimestamp();
            _timer.Set(_limit);
        }

        try
        {
            await write;
        }
        catch (Exception) when (StopWaiting())
        {
            throw TooSlow();
        }

        // A write of a stream that is reset may end as if it were done.
        if (StopWaiting())
        {
            throw TooSlow();
        }
    }

    /// <returns>The stream was reset meanwhile.</returns>
    private bool StopWaiting()
    {
        lock (_lock)
        {
            _waitsSince = null;
            return _isReset;
        }
    }

    private void OnLimit()
    {
        lock (_lock)
        {
            // It may have been set for an earlier write.
            if (_waitsSince is not { } since)
            {
                return;
            }

            var left = _limit - _timeProvider.GetElapsedTime(since);
            if (left > TimeSpan.Zero)
            {
                _timer.Set(left);
                return;
            }

            _isReset = true;
        }

        _reset();
    }
}
