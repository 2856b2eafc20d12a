using MotionGateway.Feeds;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>
/// Lets viewers' events through to their sessions, as far as they are valid, permitted, and not too many. The rates are those of a
/// viewer, however many feeds it has and whether its events come on them or are posted. Thread-safe.
/// </summary>
internal sealed class ViewerEventIntake(EdgeRelayOptions options, TimeProvider timeProvider)
{
    // Whoever was silent for so long may send as much as one who is new.
    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();

    // Of those who have said something. Guarded by the lock.
    private readonly Dictionary<(string SessionId, string ViewerId), Rates> _rates = [];

    /// <summary>Passes an event on.</summary>
    /// <param name="viewerEvent">The event, which gets its viewer's name.</param>
    /// <param name="identity">Who sends it.</param>
    /// <param name="events">The session's.</param>
    /// <exception cref="GatewayException">The event is not taken.</exception>
    public void Take(ViewerEvent viewerEvent, ViewerIdentity identity, EventLanes events)
    {
        ViewerEventRules.Check(viewerEvent, identity.Permissions);
        viewerEvent.ViewerId = identity.ViewerId;
        switch (viewerEvent.EventCase)
        {
            case ViewerEvent.EventOneofCase.Text when !TryTakeRate(viewerEvent, identity):
                events.CountRefused();
                throw Refuse($"At most {options.ViewerEventsPerSecond} texts a second are passed on.");
            case ViewerEvent.EventOneofCase.Text when !events.TryAdd(viewerEvent):
                throw Refuse("Too much waits for the gateway. Send it again later.");
            case ViewerEvent.EventOneofCase.Text:
                break;
            case ViewerEvent.EventOneofCase.MicrophoneAudio when !TryTakeRate(viewerEvent, identity):
                // Told to the speaker alone: the viewer would be told for each piece.
                events.CountRefused();
                break;
            default:
                events.TryAdd(viewerEvent);
                break;
        }
    }

    private static GatewayException Refuse(string message) => new(ErrorReason.ReaderLimit, message) { Field = "viewer_event.text" };

    private bool TryTakeRate(ViewerEvent viewerEvent, ViewerIdentity identity)
    {
        lock (_lock)
        {
            return FindLocked(identity) is { } rates && (viewerEvent.MicrophoneAudio is { } audio
                ? rates.Microphone.TryTake(audio.Data.Length)
                : rates.Texts.TryTake());
        }
    }

    /// <returns>Null when more viewers speak than the relay may have.</returns>
    private Rates? FindLocked(ViewerIdentity identity)
    {
        var key = (identity.SessionId, identity.ViewerId);
        if (!_rates.TryGetValue(key, out var rates))
        {
            if (!TryMakeRoomLocked())
            {
                return null;
            }

            rates = new Rates(
                new TokenBucket(options.ViewerEventsPerSecond, timeProvider), new TokenBucket(options.MicrophoneBytesPerSecond, timeProvider));
            _rates.Add(key, rates);
        }

        rates.UsedAt = timeProvider.GetTimestamp();
        return rates;
    }

    private bool TryMakeRoomLocked()
    {
        if (_rates.Count < options.MaxViewers)
        {
            return true;
        }

        foreach (var (key, rates) in _rates)
        {
            if (timeProvider.GetElapsedTime(rates.UsedAt) > Memory)
            {
                _rates.Remove(key);
            }
        }

        return _rates.Count < options.MaxViewers;
    }

    private sealed class Rates(TokenBucket texts, TokenBucket microphone)
    {
        public TokenBucket Texts { get; } = texts;

        public TokenBucket Microphone { get; } = microphone;

        public long UsedAt { get; set; }
    }
}
