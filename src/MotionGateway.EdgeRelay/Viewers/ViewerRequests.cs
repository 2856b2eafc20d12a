using MotionGateway.Feeds;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>What a viewer asks on its feed. Used by the loop that receives.</summary>
internal sealed class ViewerRequests(ViewerServices services)
{
    private readonly TaskCompletionSource<StartFeed> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<OpenFeed> _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TokenBucket _eventRate = new(services.Options.ViewerEventsPerSecond, services.TimeProvider);
    private long _receivedAt = services.TimeProvider.GetTimestamp();
    private long _lostEvents;

    /// <summary>The viewer's start, once it has come.</summary>
    public Task<StartFeed> Started => _started.Task;

    /// <summary>When something came last.</summary>
    public long ReceivedAt => Volatile.Read(ref _receivedAt);

    /// <summary>Lets requests through that need the feed.</summary>
    public void Open(ViewerIdentity viewer, EventLane events, FeedCursor cursor) => _open.TrySetResult(new OpenFeed(viewer, events, cursor));

    /// <exception cref="GatewayException">The request is not valid here.</exception>
    public async ValueTask HandleAsync(SubscribeRequest request, CancellationToken cancellationToken)
    {
        Volatile.Write(ref _receivedAt, services.TimeProvider.GetTimestamp());
        if (!_started.Task.IsCompleted)
        {
            _started.TrySetResult(
                request.Start ?? throw Invalid("start", "The first message of a feed is its start."));
            return;
        }

        switch (request.RequestCase)
        {
            case SubscribeRequest.RequestOneofCase.Start:
                throw Invalid("start", "The feed has been started.");
            case SubscribeRequest.RequestOneofCase.Acknowledge:
                Acknowledge(await _open.Task.WaitAsync(cancellationToken), request.Acknowledge.Position);
                break;
            case SubscribeRequest.RequestOneofCase.ViewerEvent:
                PassOn(await _open.Task.WaitAsync(cancellationToken), request.ViewerEvent);
                break;
            case SubscribeRequest.RequestOneofCase.None:
            case SubscribeRequest.RequestOneofCase.Heartbeat:
            default:
                // A request that this version does not know is none.
                break;
        }
    }

    private static void Acknowledge(OpenFeed feed, Position? position)
    {
        if (position is null)
        {
            throw Invalid("acknowledge.position", "An acknowledgement names a position.");
        }

        feed.Cursor.Acknowledge(new LogPosition(position.Epoch, position.Sequence));
    }

    private void PassOn(OpenFeed feed, ViewerEvent viewerEvent)
    {
        ViewerEventRules.Check(viewerEvent, feed.Viewer.Permissions);
        viewerEvent.ViewerId = feed.Viewer.ViewerId;
        viewerEvent.LostBefore = _lostEvents;
        if (_eventRate.TryTake() && feed.Events.TryAdd(viewerEvent))
        {
            _lostEvents = 0;
            return;
        }

        _lostEvents++;
        services.Metrics.EventDropped();
    }

    private static GatewayException Invalid(string field, string message) => new(ErrorReason.InvalidRequest, message) { Field = field };

    private sealed record OpenFeed(ViewerIdentity Viewer, EventLane Events, FeedCursor Cursor);
}
