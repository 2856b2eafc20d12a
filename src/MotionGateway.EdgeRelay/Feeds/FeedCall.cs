using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using MotionGateway.Feeds;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>
/// One <c>Subscribe</c> at the gateway: one loop writes what is due (acknowledgements, viewer events, heartbeats), the
/// owner reads. A gateway that falls silent ends it.
/// </summary>
internal sealed class FeedCall : IAsyncDisposable
{
    // What comes late by half an interval is on its way; what does not come for so many is lost.
    private const double SilentIntervals = 2.5;

    private readonly AsyncDuplexStreamingCall<SubscribeRequest, EncodedResponse> _call;
    private readonly EventLanes? _events;
    private readonly EdgeRelayOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly CancellationTokenSource _silence;
    private readonly CancellationTokenSource _lifetime;
    private readonly CancellationToken _cancellationToken;
    private readonly AsyncSignal _wake;
    private readonly ITimer _heartbeat;
    private readonly Task _writing;
    private readonly Lock _lock = new();
    private EncodedResponse? _current;
    private LogPosition? _acknowledgement;
    private WaitingEvent? _taken;
    private long _writtenAt;
    private volatile bool _isOver;
    private bool _isDisposed;

    public FeedCall(
        EncodedFeedClient client, StartFeed start, EventLanes? events, EdgeRelayOptions options, TimeProvider timeProvider,
        CancellationToken cancellationToken)
    {
        _events = events;
        _options = options;
        _timeProvider = timeProvider;
        _cancellationToken = cancellationToken;
        _wake = events?.Wake ?? new AsyncSignal();
        _silence = new CancellationTokenSource(Timeout.InfiniteTimeSpan, timeProvider);
        _lifetime = CancellationTokenSource.CreateLinkedTokenSource(_silence.Token, cancellationToken);
        _call = client.Subscribe(new CallOptions(cancellationToken: _lifetime.Token));
        _heartbeat = timeProvider.CreateTimer(
            static signal => ((AsyncSignal)signal!).Set(), _wake, options.HeartbeatInterval / 2, options.HeartbeatInterval / 2);
        _writing = WriteAsync(start);
    }

    /// <summary>The response read last, there until the next one is read.</summary>
    public ReadOnlyMemory<byte> Current => _current!.Bytes;

    /// <summary>How long the gateway may be silent while a turn is under way, as it tells when it opens a feed.</summary>
    /// <param name="started">What it told.</param>
    /// <param name="longest">How long it may be silent otherwise.</param>
    public static TimeSpan GetTurnSilence(FeedStarted started, TimeSpan longest)
    {
        var limit = TimeSpan.FromMilliseconds(started.TurnHeartbeatIntervalMs * SilentIntervals);
        return limit > TimeSpan.Zero && limit < longest ? limit : longest;
    }

    /// <summary>Reads the next response.</summary>
    /// <param name="silence">How long none may come; while nothing is read, nothing is missed.</param>
    /// <returns>False when the gateway has ended the feed.</returns>
    /// <exception cref="GatewayException">The feed failed or was lost.</exception>
    public async ValueTask<bool> MoveNextAsync(TimeSpan silence)
    {
        _current?.Dispose();
        _silence.CancelAfter(silence);
        try
        {
            bool isMore = await _call.ResponseStream.MoveNext(_lifetime.Token);
            _current = isMore ? _call.ResponseStream.Current : null;
            _silence.CancelAfter(Timeout.InfiniteTimeSpan);
            return isMore;
        }
        catch (Exception exception) when (exception is RpcException or OperationCanceledException)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            throw exception is RpcException error && !_silence.IsCancellationRequested
                ? GatewayFailures.Read(error)
                : GatewayFailures.Unavailable();
        }
    }

    /// <summary>Tells the gateway how far its responses have been processed; the latest call counts.</summary>
    public void Acknowledge(LogPosition position)
    {
        lock (_lock)
        {
            _acknowledgement = position;
        }

        _wake.Set();
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }

        _isOver = true;
        await _lifetime.CancelAsync();
        _wake.Set();
        await _writing;
        await _heartbeat.DisposeAsync();
        _call.Dispose();
        _lifetime.Dispose();
        _silence.Dispose();
    }

    private async Task WriteAsync(StartFeed start)
    {
        try
        {
            await WriteAsync(new SubscribeRequest { Start = start });
            while (!_isOver)
            {
                if (TakeDueRequest() is { } request)
                {
                    await WriteAsync(request);
                    _taken = null;
                }
                else
                {
                    await _wake.WaitAsync();
                }
            }
        }
        catch (Exception exception) when (exception is RpcException or OperationCanceledException or InvalidOperationException or IOException or HttpRequestException)
        {
            // Reading tells why the call is over; here nothing more can be written.
            _isOver = true;
            if (_taken is { } unsent)
            {
                _events!.PutBack(unsent);
            }
        }
    }

    private async Task WriteAsync(SubscribeRequest request)
    {
        await _call.RequestStream.WriteAsync(request, _lifetime.Token);
        _writtenAt = _timeProvider.GetTimestamp();
    }

    private SubscribeRequest? TakeDueRequest()
    {
        lock (_lock)
        {
            if (_acknowledgement is { } position)
            {
                _acknowledgement = null;
                return new SubscribeRequest
                {
                    Acknowledge = new AcknowledgePayloads
                    {
                        Position = new Position { Epoch = position.Epoch, Sequence = position.Sequence },
                    },
                };
            }
        }

        if (_events?.TryTake(out _taken) == true)
        {
            return new SubscribeRequest { ViewerEvent = _taken.Event };
        }

        return _timeProvider.GetElapsedTime(_writtenAt) >= _options.HeartbeatInterval
            ? new SubscribeRequest { Heartbeat = new Heartbeat { Time = Timestamp.FromDateTimeOffset(_timeProvider.GetUtcNow()) } }
            : null;
    }
}
