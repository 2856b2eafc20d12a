using System.Diagnostics.Metrics;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>What the relay measures.</summary>
internal sealed class RelayMetrics
{
    public const string MeterName = "MotionGateway.EdgeRelay";

    private readonly UpDownCounter<long> _viewers;
    private readonly UpDownCounter<long> _feeds;
    private readonly UpDownCounter<long> _catchUps;
    private readonly Counter<long> _sentBytes;
    private readonly Counter<long> _droppedEvents;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _reconnects;

    public RelayMetrics(IMeterFactory factory)
    {
        var meter = factory.Create(MeterName);
        _viewers = meter.CreateUpDownCounter<long>("motiongateway.relay.viewers", "{viewer}", "Viewers connected.");
        _feeds = meter.CreateUpDownCounter<long>("motiongateway.relay.feeds", "{feed}", "Sessions followed at the gateway.");
        _catchUps = meter.CreateUpDownCounter<long>("motiongateway.relay.catch_ups", "{read}", "Catch-up reads at the gateway.");
        _sentBytes = meter.CreateCounter<long>("motiongateway.relay.sent", "By", "Bytes sent to viewers.");
        _droppedEvents = meter.CreateCounter<long>("motiongateway.relay.dropped_events", "{event}", "Viewer events not passed on.");
        _failures = meter.CreateCounter<long>("motiongateway.relay.failures", "{failure}", "Feeds of viewers that failed, by reason.");
        _reconnects = meter.CreateCounter<long>("motiongateway.relay.reconnects", "{attempt}", "Lost feeds of the gateway, by reason.");
    }

    public void ViewerCame() => _viewers.Add(1);

    public void ViewerLeft() => _viewers.Add(-1);

    public void FeedBegan() => _feeds.Add(1);

    public void FeedEnded() => _feeds.Add(-1);

    public void CatchUpBegan() => _catchUps.Add(1);

    public void CatchUpEnded() => _catchUps.Add(-1);

    public void Sent(int bytes) => _sentBytes.Add(bytes);

    public void EventDropped() => _droppedEvents.Add(1);

    public void ViewerFailed(ErrorReason reason) => _failures.Add(1, ReasonTag(reason));

    public void GatewayLost(ErrorReason reason) => _reconnects.Add(1, ReasonTag(reason));

    private static KeyValuePair<string, object?> ReasonTag(ErrorReason reason) => new("error.type", ErrorTable.GetName(reason));
}
