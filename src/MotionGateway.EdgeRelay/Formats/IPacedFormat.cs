namespace MotionGateway.EdgeRelay;

/// <summary>
/// A format that makes several messages of an entry, or none, and not all at once: what it is given to encode it keeps, and hands out
/// when it is time. There is one of it for each viewer, used by the viewer's worker.
/// </summary>
internal interface IPacedFormat : IFeedFormat
{
    /// <summary>When it has something to hand out without anything new; <see cref="TimeSpan.MaxValue"/>: never.</summary>
    TimeSpan Due { get; }

    /// <summary>Whether it keeps something that is to be handed out, or waited for, before the feed may end.</summary>
    bool IsKeeping { get; }

    /// <summary>Whether its feed is over, although the session goes on.</summary>
    bool IsComplete { get; }

    /// <summary>Hands out a message.</summary>
    /// <returns>False when there is none at present.</returns>
    bool TryTake(out ReadOnlyMemory<byte> message);
}
