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
    private readonly Counter<long> _refusals;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _reconnects;
    private readonly Counter<long> _slowViewers;
    private readonly UpDownCounter<long> _gatewaysAway;

    public RelayMetrics(IMeterFactory factory)
    {
        var meter = factory.Create(MeterName);
        _viewers = meter.CreateUpDownCounter<long>("motiongateway.relay.viewers", "{viewer}", "Viewers connected.");
        _feeds = meter.CreateUpDownCounter<long>("motiongateway.relay.feeds", "{feed}", "Sessions followed at the gateway.");
        _catchUps = meter.CreateUpDownCounter<long>("motiongateway.relay.catch_ups", "{read}", "Catch-up reads at the gateway.");
        _sentBytes = meter.CreateCounter<long>("motiongateway.relay.sent", "By", "Bytes sent to viewers.");
        _droppedEvents = meter.CreateCounter<long>("motiongateway.relay.dropped_events", "{event}", "Viewer events not passed on.");
        _refusals = meter.CreateCounter<long>("motiongateway.relay.refusals", "{connection}", "Connections refused, by HTTP status.");
        _failures = meter.CreateCounter<long>("motiongateway.relay.failures", "{failure}", "Feeds of viewers that failed, by reason.");
        _reconnects = meter.CreateCounter<long>("motiongateway.relay.reconnects", "{attempt}", "Lost feeds of the gateway, by reason.");
        _slowViewers = meter.CreateCounter<long>("motiongateway.relay.slow_viewers", "{time}", "Times that viewers did not keep up, by policy.");
        _gatewaysAway = meter.CreateUpDownCounter<long>("motiongateway.relay.gateways_away", "{gateway}", "Gateways that cannot be reached.");
    }

    public void ViewerCame() => _viewers.Add(1);

    public void ViewerLeft() => _viewers.Add(-1);

    public void FeedBegan() => _feeds.Add(1);

    public void FeedEnded() => _feeds.Add(-1);

    public void CatchUpBegan() => _catchUps.Add(1);

    public void CatchUpEnded() => _catchUps.Add(-1);

    public void Sent(int bytes) => _sentBytes.Add(bytes);

    public void EventDropped() => _droppedEvents.Add(1);

    public void ConnectionRefused(int status) => _refusals.Add(1, new KeyValuePair<string, object?>("http.response.status_code", status));

    public void ViewerFailed(ErrorReason reason) => _failures.Add(1, ReasonTag(reason));

    public void GatewayLost(ErrorReason reason) => _reconnects.Add(1, ReasonTag(reason));

    public void GatewayAway() => _gatewaysAway.Add(1);

    public void GatewayFound() => _gatewaysAway.Add(-1);

    public void ViewerTooSlow(SlowReaderPolicy policy) =>
        _slowViewers.Add(1, new KeyValuePair<string, object?>("motiongateway.slow_reader_policy", $"{policy}"));

    private static KeyValuePair<string, object?> ReasonTag(ErrorReason reason) => new("error.type", ErrorTable.GetName(reason));
}
