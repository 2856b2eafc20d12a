using Google.Protobuf;
using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>
/// A read at the gateway for one viewer that starts before the relay's window. Holds one response at a time: how fast it
/// goes is up to the viewer.
/// </summary>
internal sealed class CatchUp : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop;
    private readonly FeedCall _call;
    private readonly AsyncSignal _wake;
    private readonly AsyncSignal _taken = new();
    private readonly Action _release;
    private readonly TaskCompletionSource<FeedStarted> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _reading;
    private readonly Lock _lock = new();
    private (ReadOnlyMemory<byte> Response, long Through)? _next;
    private volatile bool _hasSessionEnded;
    private volatile bool _isComplete;
    private volatile GatewayException? _fault;
    private bool _isDisposed;

    /// <param name="gateway">Opens the read.</param>
    /// <param name="start">Where it starts.</param>
    /// <param name="wake">Set when there is something to take.</param>
    /// <param name="release">Called once, when the read is over.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    public CatchUp(GatewayFeeds gateway, StartFeed start, AsyncSignal wake, Action release, CancellationToken cancellationToken)
    {
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
            while (await _call.MoveNextAsync())
            {
                if (TryAccept(_call.Current))
                {
                    _wake.Set();
                    await _taken.WaitAsync();
                    _stop.Token.ThrowIfCancellationRequested();
                }
            }

            _isComplete = true;
            _fault = _hasSessionEnded ? null : GatewayFailures.Unavailable();
        }
        catch (Exception exception) when (exception is GatewayException or OperationCanceledException or InvalidProtocolBufferException)
        {
            _fault = exception is GatewayException failure ? GatewayFailures.ForViewers(failure) : GatewayFailures.Unavailable();
        }
        finally
        {
            if (_opened.TrySetException(_fault ?? GatewayFailures.Unavailable()))
            {
                _ = _opened.Task.Exception;
            }

            _wake.Set();
            await _call.DisposeAsync();
            _release();
        }
    }

    /// <returns>Whether the response must be taken before the next one is read.</returns>
    private bool TryAccept(ReadOnlyMemory<byte> bytes)
    {
        if (PayloadHeader.TryRead(bytes.Span, out var header))
        {
            _hasSessionEnded = header.Kind == PayloadKind.SessionEnded;
            return Offer(bytes, header.Sequence);
        }

        var response = SubscribeResponse.Parser.ParseFrom(bytes.Span);
        switch (response.ResponseCase)
        {
            case SubscribeResponse.ResponseOneofCase.Started:
                Position = new LogPosition(response.Started.Position.Epoch, response.Started.Position.Sequence);
                _opened.TrySetResult(response.Started);
                return false;
            case SubscribeResponse.ResponseOneofCase.Skipped:
                return Offer(bytes, response.Skipped.Range.Through);
            default:
                return false;
        }
    }

    private bool Offer(ReadOnlyMemory<byte> response, long through)
    {
        lock (_lock)
        {
            _next = (response, through);
        }

        return true;
    }
}
