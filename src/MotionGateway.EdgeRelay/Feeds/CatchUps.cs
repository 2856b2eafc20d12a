using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>Opens catch-up reads, so many at a time, so many of one session, and of these so many for one viewer.</summary>
internal sealed class CatchUps(GatewayFeeds gateway, EdgeRelayOptions options, RelayMetrics metrics, TimeProvider timeProvider) : IDisposable
{
    // A read lasts as long as its viewer likes to acknowledge it: under however many names, a viewer takes one part in so many.
    private const int SharesOfSession = 4;

    private readonly SemaphoreSlim _slots = new(options.MaxCatchUps, options.MaxCatchUps);
    private readonly Lock _lock = new();

    // Of viewers that read or wait. Guarded by the lock.
    private readonly Dictionary<(string SessionId, string ViewerId), Share> _shares = [];

    /// <param name="feed">The session's feed.</param>
    /// <param name="viewerId">Who reads.</param>
    /// <param name="start">Where the viewer starts.</param>
    /// <param name="isNeeded">Whether the read is still needed, when there is a place for it.</param>
    /// <param name="wake">Called when there is something to take.</param>
    /// <param name="cancellationToken">Ends the wait and the read.</param>
    /// <returns>Null when the read is not needed any more.</returns>
    /// <exception cref="GatewayException">The gateway refused, cannot be reached, or too many reads are under way.</exception>
    public async Task<CatchUp?> OpenAsync(
        SessionFeed feed, string viewerId, StartFeed start, Func<bool> isNeeded, Action wake, CancellationToken cancellationToken)
    {
        var place = await TakePlaceAsync(feed, viewerId, cancellationToken);
        metrics.CatchUpBegan();
        if (!isNeeded())
        {
            Release();
            return null;
        }

        var catchUp = new CatchUp(feed, start, wake, Release, gateway, options, timeProvider, cancellationToken);
        try
        {
            await catchUp.Opened.WaitAsync(cancellationToken);
            return catchUp;
        }
        catch
        {
            await catchUp.DisposeAsync();
            throw;
        }

        void Release()
        {
            metrics.CatchUpEnded();
            place.Release();
        }
    }

    public void Dispose() => _slots.Dispose();

    private async Task<Place> TakePlaceAsync(SessionFeed feed, string viewerId, CancellationToken cancellationToken)
    {
        var place = new Place();
        try
        {
            // Whoever waits for its own place keeps none from others.
            var key = (feed.SessionId, viewerId);
            var share = Enter(key);
            place.Add(() => Leave(key, share));
            await TakeAsync(share.Slots, place, cancellationToken);
            await TakeAsync(feed.CatchUpSlots, place, cancellationToken);
            await TakeAsync(_slots, place, cancellationToken);
            return place;
        }
        catch
        {
            place.Release();
            throw;
        }
    }

    private async Task TakeAsync(SemaphoreSlim slots, Place place, CancellationToken cancellationToken)
    {
        if (!await slots.WaitAsync(options.StartTimeout, cancellationToken))
        {
            throw new GatewayException(ErrorReason.ReaderLimit, "Too many viewers are catching up at present. Try again later.");
        }

        place.Add(() => slots.Release());
    }

    private Share Enter((string SessionId, string ViewerId) key)
    {
        lock (_lock)
        {
            if (!_shares.TryGetValue(key, out var share))
            {
                int slots = Math.Max(1, options.MaxCatchUpsPerSession / SharesOfSession);
                _shares.Add(key, share = new Share(new SemaphoreSlim(slots, slots)));
            }

            share.Users++;
            return share;
        }
    }

    private void Leave((string SessionId, string ViewerId) key, Share share)
    {
        lock (_lock)
        {
            if (--share.Users == 0)
            {
                _shares.Remove(key);
                share.Slots.Dispose();
            }
        }
    }

    private sealed class Share(SemaphoreSlim slots)
    {
        public SemaphoreSlim Slots { get; } = slots;

        public int Users { get; set; }
    }

    /// <summary>What a read has taken, given back in the other order.</summary>
    private sealed class Place
    {
        private readonly Stack<Action> _taken = new();

        public void Add(Action giveBack) => _taken.Push(giveBack);

        public void Release()
        {
            while (_taken.TryPop(out var giveBack))
            {
                giveBack();
            }
        }
    }
}
