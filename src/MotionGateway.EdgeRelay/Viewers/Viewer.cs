using System.Text;
using Google.Protobuf.WellKnownTypes;
using MotionGateway.Feeds;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>
/// One viewer's connection. One loop receives, this one sends; whatever ends the feed is set once by <see cref="Fail"/>
/// and told as the last message.
/// </summary>
internal sealed class Viewer : IDisposable
{
    private const int MaxReaderIdBytes = 64;
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    private readonly ViewerServices _services;
    private readonly ViewerSocket _socket;
    private readonly FeedEncoding _encoding;
    private readonly ViewerRequests _requests;
    private readonly AsyncSignal _wake = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly Lock _lock = new();
    private GatewayException? _failure;
    private bool _isEnded;
    private FeedCursor? _cursor;
    private long? _goingAwaySince;

    public Viewer(string sessionId, ViewerSocket socket, FeedEncoding encoding, ViewerServices services)
    {
        SessionId = sessionId;
        _socket = socket;
        _encoding = encoding;
        _services = services;
        _requests = new ViewerRequests(services);
    }

    public string SessionId { get; }

    /// <summary>Identity and reader: a later feed with the same takes this one's place. Known once the start is verified.</summary>
    public (string ViewerId, string ReaderId) Key { get; private set; } = ("", "");

    /// <summary>Serves the viewer until it leaves or its feed ends.</summary>
    public async Task RunAsync()
    {
        var receiving = ReceiveAsync();
        try
        {
            await using var ticks = _services.TimeProvider.CreateTimer(_ => Check(), null, TickInterval, TickInterval);
            await ServeAsync();
        }
        catch (GatewayException failure)
        {
            Fail(failure);
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            // Failed, or the viewer is gone; told below.
            _wake.Set();
        }
        catch (Exception exception)
        {
            ViewerLog.Broken(_services.Logger, exception, SessionId);
            Fail(new GatewayException(ErrorReason.Internal, "The relay failed."));
        }

        await CloseAsync(receiving);
    }

    /// <summary>Ends the feed; the viewer is told why. The first failure counts.</summary>
    public void Fail(GatewayException failure) => End(failure);

    /// <summary>Tells the viewer that the relay will shut down, and ends its feed after the grace.</summary>
    public void GoAway()
    {
        lock (_lock)
        {
            _goingAwaySince ??= _services.TimeProvider.GetTimestamp();
        }

        _wake.Set();
    }

    public void Dispose()
    {
        _socket.Dispose();
        _ended.Dispose();
    }

    private EdgeRelayOptions Options => _services.Options;

    // Fine enough for the shortest limit, so that none is exceeded by much.
    private TimeSpan TickInterval
    {
        get
        {
            var shortest = new[]
            {
                Options.WriteTimeout, Options.StallTimeout, Options.HeartbeatInterval, Options.StartTimeout,
                Options.ShutdownGrace + TimeSpan.FromMilliseconds(80),
            }.Min();
            return TimeSpan.FromMilliseconds(Math.Clamp(shortest.TotalMilliseconds / 4, 20, 1000));
        }
    }

    private async Task ServeAsync()
    {
        var start = await WaitForStartAsync();
        var identity = await VerifyAsync(start);
        Key = (identity.ViewerId, TakeReaderId(start));
        var feed = _services.Directory.Enter(this);
        try
        {
            var session = await WaitForSessionAsync(feed);
            await using var cursor = await FeedCursor.OpenAsync(
                feed, start, Options.WindowBytes, _services.CatchUps, _wake, _ended.Token);
            _cursor = cursor;
            await SendAsync(new SubscribeResponse { Started = CreateStarted(session, cursor.Position, feed) });
            ViewerLog.Came(_services.Logger, SessionId, Key.ViewerId);
            _requests.Open(identity, feed.Events, cursor);
            await FollowAsync(cursor);
        }
        finally
        {
            _cursor = null;
            _services.Directory.Leave(this, feed);
        }
    }

    private async Task<StartFeed> WaitForStartAsync()
    {
        try
        {
            return await _requests.Started.WaitAsync(Options.StartTimeout, _services.TimeProvider, _ended.Token);
        }
        catch (TimeoutException)
        {
            throw new GatewayException(
                ErrorReason.HeartbeatTimeout, $"No start came within {Options.StartTimeout.TotalSeconds:0.#} s of connecting.");
        }
    }

    private async Task<ViewerIdentity> VerifyAsync(StartFeed start)
    {
        var identity = await _services.Keys.VerifyAsync(start.ViewerToken, SessionId, _ended.Token);
        return identity is not null && (start.SessionId.Length == 0 || start.SessionId == SessionId)
            ? identity
            : throw InvalidToken();
    }

    // Whether there is such a session is told no better than whether the token opens it.
    private async Task<FeedStarted> WaitForSessionAsync(SessionFeed feed)
    {
        try
        {
            return await feed.Opened.WaitAsync(_ended.Token);
        }
        catch (GatewayException failure) when (failure.Reason == ErrorReason.SessionNotFound)
        {
            throw InvalidToken();
        }
    }

    private static GatewayException InvalidToken() => new(ErrorReason.ViewerTokenInvalid, ViewerTokens.InvalidMessage);

    private static string TakeReaderId(StartFeed start)
    {
        if (Encoding.UTF8.GetByteCount(start.ReaderId) > MaxReaderIdBytes)
        {
            throw new GatewayException(ErrorReason.InvalidRequest, $"A reader id has at most {MaxReaderIdBytes} bytes.")
            {
                Field = "start.reader_id",
            };
        }

        return start.ReaderId.Length > 0 ? start.ReaderId : Guid.NewGuid().ToString("N");
    }

    private FeedStarted CreateStarted(FeedStarted session, LogPosition position, SessionFeed feed) => new()
    {
        SessionId = SessionId,
        ReaderId = Key.ReaderId,
        Position = new Position { Epoch = position.Epoch, Sequence = position.Sequence },
        LastSequence = Math.Max(feed.Log.End.Sequence, session.LastSequence),
        AvatarId = session.AvatarId,
        SampleRate = session.SampleRate,
        AppId = session.AppId,
        HeartbeatIntervalMs = (int)Options.HeartbeatInterval.TotalMilliseconds,
        WindowBytes = Options.WindowBytes,
    };

    private async Task FollowAsync(FeedCursor cursor)
    {
        bool isToldToGo = false;
        while (!_ended.IsCancellationRequested)
        {
            await cursor.TryJoinAsync();
            if (_goingAwaySince is not null && !isToldToGo)
            {
                isToldToGo = true;
                await SendAsync(new SubscribeResponse { GoingAway = new GoingAway { GraceMs = (int)Options.ShutdownGrace.TotalMilliseconds } });
            }
            else if (cursor.TryRead(_encoding, out var message))
            {
                await SendAsync(message);
            }
            else if (cursor.Fault is { } fault)
            {
                throw fault;
            }
            else if (cursor.IsAtEnd)
            {
                return;
            }
            else if (_services.TimeProvider.GetElapsedTime(_socket.SentAt) >= Options.HeartbeatInterval)
            {
                await SendAsync(new SubscribeResponse { Heartbeat = new Heartbeat { Time = Now } });
            }
            else
            {
                await _wake.WaitAsync();
            }
        }
    }

    private Timestamp Now => Timestamp.FromDateTimeOffset(_services.TimeProvider.GetUtcNow());

    private Task SendAsync(SubscribeResponse response) => SendAsync(_encoding.Encode(response));

    private async Task SendAsync(ReadOnlyMemory<byte> message)
    {
        if (!await _socket.TrySendAsync(message))
        {
            End(failure: null);
            return;
        }

        _services.Metrics.Sent(message.Length);
    }

    private async Task ReceiveAsync()
    {
        try
        {
            while (await _socket.ReceiveAsync() is { } message)
            {
                await _requests.HandleAsync(_encoding.Decode(message), _ended.Token);
            }

            End(failure: null);
            return;
        }
        catch (GatewayException failure)
        {
            Fail(failure);
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            // The feed is over; what the viewer still sends is read and thrown away, so that it reads the close.
            _wake.Set();
        }

        await _socket.DrainAsync();
    }

    // Every limit on the viewer, checked by the clock alone: the loops may be waiting for the viewer.
    private void Check()
    {
        if (_socket.IsSendOverdue)
        {
            Fail(new GatewayException(ErrorReason.ReaderTooSlow, "The viewer does not read."));
            _socket.Abort();
        }

        var time = _services.TimeProvider;
        if (_goingAwaySince is { } since && time.GetElapsedTime(since) >= Options.ShutdownGrace)
        {
            Fail(new GatewayException(ErrorReason.ShuttingDown, "The relay shuts down. Connect again and resume by position."));
        }

        if (_cursor?.BlockedFor > Options.StallTimeout)
        {
            Fail(new GatewayException(
                ErrorReason.ReaderTooSlow,
                $"Media has waited {Options.StallTimeout.TotalSeconds:0.#} s for an acknowledgement. Resume by position."));
        }

        if (time.GetElapsedTime(_requests.ReceivedAt) > Options.PeerTimeout)
        {
            Fail(new GatewayException(ErrorReason.HeartbeatTimeout, "Nothing came from the viewer for too long."));
        }

        _wake.Set();
    }

    private void End(GatewayException? failure)
    {
        lock (_lock)
        {
            if (_isEnded)
            {
                return;
            }

            _isEnded = true;
            _failure = failure;
        }

        _ended.Cancel();
        _wake.Set();
    }

    private async Task CloseAsync(Task receiving)
    {
        End(failure: null);
        if (_failure is { } failure)
        {
            _services.Metrics.ViewerFailed(failure.Reason);
            ViewerLog.Failed(_services.Logger, SessionId, Key.ViewerId, ErrorTable.GetName(failure.Reason), failure.Message);
        }

        await using var overdue = _services.TimeProvider.CreateTimer(_ => _socket.Abort(), null, CloseTimeout, Timeout.InfiniteTimeSpan);
        if (_failure is not null)
        {
            var told = GatewayFailures.ToFailure(_failure).ToFeedFailure(_services.TimeProvider.GetUtcNow());
            await _socket.TrySendAsync(_encoding.Encode(new SubscribeResponse { Failure = told }));
        }

        await _socket.CloseAsync(_failure?.Reason ?? ErrorReason.Unspecified);
        await receiving;
    }
}
