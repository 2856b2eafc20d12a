using System.Diagnostics.Metrics;
using System.Text.Json;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>What the relay measures.</summary>
internal sealed class RelayMetrics
{
    public const string MeterName = "MotionGateway.EdgeRelay";

    // Beyond the last ones a viewer is slow, by the limits' defaults.
    private static readonly double[] Lags = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15];

    private readonly UpDownCounter<long> _viewers;
    private readonly UpDownCounter<long> _feeds;
    private readonly UpDownCounter<long> _catchUps;
    private readonly UpDownCounter<long> _draining;
    private readonly UpDownCounter<long> _gatewaysAway;
    private readonly Counter<long> _sentBytes;
    private readonly Counter<long> _droppedEvents;
    private readonly Counter<long> _refusals;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _reconnects;
    private readonly Counter<long> _slowViewers;
    private readonly Histogram<double> _lag;

    public RelayMetrics(IMeterFactory factory)
    {
        var meter = factory.Create(MeterName);
        _viewers = UpDown("viewers", "{viewer}", "Viewers connected, by what carries their feeds.");
        _feeds = UpDown("feeds", "{feed}", "Sessions followed at the gateway.");
        _catchUps = UpDown("catch_ups", "{read}", "Catch-up reads at the gateway.");
        _draining = UpDown("draining", "{relay}", "1 while a shutdown ends the feeds of viewers.");
        _gatewaysAway = UpDown("gateways_away", "{gateway}", "Gateways that cannot be reached.");
        _sentBytes = Count("sent", "By", "Bytes sent to viewers.");
        _droppedEvents = Count("dropped_events", "{event}", "Viewer events not passed on.");
        _refusals = Count("refusals", "{connection}", "Connections refused, by HTTP status.");
        _failures = Count("failures", "{failure}", "Feeds of viewers that failed, by reason.");
        _reconnects = Count("reconnects", "{attempt}", "Lost feeds of the gateway, by reason.");
        _slowViewers = Count("slow_viewers", "{time}", "Times that viewers did not keep up, by policy.");
        _lag = meter.CreateHistogram(
            "motiongateway.relay.viewer_lag", "s", "How long after it came from the gateway a viewer was sent what it had to wait for.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Lags });
        _feeds.Add(0);
        _catchUps.Add(0);
        _draining.Add(0);
        _gatewaysAway.Add(0);
        _sentBytes.Add(0);
        _droppedEvents.Add(0);

        UpDownCounter<long> UpDown(string name, string unit, string description) =>
            meter.CreateUpDownCounter<long>($"motiongateway.relay.{name}", unit, description);

        Counter<long> Count(string name, string unit, string description) =>
            meter.CreateCounter<long>($"motiongateway.relay.{name}", unit, description);
    }

    /// <summary>Whether anybody wants to know <see cref="ViewerLag"/>.</summary>
    public bool IsLagMeasured => _lag.Enabled;

    public void ViewerCame(string transport) => _viewers.Add(1, TransportTag(transport));

    public void ViewerLeft(string transport) => _viewers.Add(-1, TransportTag(transport));

    public void ViewerLag(TimeSpan lag) => _lag.Record(lag.TotalSeconds);

    public void FeedBegan() => _feeds.Add(1);

    public void FeedEnded() => _feeds.Add(-1);

    public void CatchUpBegan() => _catchUps.Add(1);

    public void CatchUpEnded() => _catchUps.Add(-1);

    public void DrainBegan() => _draining.Add(1);

    public void DrainEnded() => _draining.Add(-1);

    public void GatewayAway() => _gatewaysAway.Add(1);

    public void GatewayFound() => _gatewaysAway.Add(-1);

    public void Sent(int bytes) => _sentBytes.Add(bytes);

    public void EventDropped() => _droppedEvents.Add(1);

    public void ConnectionRefused(int status) => _refusals.Add(1, new KeyValuePair<string, object?>("http.response.status_code", status));

    public void ViewerFailed(ErrorReason reason) => _failures.Add(1, ReasonTag(reason));

    public void GatewayLost(ErrorReason reason) => _reconnects.Add(1, ReasonTag(reason));

    public void ViewerTooSlow(SlowReaderPolicy policy) => _slowViewers.Add(
        1, new KeyValuePair<string, object?>("motiongateway.slow_reader_policy", JsonNamingPolicy.SnakeCaseLower.ConvertName($"{policy}")));

    private static KeyValuePair<string, object?> ReasonTag(ErrorReason reason) => new("error.type", ErrorTable.GetName(reason));

    private static KeyValuePair<string, object?> TransportTag(string transport) => new("motiongateway.relay.transport", transport);
}
