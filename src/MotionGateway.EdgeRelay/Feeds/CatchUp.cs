using Google.Protobuf;
using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>
/// A read at the gateway for one viewer that starts before the relay's window. Holds one response at a time: how fast it
/// goes is up to the viewer. A read that is lost goes on when the gateway is there again.
/// </summary>
internal sealed class CatchUp : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop;
    private readonly SessionFeed _feed;
    private readonly GatewayFeeds _gateway;
    private readonly EdgeRelayOptions _options;
    private readonly StartFeed _start;
    private readonly Action _wake;
    private readonly AsyncSignal _taken = new();
    private readonly Action _release;
    private readonly TaskCompletionSource<FeedStarted> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _reading;
    private readonly Lock _lock = new();
    private readonly TimeProvider _timeProvider;
    private readonly bool _isJudgedHere;
    private readonly Backoff _backoff = new();
    private volatile FeedCall _call;
    private long? _lostAt;
    private long _readThrough;
    private (ReadOnlyMemory<byte> Response, long Through)? _next;
    private long _acknowledged = -1;
    private long? _unacknowledgedSince;
    private volatile bool _hasSessionEnded;
    private volatile bool _isComplete;
    private volatile bool _isSpared;
    private volatile bool _isIntroduced;
    private long _lastAtStart;
    private volatile GatewayException? _fault;
    private bool _isDisposed;

    /// <param name="feed">The session's feed, which learns where the gateway's log begins.</param>
    /// <param name="start">Where the read starts.</param>
    /// <param name="wake">Called when there is something to take.</param>
    /// <param name="release">Called once, when the read is over.</param>
    /// <param name="gateway">Opens the read.</param>
    /// <param name="options">How long the gateway may be silent, and away.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    public CatchUp(
        SessionFeed feed, StartFeed start, Action wake, Action release, GatewayFeeds gateway, EdgeRelayOptions options,
        TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        (_feed, _gateway, _options, _timeProvider) = (feed, gateway, options, timeProvider);
        _start = start;
        _isIntroduced = start.FromCase == StartFeed.FromOneofCase.Position || start.Start != FeedStart.Now;
        _isJudgedHere = !start.WithoutAcknowledgements
            && start.SlowReaderPolicy is SlowReaderPolicy.Unspecified or SlowReaderPolicy.Disconnect;
        _wake = wake;
        _release = release;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _call = gateway.OpenCatchUp(start, _stop.Token);
        _reading = ReadAsync();
    }

    /// <summary>What the gateway said when it opened the read.</summary>
    public Task<FeedStarted> Opened => _opened.Task;

    /// <summary>Up to where responses have been taken. Starts at the opened position.</summary>
    public LogPosition Position { get; private set; }

    /// <summary>Why the read failed, if it did.</summary>
    public GatewayException? Fault => _fault;

    /// <summary>Whether the session's end has been read, though not necessarily taken.</summary>
    public bool HasSessionEnded => _hasSessionEnded;

    /// <summary>Whether the session has ended and all of it has been taken.</summary>
    public bool IsAtEnd
    {
        get
        {
            lock (_lock)
            {
                return _isComplete && _hasSessionEnded && _next is null;
            }
        }
    }

    /// <summary>Whether the gateway leaves media of a turn out for the viewer, which it does up to the turn's end.</summary>
    public bool IsSpared => _isSpared;

    /// <summary>Whether the read has passed what its start leaves out of a turn: a window would bring that back.</summary>
    public bool IsIntroduced => _isIntroduced || Position.Sequence >= _lastAtStart;

    /// <summary>
    /// For how long the read has waited with nothing to take for the viewer's acknowledgement; null when it does not, and where the
    /// gateway judges, which spares the viewer something.
    /// </summary>
    public TimeSpan? BlockedFor
    {
        get
        {
            lock (_lock)
            {
                return _isJudgedHere && _next is null && _unacknowledgedSince is { } since ? _timeProvider.GetElapsedTime(since) : null;
            }
        }
    }

    public bool TryTake(out ReadOnlyMemory<byte> response)
    {
        lock (_lock)
        {
            if (_next is not { } next)
            {
                response = default;
                return false;
            }

            response = next.Response;
            Position = Position with { Sequence = next.Through };
            _next = null;
            _unacknowledgedSince ??= _timeProvider.GetTimestamp();
        }

        _taken.Set();
        return true;
    }

    public void Acknowledge(LogPosition position)
    {
        if (position.Epoch != Position.Epoch || position.Sequence > Position.Sequence)
        {
            throw new GatewayException(
                ErrorReason.InvalidRequest,
                $"Sequence {position.Sequence} of epoch {position.Epoch} was not sent on this feed; acknowledge what was.")
            {
                Field = "acknowledge.position",
            };
        }

        lock (_lock)
        {
            // Repeating an old acknowledgement is no progress.
            if (position.Sequence > _acknowledged)
            {
                _acknowledged = position.Sequence;
                _unacknowledgedSince = position.Sequence == Position.Sequence ? null : _timeProvider.GetTimestamp();
            }
        }

        _call.Acknowledge(position);
    }

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        await _stop.CancelAsync();
        _taken.Set();
        await _reading;
        _stop.Dispose();
    }

    private async Task ReadAsync()
    {
        try
        {
            while (await ReadOnceAsync() is { } failure)
            {
                if (!await TryReopenAsync(failure))
                {
                    _fault = GatewayFailures.ForViewers(failure);
                    return;
                }
            }

            _isComplete = true;
            _fault = _hasSessionEnded ? null : GatewayFailures.Unavailable();
        }
        catch (Exception exception) when (exception is OperationCanceledException or InvalidProtocolBufferException)
        {
            _fault = GatewayFailures.Unavailable();
        }
        finally
        {
            if (_opened.TrySetException(_fault ?? GatewayFailures.Unavailable()))
            {
                _ = _opened.Task.Exception;
            }

            _wake();
            await _call.DisposeAsync();
            _release();
        }
    }

    /// <returns>Why the read was lost; null when it has come to its end.</returns>
    private async Task<GatewayException?> ReadOnceAsync()
    {
        try
        {
            while (await _call.MoveNextAsync(_options.PeerTimeout))
            {
                if (TryAccept(_call.Current))
                {
                    _lostAt = null;
                    _backoff.Reset();
                    _wake();
                    await _taken.WaitAsync();
                    _stop.Token.ThrowIfCancellationRequested();
                }
            }

            return null;
        }
        catch (GatewayException failure)
        {
            return failure;
        }
    }

    /// <returns>False when reading on cannot help, or the gateway stays away.</returns>
    private async Task<bool> TryReopenAsync(GatewayException failure)
    {
        if (failure.Reason != ErrorReason.GatewayUnavailable || !_opened.Task.IsCompletedSuccessfully)
        {
            return false;
        }

        _lostAt ??= _timeProvider.GetTimestamp();
        _gateway.Link.Suspect();
        await _call.DisposeAsync();
        await Task.Delay(_backoff.Next(), _timeProvider, _stop.Token);
        if (!await _gateway.Link.TryWaitAsync(_options.GatewayLossLimit - _timeProvider.GetElapsedTime(_lostAt.Value), _stop.Token))
        {
            return false;
        }

        _start.Position = new Position { Epoch = Position.Epoch, Sequence = _readThrough };
        _call = _gateway.OpenCatchUp(_start, _stop.Token);
        return true;
    }

    /// <returns>Whether the response must be taken before the next one is read.</returns>
    private bool TryAccept(ReadOnlyMemory<byte> bytes)
    {
        if (PayloadHeader.TryRead(bytes.Span, out var header))
        {
            _hasSessionEnded = header.Kind == PayloadKind.SessionEnded;
            _isSpared &= header.Kind != PayloadKind.TurnEnded;

            // Of what is left out only the starts of turns come.
            _isIntroduced |= header.Kind != PayloadKind.TurnStarted;
            return Offer(bytes, header.Sequence);
        }

        var response = SubscribeResponse.Parser.ParseFrom(bytes.Span);
        switch (response.ResponseCase)
        {
            case SubscribeResponse.ResponseOneofCase.Started when !_opened.Task.IsCompleted:
                Position = new LogPosition(response.Started.Position.Epoch, response.Started.Position.Sequence);
                _readThrough = Position.Sequence;
                _lastAtStart = response.Started.LastSequence;
                _opened.TrySetResult(response.Started);
                return false;
            case SubscribeResponse.ResponseOneofCase.Skipped:
                _isSpared |= response.Skipped.Reason == SkipReason.ReaderTooSlow;
                if (response.Skipped.Reason == SkipReason.Expired)
                {
                    _feed.NoteGatewayBegin(response.Skipped.Range.Through + 1);
                }

                return Offer(bytes, response.Skipped.Range.Through);
            default:
                return false;
        }
    }

    private bool Offer(ReadOnlyMemory<byte> response, long through)
    {
        lock (_lock)
        {
            // Once it is taken, the next one is read while it is sent: few read so, and each not for long.
            _next = (response.ToArray(), through);
            _readThrough = through;
        }

        return true;
    }
}
