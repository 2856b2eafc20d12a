using MotionGateway.Chaos.Tests.Checking;
using MotionGateway.V1;

namespace MotionGateway.Chaos.Tests.Reading;

/// <summary>A reader that follows a session to its end, and resumes by its position whenever its feed breaks or it goes away itself.</summary>
internal sealed class ChaosReader : IDisposable
{
    private const int AcknowledgedBytes = 16 * 1024;

    private static readonly TimeSpan SilenceLimit = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    // Of a reader that is slower than speech nothing is promised but that it is told.
    private static readonly TimeSpan MostRest = TimeSpan.FromSeconds(4);

    private readonly Func<IFeedTransport> _connect;
    private readonly string _sessionId;
    private readonly string _viewerToken;
    private readonly StartFeed _start;
    private readonly Promises _promises;
    private readonly string _who;
    private readonly FeedCursor _cursor;
    private readonly Random _random;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private IFeedTransport? _feed;
    private TimeSpan _rested;
    private int _unacknowledged;
    private bool _isGone;

    public ChaosReader(
        Func<IFeedTransport> connect, string sessionId, string viewerToken, StartFeed start, Promises promises, string who, SessionView view,
        int seed)
    {
        _connect = connect;
        _sessionId = sessionId;
        _viewerToken = viewerToken;
        _start = start;
        _promises = promises;
        _who = who;
        _cursor = new FeedCursor(promises, who, view);
        _random = new Random(seed);
    }

    /// <summary>Goes away and comes back now and then.</summary>
    public bool IsRestless { get; init; }

    /// <summary>Reads with pauses.</summary>
    public bool IsLazy { get; init; }

    /// <summary>Called with each payload as it comes.</summary>
    public Action<Payload>? Seen { get; init; }

    public bool HasSeenEnd => _cursor.IsEnded;

    /// <summary>Its position was refused, so that it began anew at the current turn.</summary>
    public int Restarts { get; private set; }

    public int Feeds { get; private set; }

    public string LastBreak { get; private set; } = "";

    public Position? Position => _cursor.Position;

    /// <summary>Follows the session until its end has been seen.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!_cursor.IsEnded && !_isGone && !cancellationToken.IsCancellationRequested)
        {
            try
            {
                await FollowAsync(cancellationToken);
            }
            catch (FeedBrokenException broken)
            {
                OnBroken(broken);
            }
            catch (OperationCanceledException)
            {
                LastBreak = "silence, or it went away";
            }

            if (!_cursor.IsEnded)
            {
                await Task.Delay(Pause, CancellationToken.None);
            }
        }
    }

    /// <summary>Says something to the speaker; nothing where there is no feed at present.</summary>
    public async Task SendAsync(ViewerEvent viewerEvent)
    {
        if (_feed is { } feed)
        {
            await WriteAsync(feed, new SubscribeRequest { ViewerEvent = viewerEvent }, CancellationToken.None);
        }
    }

    public void Dispose() => _writing.Dispose();

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        Feeds++;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        over.CancelAfter(SilenceLimit * 2);
        await using var feed = _connect();
        await WriteAsync(feed, new SubscribeRequest { Start = Start() }, over.Token);
        var beating = BeatAsync(feed, over.Token);
        long goesAt = IsRestless ? _random.Next(20, 200) : long.MaxValue;
        try
        {
            while (await feed.ReceiveAsync(over.Token) is { } response && goesAt-- > 0)
            {
                over.CancelAfter(SilenceLimit);
                await HandleAsync(feed, response, over.Token);
            }
        }
        finally
        {
            _feed = null;
            await over.CancelAsync();
            await beating;
        }
    }

    private StartFeed Start()
    {
        var start = _start.Clone();
        (start.SessionId, start.ViewerToken) = (_sessionId, _viewerToken);
        if (_cursor.Position is { } position)
        {
            start.Position = position;
        }

        return start;
    }

    private async Task HandleAsync(IFeedTransport feed, SubscribeResponse response, CancellationToken cancellationToken)
    {
        switch (response.ResponseCase)
        {
            case SubscribeResponse.ResponseOneofCase.Started:
                _cursor.Start(response.Started.Position);
                _feed = feed;
                break;
            case SubscribeResponse.ResponseOneofCase.Payload:
                Seen?.Invoke(response.Payload);
                _cursor.Take(response.Payload);
                if (IsLazy && _random.Next(20) == 0 && _rested < MostRest)
                {
                    var rest = TimeSpan.FromMilliseconds(_random.Next(10, 500));
                    _rested += rest;
                    await Task.Delay(rest, cancellationToken);
                }

                await AcknowledgeAsync(feed, response.Payload, cancellationToken);
                break;
            case SubscribeResponse.ResponseOneofCase.Skipped:
                _cursor.Skip(response.Skipped);
                break;
            case SubscribeResponse.ResponseOneofCase.Refused:
                _promises.Break(_who, $"refused: {response.Refused}");
                break;
        }
    }

    // Far less than a window is kept waiting; each piece by itself would be most of a reader's work.
    private async Task AcknowledgeAsync(IFeedTransport feed, Payload payload, CancellationToken cancellationToken)
    {
        _unacknowledged += payload.CalculateSize();
        bool isMedia = payload.Audio is not null || payload.Motion is not null;
        if (_unacknowledged >= AcknowledgedBytes || !isMedia)
        {
            _unacknowledged = 0;
            var acknowledge = new AcknowledgePayloads { Position = _cursor.Position };
            await WriteAsync(feed, new SubscribeRequest { Acknowledge = acknowledge }, cancellationToken);
        }
    }

    private void OnBroken(FeedBrokenException broken)
    {
        LastBreak = $"{broken.Reason} {broken.Message}";
        switch (broken.Reason)
        {
            case ErrorReason.SequenceExpired or ErrorReason.EpochChanged or ErrorReason.PositionAhead:
                Restarts++;
                _promises.Break(_who, $"position {_cursor.Position} is not there: {broken.Message}");
                _cursor.Forget();
                break;
            case ErrorReason.SessionNotFound or ErrorReason.ViewerTokenInvalid:
                _promises.Break(_who, $"the session is gone before its end was seen, at {_cursor.Position}: {broken.Message}");
                _isGone = true;
                break;
            case ErrorReason.Internal or ErrorReason.InvalidRequest or ErrorReason.MalformedRequest:
                _promises.Break(_who, $"the feed broke: {broken.Message}");
                break;
        }
    }

    private async Task WriteAsync(IFeedTransport feed, SubscribeRequest request, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await feed.SendAsync(request, cancellationToken);
        }
        catch (ObjectDisposedException)
        {
            // It is over.
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task BeatAsync(IFeedTransport feed, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(HeartbeatInterval, cancellationToken);
                await WriteAsync(feed, new SubscribeRequest { Heartbeat = new Heartbeat() }, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The feed is over.
        }
    }
}
