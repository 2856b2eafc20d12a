using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>What becomes of a viewer that does not keep up, by its policy. Used by the viewer's worker.</summary>
internal sealed class ViewerPace(FeedCursor cursor, ViewerServices services)
{
    private readonly TimeSpan _limit =
        cursor.Policy == SlowReaderPolicy.Disconnect ? services.Options.StallTimeout : services.Options.SlowViewerTimeout;

    /// <summary>Sees whether media waits for the viewer too long, when all that can be sent has been.</summary>
    /// <returns>When to look again, if nothing else happens.</returns>
    /// <exception cref="GatewayException">The viewer is too slow.</exception>
    public TimeSpan Look(TimeSpan now)
    {
        if (cursor.BlockedFor is not { } blocked)
        {
            return TimeSpan.MaxValue;
        }

        if (blocked < _limit)
        {
            return now + _limit - blocked;
        }

        services.Metrics.ViewerTooSlow(cursor.Policy);
        return cursor.TrySpare()
            ? now
            : throw new GatewayException(
                ErrorReason.ReaderTooSlow,
                $"Media has waited {_limit.TotalSeconds:0.#} s for an acknowledgement. Resume by position.");
    }
}
