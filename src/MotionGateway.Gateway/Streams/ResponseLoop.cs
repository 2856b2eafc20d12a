using System.Runtime.ExceptionServices;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
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

    private readonly BoundedWriter<EncodedResponse> _writer;
    private readonly GatewayOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly EncodedResponse _response = new();
    private readonly Lock _lock = new();
    private readonly Queue<IMessage> _control = new();
    private IMessage? _first;
    private Exception? _fault;
    private volatile bool _isCompleting;
    private LogReader? _payloads;
    private long _writtenAt;

    /// <param name="writer">Owned by the loop.</param>
    /// <param name="options">The gateway's.</param>
    /// <param name="timeProvider">The clock.</param>
    public ResponseLoop(BoundedWriter<EncodedResponse> writer, GatewayOptions options, TimeProvider timeProvider)
    {
        _writer = writer;
        _options = options;
        _timeProvider = timeProvider;
        _writtenAt = timeProvider.GetTimestamp();
    }

    public AsyncSignal Wake { get; } = new();

    /// <summary>Further control messages, taken one at a time before payloads; null when there is none at present.</summary>
    public Func<IMessage?>? MoreControl { get; init; }

    /// <summary>A payload was written; the argument is its sequence.</summary>
    public Action<long>? Written { get; set; }

    /// <summary>The peer did not keep up, and its policy was carried out.</summary>
    public Action<SlowReaderPolicy>? WasTooSlow { get; set; }

    /// <summary>Silence after which a heartbeat is sent while a turn is under way; null: as at other times.</summary>
    public TimeSpan? TurnHeartbeatInterval { get; init; }

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
            Fail(BoundedWriter<EncodedResponse>.TooSlow());
        }

        Wake.Set();
    }

    /// <summary>Sets the first message, whatever has been added before.</summary>
    public void Begin(IMessage message)
    {
        lock (_lock)
        {
            _first = message;
        }

        Wake.Set();
    }

    /// <summary>Ends the stream with an error, or with a defect.</summary>
    public void Fail(Exception fault)
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

    /// <summary>Tells the peer that the server will shut down: the stream ends with its session, within the grace.</summary>
    public void GoAway(TimeSpan grace) => Post(new SubscribeResponse
    {
        GoingAway = new GoingAway { GraceMs = (int)Math.Max(0, grace.TotalMilliseconds) },
    });

    /// <summary>Writes until the log is complete, the stream is completed or fails.</summary>
    /// <exception cref="GatewayException">The peer does not read. Whatever else the stream failed with is thrown as it is.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var timer = new LazyTimer(_timeProvider, Wake.Set);
        await using var registration = cancellationToken.UnsafeRegister(static wake => ((AsyncSignal)wake!).Set(), Wake);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ThrowIfFailed();
            if (NextControl() is { } message)
            {
                await WriteAsync(message.ToByteArray());
            }
            else if (Payloads is { } payloads && payloads.TryRead(out var entry))
            {
                await WriteAsync(entry.Encoded);
                Written?.Invoke(entry.Sequence);
            }
            else if (IsDone())
            {
                if (LastMessage?.Invoke() is { } last)
                {
                    await WriteAsync(last.ToByteArray());
                }

                return;
            }
            else if (GetHeartbeatDue() is var heartbeatDue && heartbeatDue <= TimeSpan.Zero)
            {
                var heartbeat = new Heartbeat { Time = Timestamp.FromDateTimeOffset(_timeProvider.GetUtcNow()) };
                await WriteAsync(new SubscribeResponse { Heartbeat = heartbeat }.ToByteArray());
            }
            else if (!TrySpare())
            {
                timer.Set(GetNextDue(heartbeatDue));
                await Wake.WaitAsync();
            }
        }
    }

    public void Dispose()
    {
        _payloads?.Dispose();
        _writer.Dispose();
    }

    private bool IsDone() => _isCompleting || (Payloads is { } payloads && payloads.IsAtEnd);

    private IMessage? NextControl()
    {
        lock (_lock)
        {
            if (_first is { } first)
            {
                _first = null;
                return first;
            }

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
                ExceptionDispatchInfo.Throw(_fault);
            }
        }
    }

    /// <returns>Whether the peer is spared what it has waited for too long: there may be more to send.</returns>
    /// <exception cref="GatewayException">The peer does not keep up, and is not to be spared anything more.</exception>
    private bool TrySpare()
    {
        if (Payloads is not { } payloads || payloads.BlockedFor < GetLimit(payloads))
        {
            return false;
        }

        WasTooSlow?.Invoke(payloads.Policy);
        return payloads.TrySpare() ? true : throw BoundedWriter<EncodedResponse>.TooSlow();
    }

    private TimeSpan GetLimit(LogReader payloads) =>
        payloads.Policy == SlowReaderPolicy.Disconnect ? _options.WriteTimeout : _options.SlowReaderTimeout;

    private TimeSpan GetHeartbeatDue()
    {
        // What the peer was not sent yet may be of a turn too.
        bool isTurnUnderWay = Payloads is { } payloads && (payloads.IsTurnUnderWay || payloads.Lag > 0);
        var interval = isTurnUnderWay ? TurnHeartbeatInterval ?? _options.HeartbeatInterval : _options.HeartbeatInterval;
        var due = interval - _timeProvider.GetElapsedTime(_writtenAt);
        // A little early does as well, and its timer need not be set again for that little.
        return due < LazyTimer.Together && due < interval / 8 ? TimeSpan.Zero : due;
    }

    private TimeSpan GetNextDue(TimeSpan heartbeat)
    {
        var blocked = Payloads is { IsBlocked: true } payloads ? GetLimit(payloads) - payloads.BlockedFor : TimeSpan.MaxValue;
        return heartbeat < blocked ? heartbeat : blocked;
    }

    private ValueTask WriteAsync(ReadOnlyMemory<byte> encoded)
    {
        _response.Set(encoded);
        _writtenAt = _timeProvider.GetTimestamp();
        return _writer.WriteAsync(_response);
    }
}
