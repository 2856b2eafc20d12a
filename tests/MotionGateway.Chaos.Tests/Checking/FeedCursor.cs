using MotionGateway.V1;

namespace MotionGateway.Chaos.Tests.Checking;

/// <summary>
/// One reader's way through a session's log, over all of its feeds: each sequence is seen once and in order, or declared.
/// </summary>
internal sealed class FeedCursor(Promises promises, string who, SessionView view)
{
    private bool _isUnknown = true;

    /// <summary>The position to resume from; null before the first.</summary>
    public Position? Position { get; private set; }

    /// <summary>The session's end has been seen.</summary>
    public bool IsEnded { get; private set; }

    public int Payloads { get; private set; }

    /// <summary>A feed began.</summary>
    /// <param name="position">After which position, as the server says.</param>
    public void Start(Position position)
    {
        promises.Require(
            _isUnknown || position.Equals(Position), who, () => $"resumed after {Position}, and the feed begins after {position}");
        Position = position.Clone();
        _isUnknown = false;
    }

    /// <summary>The position was refused for good: the next feed begins elsewhere.</summary>
    public void Forget()
    {
        Position = null;
        _isUnknown = true;
    }

    public void Skip(SequenceSkipped skipped)
    {
        promises.Require(
            skipped.Range.From == Position!.Sequence + 1 && skipped.Range.Through >= skipped.Range.From, who,
            () => $"skips {skipped.Range} after {Position}");
        promises.Require(skipped.Reason != SkipReason.Unspecified, who, () => $"skips {skipped.Range} without a reason");
        view.Declare(skipped.Range.From, skipped.Range.Through);
        Position = new Position { Epoch = skipped.Epoch, Sequence = skipped.Range.Through };
    }

    public void Take(Payload payload)
    {
        long last = Position!.Sequence;
        promises.Require(!IsEnded, who, () => $"{payload.ContentCase} {payload.Sequence} after the session's end");
        promises.Require(payload.Sequence > last, who, () => $"sequence {payload.Sequence} after {last}");
        if (payload.Sequence > last + 1)
        {
            var discarded = payload.TurnEnded?.Discarded;
            promises.Require(
                discarded is not null && discarded.From <= last + 1 && discarded.Through >= payload.Sequence - 1, who,
                () => $"nothing declares what is between {last} and {payload.Sequence} ({payload.ContentCase}, {discarded})");
        }

        Payloads++;
        Position = new Position { Epoch = payload.Epoch, Sequence = payload.Sequence };
        IsEnded |= payload.SessionEnded is not null;
        view.Take(payload, who);
    }
}
