using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using MotionGateway.Feeds;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.Gateway;

/// <summary>
/// The one writer of a stream: a bounded lane of control messages first, then payloads from a cursor, heartbeats when
/// nothing else was sent. Whatever happens wakes it; it never waits for a peer longer than the write time limit.
/// </summary>
/// <remarks>Heartbeats and notices have the same field in both responses: one encoding serves <c>Speak</c> and <c>Subscribe</c>.</remarks>
internal sealed class ResponseLoop : IDisposable
{
    private const int MaxControlMessages = 1024;

    private readonly IServerStreamWriter<EncodedResponse> _stream;
    private readonly GatewayOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly CancellationTokenSource _writeLimit;
    private readonly EncodedResponse _response = new();
    private readonly Lock _lock = new();
    private readonly Queue<IMessage> _control = new();
    private GatewayException? _fault;
    private volatile bool _isCompleting;
    private volatile bool _isGoingAway;
    private LogReader? _payloads;
    private long _writtenAt;

    public ResponseLoop(IServerStreamWriter<EncodedResponse> stream, GatewayOptions options, TimeProvider timeProvider)
    {
        _stream = stream;
        _options = options;
        _timeProvider = timeProvider;
        _writeLimit = new CancellationTokenSource(Timeout.InfiniteTimeSpan, timeProvider);
        _writtenAt = timeProvider.GetTimestamp();
    }

    public AsyncSignal Wake { get; } = new();

    /// <summary>Further control messages, taken one at a time before payloads; null when there is none at present.</summary>
    public Func<IMessage?>? MoreControl { get; init; }

    /// <summary>The last message of a stream whose log is complete.</summary>
    public Func<IMessage?>? LastMessage { get; init; }

    /// <summary>Payloads are sent from this cursor; the loop owns it.</summary>
    public LogReader? Payloads
    {
        get => _payloads;
        set
        {
            _payloads = value;
            Wake.Set();
        }
    }

    /// <summary>Adds a control message. A peer that lets too many pile up is cut off.</summary>
    public void Post(IMessage message)
    {
        bool isFull;
        lock (_lock)
        {
            isFull = _control.Count >= MaxControlMessages;
            if (!isFull)
            {
                _control.Enqueue(message);
            }
        }

        if (isFull)
        {
            Fail(TooSlow());
        }

        Wake.Set();
    }

    /// <summary>Ends the stream with an error.</summary>
    public void Fail(GatewayException fault)
    {
        lock (_lock)
        {
            _fault ??= fault;
        }

        Wake.Set();
    }

    /// <summary>Ends the stream once what can be sent has been sent.</summary>
    public void Complete()
    {
        _isCompleting = true;
        Wake.Set();
    }

    /// <summary>Tells the peer that the server will shut down, and ends the stream after the grace.</summary>
    public void GoAway()
    {
        Post(new SubscribeResponse
        {
            GoingAway = new GoingAway { GraceMs = (int)_options.ShutdownGrace.TotalMilliseconds },
        });
        _isGoingAway = true;
    }

    /// <summary>Writes until the log is complete, the stream is completed or fails.</summary>
    /// <exception cref="GatewayException">The stream failed, or the peer does not read.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        long shortest = Math.Min(_options.HeartbeatInterval.Ticks, _options.WriteTimeout.Ticks);
        var tick = TimeSpan.FromTicks(Math.Max(TimeSpan.TicksPerMillisecond, Math.Min(shortest, _options.ShutdownGrace.Ticks) / 3));
        await using var timer = _timeProvider.CreateTimer(static wake => ((AsyncSignal)wake!).Set(), Wake, tick, tick);
        await using var registration = cancellationToken.UnsafeRegister(static wake => ((AsyncSignal)wake!).Set(), Wake);
        long? goneAt = null;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ThrowIfFailed();
            if (NextControl() is { } message)
            {
                await WriteAsync(message.ToByteArray(), cancellationToken);
            }
            else if (Payloads is { } payloads && payloads.TryRead(out var entry))
            {
                await WriteAsync(entry.Encoded, cancellationToken);
            }
            else if (IsDone())
            {
                if (LastMessage?.Invoke() is { } last)
                {
                    await WriteAsync(last.ToByteArray(), cancellationToken);
                }

                return;
            }
            else if (_timeProvider.GetElapsedTime(_writtenAt) >= _options.HeartbeatInterval)
            {
                var heartbeat = new Heartbeat { Time = Timestamp.FromDateTimeOffset(_timeProvider.GetUtcNow()) };
                await WriteAsync(new SubscribeResponse { Heartbeat = heartbeat }.ToByteArray(), cancellationToken);
            }
            else
            {
                goneAt ??= _isGoingAway ? _timeProvider.GetTimestamp() : null;
                ThrowIfOverdue(goneAt);
                await Wake.WaitAsync();
            }
        }
    }

    public void Dispose()
    {
        _payloads?.Dispose();
        _writeLimit.Dispose();
    }

    private static GatewayException TooSlow() => new(
        ErrorReason.ReaderTooSlow, "The stream was not read in time: call again and go on from the last position.");

    private bool IsDone() => _isCompleting || (Payloads is { } payloads && payloads.IsAtEnd);

    private IMessage? NextControl()
    {
        lock (_lock)
        {
            if (_control.TryDequeue(out var message))
            {
                return message;
            }
        }

        return MoreControl?.Invoke();
    }

    private void ThrowIfFailed()
    {
        lock (_lock)
        {
            if (_fault is not null)
            {
                throw _fault;
            }
        }
    }

    private void ThrowIfOverdue(long? goneAt)
    {
        if (Payloads is { } payloads && payloads.BlockedFor >= _options.WriteTimeout)
        {
            throw TooSlow();
        }

        if (goneAt is { } time && _timeProvider.GetElapsedTime(time) >= _options.ShutdownGrace)
        {
            throw new GatewayException(ErrorReason.ShuttingDown, "This gateway shuts down: call again.");
        }
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> encoded, CancellationToken cancellationToken)
    {
        _response.Set(encoded);
        _writtenAt = _timeProvider.GetTimestamp();
        var write = _stream.WriteAsync(_response, _writeLimit.Token);
        if (write.IsCompletedSuccessfully)
        {
            return;
        }

        _writeLimit.CancelAfter(_options.WriteTimeout);
        try
        {
            await write;
            _writeLimit.CancelAfter(Timeout.InfiniteTimeSpan);
        }
        catch (Exception) when (_writeLimit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw TooSlow();
        }
    }
}
