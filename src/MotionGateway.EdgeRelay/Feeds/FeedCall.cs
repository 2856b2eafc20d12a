using System.Runtime.CompilerServices;
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
    // What comes late by a part of an interval is on its way; what does not come for so many is lost. With the default of 2 s, and
    // noticed a look later, that is within 5 s.
    private const double SilentIntervals = 2.25;
    private const long NotReading = long.MinValue;

    private readonly AsyncDuplexStreamingCall<SubscribeRequest, EncodedResponse> _call;
    private readonly EventLanes? _events;
    private readonly EdgeRelayOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly FeedLooks _looks;
    private readonly CancellationTokenSource _lifetime;
    private readonly CancellationToken _cancellationToken;
    private readonly AsyncSignal _wake;
    private readonly PendingAcknowledgement _acknowledgement;
    private readonly Task _writing;
    private EncodedResponse? _current;
    private WaitingEvent? _taken;
    private long _writtenAt;
    private volatile bool _isOver;
    private bool _isDisposed;

    // Set by the owner in this order while it does not read: who finds the same time before and after has the limit that goes with it.
    private long _silenceTicks;
    private long _readingSince = NotReading;

    // Of the looks.
    private Task _cancelling = Task.CompletedTask;
    private volatile bool _isSilent;

    public FeedCall(
        EncodedFeedClient client, StartFeed start, EventLanes? events, EdgeRelayOptions options, FeedLooks looks, TimeProvider timeProvider,
        CancellationToken cancellationToken)
    {
        _events = events;
        _options = options;
        _looks = looks;
        _timeProvider = timeProvider;
        _cancellationToken = cancellationToken;
        _wake = events?.Wake ?? new AsyncSignal();
        _acknowledgement = new PendingAcknowledgement(timeProvider);
        _lifetime = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _call = client.Subscribe(new CallOptions(cancellationToken: _lifetime.Token));
        _writtenAt = timeProvider.GetTimestamp();
        _writing = WriteAsync(start);
        looks.Add(this);
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
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> MoveNextAsync(TimeSpan silence)
    {
        _current?.Dispose();
        Volatile.Write(ref _silenceTicks, silence.Ticks);
        Volatile.Write(ref _readingSince, _timeProvider.GetTimestamp());
        try
        {
            bool isMore = await _call.ResponseStream.MoveNext(_lifetime.Token);
            _current = isMore ? _call.ResponseStream.Current : null;
            Volatile.Write(ref _readingSince, NotReading);
            return isMore;
        }
        catch (Exception exception) when (exception is RpcException or OperationCanceledException)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            throw exception is RpcException error && !_isSilent ? GatewayFailures.Read(error) : GatewayFailures.Unavailable();
        }
    }

    /// <summary>A response has been processed. The gateway is told some time, before it would have to wait.</summary>
    /// <param name="position">Up to where its responses have been processed.</param>
    /// <param name="bytes">The size of this one.</param>
    /// <param name="windowBytes">Bytes that the gateway sends ahead of acknowledgements.</param>
    public void Processed(LogPosition position, int bytes, int windowBytes)
    {
        if (_acknowledgement.Add(position, bytes, windowBytes))
        {
            _wake.Set();
        }
    }

    /// <summary>Tells the gateway at once how far its responses have been processed; the latest call counts.</summary>
    public void Acknowledge(LogPosition position)
    {
        _acknowledgement.AddAtOnce(position);
        _wake.Set();
    }

    /// <summary>Sees to what is late or due. Called by the looks alone, one at a time.</summary>
    public void Look()
    {
        if (!_isSilent && IsTooSilent())
        {
            _isSilent = true;
            _cancelling = _lifetime.CancelAsync();
        }
        else if (_acknowledgement.Look() || IsHeartbeatDue)
        {
            _wake.Set();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }

        _isOver = true;
        _looks.Remove(this);
        await _cancelling;
        await _lifetime.CancelAsync();
        _wake.Set();
        await _writing;
        _call.Dispose();
        _lifetime.Dispose();
    }

    private bool IsTooSilent()
    {
        long since = Volatile.Read(ref _readingSince);
        var limit = TimeSpan.FromTicks(Volatile.Read(ref _silenceTicks));
        return since != NotReading && _timeProvider.GetElapsedTime(since) >= limit && Volatile.Read(ref _readingSince) == since;
    }

    private bool IsHeartbeatDue => _timeProvider.GetElapsedTime(Volatile.Read(ref _writtenAt)) >= _options.HeartbeatInterval;

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
        Volatile.Write(ref _writtenAt, _timeProvider.GetTimestamp());
    }

    private SubscribeRequest? TakeDueRequest()
    {
        if (_acknowledgement.TryTake(out var position))
        {
            return new SubscribeRequest
            {
                Acknowledge = new AcknowledgePayloads
                {
                    Position = new Position { Epoch = position.Epoch, Sequence = position.Sequence },
                },
            };
        }

        if (_events?.TryTake(out _taken) == true)
        {
            return new SubscribeRequest { ViewerEvent = _taken.Event };
        }

        return IsHeartbeatDue
            ? new SubscribeRequest { Heartbeat = new Heartbeat { Time = Timestamp.FromDateTimeOffset(_timeProvider.GetUtcNow()) } }
            : null;
    }
}
