using Google.Protobuf.WellKnownTypes;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>What a viewer is sent next: what it has to be told, then the session. Used by the viewer's worker.</summary>
internal sealed class ViewerMessages(ViewerFeed feed, ViewerInbox inbox, IFeedFormat format, ViewerServices services)
{
    // A heartbeat is due this part of the interval after the last message, at the earliest, so that viewers that were sent the
    // same are not all sent theirs at once.
    private const double SoonestHeartbeat = 0.75;

    // As good as never, and still a time that can be added to another.
    private static readonly TimeSpan Never = TimeSpan.FromDays(3650);

    private readonly double _heartbeatSpread = Spread.From(SoonestHeartbeat);
    private readonly IPacedFormat? _paced = format as IPacedFormat;
    private TimeSpan? _goesAwayAt;
    private bool _isToldOfLoss;

    /// <summary>Silence after which a heartbeat is sent: shorter while a turn is under way.</summary>
    public TimeSpan HeartbeatInterval => format.Heartbeats == FeedHeartbeats.OfTransport
        ? Never
        : _heartbeatSpread * (feed.Cursor.IsTurnUnderWay ? services.Options.EffectiveTurnHeartbeatInterval : services.Options.HeartbeatInterval);

    /// <summary>When there is something to send without anything new; <see cref="TimeSpan.MaxValue"/>: never.</summary>
    public TimeSpan Due => _paced?.Due ?? TimeSpan.MaxValue;

    /// <summary>Whether the viewer has been sent all that it is to be sent.</summary>
    public bool IsOver => _paced?.IsComplete == true || (feed.Cursor.IsOver && (_paced?.IsKeeping != true || feed.Cursor.Fault is not null));

    /// <summary>The viewer is to be told that its feed ends at a time, because the relay shuts down.</summary>
    public void GoAway(TimeSpan at) => _goesAwayAt = at;

    /// <summary>Takes the next message.</summary>
    /// <param name="now">The worker's time.</param>
    /// <param name="sentAt">When something was sent last.</param>
    /// <param name="message">The message.</param>
    /// <returns>False when there is nothing to send at present.</returns>
    public bool TryTake(TimeSpan now, TimeSpan sentAt, out ReadOnlyMemory<byte> message)
    {
        while (TakeControl(now) is { } control)
        {
            message = format.Encode(control);
            if (!message.IsEmpty)
            {
                return true;
            }
        }

        if (TryTakePayload(out message))
        {
            return true;
        }

        if (feed.Cursor.IsOver || now - sentAt < HeartbeatInterval)
        {
            return false;
        }

        var time = Timestamp.FromDateTimeOffset(services.TimeProvider.GetUtcNow());
        message = format.Encode(new SubscribeResponse { Heartbeat = new Heartbeat { Time = time } });
        return true;
    }

    private bool TryTakePayload(out ReadOnlyMemory<byte> message)
    {
        do
        {
            if (_paced?.TryTake(out message) == true)
            {
                return true;
            }

            message = default;
        }
        while (_paced?.IsComplete != true && feed.Cursor.TryRead(format, out message) && message.IsEmpty);
        return !message.IsEmpty;
    }

    private SubscribeResponse? TakeControl(TimeSpan now)
    {
        if (feed.TakeStarted() is { } started)
        {
            return new SubscribeResponse { Started = started };
        }

        if (_goesAwayAt is { } due)
        {
            _goesAwayAt = null;
            return new SubscribeResponse { GoingAway = new GoingAway { GraceMs = (int)Math.Max(0, (due - now).TotalMilliseconds) } };
        }

        if (feed.Feed.Loss is var loss && loss.IsAway != _isToldOfLoss)
        {
            _isToldOfLoss = !_isToldOfLoss;
            return loss.CreateNotice(_isToldOfLoss);
        }

        return inbox.TakeAnswer();
    }
}
