using MotionGateway.Feeds;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>The last that a viewer is told.</summary>
internal static class ViewerEnd
{
    // Viewers that are told to wait are told different times, from the reason's own up to so much of it.
    private const double LongestWait = 2;

    /// <summary>Tells a viewer why its feed ends, and sends the close.</summary>
    /// <param name="viewer">The viewer.</param>
    /// <param name="failure">Why; null for a normal end.</param>
    /// <param name="transport">What carries the feed, on which nothing is being sent.</param>
    /// <param name="format">How the message is written.</param>
    /// <param name="services">Where the end is counted and logged.</param>
    public static async Task TellAsync(
        Viewer viewer, GatewayException? failure, IViewerTransport transport, IFeedFormat format, ViewerServices services)
    {
        if (failure is not null)
        {
            services.Metrics.ViewerFailed(failure.Reason);
            ViewerLog.Failed(
                services.Logger, viewer.SessionId, viewer.Key.ViewerId, ErrorTable.GetName(failure.Reason), failure.Message);
            var last = format.Encode(CreateLast(viewer, failure, services.TimeProvider));
            if (!last.IsEmpty)
            {
                await transport.TrySendAsync(last);
            }
        }

        await transport.CloseAsync(failure?.Reason ?? ErrorReason.Unspecified);
    }

    private static SubscribeResponse CreateLast(Viewer viewer, GatewayException failure, TimeProvider timeProvider)
    {
        // Where a token does not open the session, the answer is the same whatever the cause.
        var ids = failure.Reason == ErrorReason.ViewerTokenInvalid ? FailureIds.None : new FailureIds { SessionId = viewer.SessionId };
        var told = SpreadWait(Failure.From(failure) with { Ids = failure.Ids.Or(ids) });
        return new SubscribeResponse { Failure = told.ToFeedFailure(timeProvider.GetUtcNow()) };
    }

    private static Failure SpreadWait(Failure failure) => failure.EffectiveRetryAfter is { } wait && wait > TimeSpan.Zero
        ? failure with { RetryAfter = wait * (1 + ((LongestWait - 1) * Random.Shared.NextDouble())) }
        : failure;
}
