using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;
using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>The feeds of the relay: one per session that has viewers, kept for a while after the last one has left.</summary>
internal sealed class FeedDirectory(
    GatewayFeeds gateway, IOptionsMonitor<EdgeRelayOptions> options, RelayMetrics metrics, TimeProvider timeProvider, ILogger<SessionFeed> logger)
    : BackgroundService
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);

    // In it a session is opened, and what a visitor brought is passed on.
    private static readonly TimeSpan VisitTime = TimeSpan.FromSeconds(10);

    private readonly OwnContext _context = OwnContext.Capture();
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Seats> _sessions = new(StringComparer.Ordinal);

    // Feeds that a new one has replaced, until their viewers have left.
    private readonly List<Seats> _replaced = [];

    /// <summary>Feeds at present.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _sessions.Count + _replaced.Count;
            }
        }
    }

    /// <summary>Gives a viewer a place at its session, whose feed begins with the first one.</summary>
    /// <param name="viewer">The viewer, whose identity is known.</param>
    /// <returns>The feed, to be given back by <see cref="Leave"/>.</returns>
    /// <exception cref="GatewayException">The session has as many viewers as it may have, or as often this one, or the relay as many sessions.</exception>
    public SessionFeed Enter(Viewer viewer)
    {
        Viewer? superseded;
        SessionFeed feed;
        lock (_lock)
        {
            var seats = GetSeats(viewer.SessionId);
            superseded = seats.Take(viewer, options.CurrentValue);
            feed = seats.Feed;
        }

        superseded?.Fail(new GatewayException(ErrorReason.Superseded, "A later feed of the same reader took this one's place."));
        return feed;
    }

    /// <summary>Follows a session for a moment, for somebody who is no viewer of it, such as one who posts an event.</summary>
    /// <param name="sessionId">The session, which the caller has shown a right to.</param>
    /// <returns>The feed, to be used at once.</returns>
    /// <exception cref="GatewayException">The relay follows as many sessions as it may.</exception>
    public SessionFeed Visit(string sessionId)
    {
        lock (_lock)
        {
            var seats = GetSeats(sessionId);
            seats.VisitedAt = timeProvider.GetTimestamp();
            return seats.Feed;
        }
    }

    /// <summary>Viewers that have a place at a feed.</summary>
    public int CountViewers(SessionFeed feed)
    {
        lock (_lock)
        {
            return FindSeatsLocked(feed)?.Count ?? 0;
        }
    }

    /// <summary>Gives a viewer's place back.</summary>
    public void Leave(Viewer viewer, SessionFeed feed)
    {
        lock (_lock)
        {
            FindSeatsLocked(feed)?.Free(viewer, timeProvider.GetTimestamp());
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(SweepInterval, timeProvider);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                foreach (var feed in TakeUnused())
                {
                    await feed.DisposeAsync();
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops: its viewers leave first, StopAsync ends the feeds.
        }
    }

    /// <summary>Ends all feeds. The host calls it when it has no viewer any more.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        List<SessionFeed> feeds;
        lock (_lock)
        {
            feeds = [.. _sessions.Values.Concat(_replaced).Select(seats => seats.Feed)];
            _sessions.Clear();
            _replaced.Clear();
        }

        foreach (var feed in feeds)
        {
            await feed.DisposeAsync();
        }
    }

    private Seats? FindSeatsLocked(SessionFeed feed) => _sessions.TryGetValue(feed.SessionId, out var current) && current.Feed == feed
        ? current
        : _replaced.Find(replaced => replaced.Feed == feed);

    private Seats GetSeats(string sessionId)
    {
        if (_sessions.TryGetValue(sessionId, out var seats))
        {
            if (!seats.Feed.IsBroken)
            {
                return seats;
            }

            _replaced.Add(seats);
        }
        else if (_sessions.Count >= options.CurrentValue.MaxFeeds)
        {
            throw new GatewayException(ErrorReason.ReaderLimit, "The relay follows as many sessions as it may. Try again later.");
        }

        var feed = new SessionFeed(sessionId, gateway, options.CurrentValue, metrics, timeProvider, logger);
        seats = new Seats(feed, timeProvider.GetTimestamp());
        _sessions[sessionId] = seats;
        _context.With(() => logger.BeginScope(new KeyValuePair<string, object?>[] { new("SessionId", sessionId) })).Run(feed.Begin);
        return seats;
    }

    private List<SessionFeed> TakeUnused()
    {
        List<SessionFeed> unused = [];
        lock (_lock)
        {
            foreach (var (sessionId, seats) in _sessions)
            {
                if (seats.IsEmpty && (seats.Feed.IsOver || !IsNeeded(seats)))
                {
                    _sessions.Remove(sessionId);
                    unused.Add(seats.Feed);
                }
                else if (seats.Feed.Opened.IsCompletedSuccessfully)
                {
                    seats.Feed.Log.Trim();
                }
            }

            unused.AddRange(_replaced.Where(seats => seats.IsEmpty).Select(seats => seats.Feed));
            _replaced.RemoveAll(seats => seats.IsEmpty);
        }

        return unused;
    }

    private bool IsNeeded(Seats seats) => timeProvider.GetElapsedTime(seats.EmptySince) < options.CurrentValue.FeedLinger
        || (seats.VisitedAt is { } visitedAt && timeProvider.GetElapsedTime(visitedAt) < VisitTime);

    /// <summary>The viewers of one feed, by identity and reader. Guarded by the directory's lock.</summary>
    private sealed class Seats(SessionFeed feed, long now)
    {
        private readonly Dictionary<(string ViewerId, string ReaderId), Viewer> _viewers = [];
        private readonly Dictionary<string, int> _readers = new(StringComparer.Ordinal);

        public SessionFeed Feed { get; } = feed;

        public int Count => _viewers.Count;

        public bool IsEmpty => _viewers.Count == 0;

        public long EmptySince { get; private set; } = now;

        public long? VisitedAt { get; set; }

        /// <returns>The viewer whose place was taken, if there was one.</returns>
        public Viewer? Take(Viewer viewer, EdgeRelayOptions options)
        {
            if (_viewers.TryGetValue(viewer.Key, out var superseded))
            {
                _viewers[viewer.Key] = viewer;
                return superseded;
            }

            if (_viewers.Count >= options.MaxViewersPerSession)
            {
                throw new GatewayException(
                    ErrorReason.ReaderLimit, $"The session has {_viewers.Count} viewers here, which is as many as it may have.");
            }

            ref int readers = ref CollectionsMarshal.GetValueRefOrAddDefault(_readers, viewer.Key.ViewerId, out _);
            if (readers >= options.MaxReadersPerViewer)
            {
                throw new GatewayException(
                    ErrorReason.ReaderLimit, $"The viewer follows the session {readers} times here, which is as often as it may.");
            }

            readers++;
            _viewers.Add(viewer.Key, viewer);
            return null;
        }

        public void Free(Viewer viewer, long now)
        {
            if (_viewers.TryGetValue(viewer.Key, out var present) && present == viewer)
            {
                _viewers.Remove(viewer.Key);
                if (--CollectionsMarshal.GetValueRefOrAddDefault(_readers, viewer.Key.ViewerId, out _) == 0)
                {
                    _readers.Remove(viewer.Key.ViewerId);
                }

                EmptySince = now;
            }
        }
    }
}
