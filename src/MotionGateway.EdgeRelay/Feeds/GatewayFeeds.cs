using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>
/// Opens feeds at the gateway, under names that no other relay and no other feed of this one has, and over its connections in turn.
/// </summary>
internal sealed class GatewayFeeds(
    GatewayConnections connections, GatewayLink link, FeedLooks looks, EdgeRelayOptions options, TimeProvider timeProvider)
{
    private readonly string _relayId = $"relay-{Guid.NewGuid():N}"[..18];
    private long _catchUps;

    /// <summary>Whether the gateway can be reached.</summary>
    public GatewayLink Link => link;

    /// <summary>The live feed of a session: the same name each time, so that a reconnect takes the place of the lost one.</summary>
    public FeedCall OpenLive(StartFeed start, EventLanes events, CancellationToken cancellationToken)
    {
        start.ReaderId = _relayId;
        return new FeedCall(connections.Next(), start, events, options, looks, timeProvider, cancellationToken);
    }

    public FeedCall OpenCatchUp(StartFeed start, CancellationToken cancellationToken)
    {
        start.ReaderId = $"{_relayId}-{Interlocked.Increment(ref _catchUps)}";
        return new FeedCall(connections.Next(), start, events: null, options, looks, timeProvider, cancellationToken);
    }
}
