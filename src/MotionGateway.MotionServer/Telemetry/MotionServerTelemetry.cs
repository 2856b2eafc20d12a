using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;

namespace MotionGateway.MotionServer;

/// <summary>The activity source and the meter of this library, and what it measures.</summary>
public static class MotionServerTelemetry
{
    /// <summary>Name of the activity source and of the meter.</summary>
    public const string Name = "MotionGateway.MotionServer";

    internal const string ErrorType = "error.type";
    internal const string OutcomeTag = "motion_server.outcome";
    internal const string RegionTag = "motion_server.region";
    private const string ReasonTag = "motion_server.reason";
    private const string DirectionTag = "network.io.direction";

    internal static readonly ActivitySource Source = new(Name);
    internal static readonly Meter Meter = new(Name);

    // Advice for whoever collects histograms.
    private static readonly double[] Waits = [0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 1.5, 2, 3, 4.5, 6, 10];
    private static readonly double[] Durations = [0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300];
    private static readonly double[] Lifetimes = [1, 10, 60, 300, 600, 1800, 3600, 10800];

    private static readonly Counter<long> Messages = Count("messages", "{message}", "Messages sent to and received from the Motion Server.");
    private static readonly Counter<long> Bytes = Count("io", "By", "Bytes of messages sent to and received from the Motion Server.");
    private static readonly Counter<long> Unusable = Count("ignored_messages", "{message}", "Messages received and not used, by reason.");
    private static readonly Counter<long> Keyframes = Count("keyframes", "{keyframe}", "Keyframes received.");
    private static readonly Counter<long> Errors = Count("errors", "{error}", "Failures, each counted once, by stable code and phase.");
    private static readonly Counter<long> Reconnects = Count("reconnects", "{attempt}", "Further attempts to connect, by retry class.");
    private static readonly Counter<long> HandOuts = Count("pool.handouts", "{connection}", "Connections that a pool was asked for: ready (hit), opened (miss), or not pooled (bypassed).");
    private static readonly Counter<long> PoolDiscards = Count("pool.discarded_connections", "{connection}", "Ready connections that were closed unused, by reason.");
    private static readonly Counter<long> TokensFetched = Count("tokens.fetched", "{token}", "Session tokens fetched.");
    private static readonly Counter<long> TokensHandedOut = Count("tokens.handed_out", "{token}", "Times that a connect got a session token, by where it came from.");
    private static readonly Counter<long> TokensDiscarded = Count("tokens.discarded", "{token}", "Session tokens thrown away, by reason.");
    private static readonly Counter<long> Bootstraps = Count("bootstraps", "{request}", "Bootstrap requests, by where the region came from after them.");
    private static readonly Counter<long> Fallbacks = Count("region_fallbacks", "{fallback}", "Times that a region failed and the next one was tried, by the region that failed.");
    private static readonly UpDownCounter<long> Connections = UpDown("active_connections", "Connections that are open.");
    private static readonly UpDownCounter<long> Pooled = UpDown("pool.ready_connections", "Connections that are open and wait for their use.");
    private static readonly Histogram<double> StepDuration = Seconds("step.duration", "Duration of the steps of opening and closing a connection.", Waits);
    private static readonly Histogram<double> ConnectionDuration = Seconds("connection.duration", "How long connections were open.", Lifetimes);
    private static readonly Histogram<double> FirstMotion = Seconds("request.time_to_first_motion", "Time from a request's first audio to its first motion (with egress: to its playback).", Waits);
    private static readonly Histogram<double> RequestDuration = Seconds("request.duration", "Time from a request's first audio to its end, by outcome.", Durations);

    private static readonly KeyValuePair<string, object?> Sent = new(DirectionTag, "transmit");
    private static readonly KeyValuePair<string, object?> Received = new(DirectionTag, "receive");

    internal static void RecordSent(int bytes)
    {
        Messages.Add(1, Sent);
        Bytes.Add(bytes, Sent);
    }

    internal static void RecordReceived(int bytes)
    {
        Messages.Add(1, Received);
        Bytes.Add(bytes, Received);
    }

    internal static void RecordKeyframes(int count) => Keyframes.Add(count);
    internal static void RecordFirstMotion(TimeSpan wait) => FirstMotion.Record(wait.TotalSeconds);

    internal static void RecordRequest(TimeSpan duration, string outcome, string? errorType) =>
        RequestDuration.Record(duration.TotalSeconds, With([], (OutcomeTag, outcome), (ErrorType, errorType)));

    internal static void RecordIgnored(string reason) => Unusable.Add(1, With([], (ReasonTag, reason)));

    internal static void RecordError(MotionServerException failure) =>
        Errors.Add(1, With(Regional(failure.Region), (ErrorType, failure.Code.ToStableName()), ("motion_server.phase", failure.Phase.ToStableName())));

    internal static void RecordReconnect(MotionServerRetry retry) => Reconnects.Add(1, With([], ("motion_server.retry", retry.ToStableName())));
    internal static void RecordPooled(int change, string? region) => Pooled.Add(change, Regional(region));
    internal static void RecordHandOut(string outcome, string? region) => HandOuts.Add(1, With(Regional(region), (OutcomeTag, outcome)));
    internal static void RecordPoolDiscard(string reason, string? region) => PoolDiscards.Add(1, With(Regional(region), (ReasonTag, reason)));
    internal static void RecordOpened(Peer peer) => Connections.Add(1, peer.Tags());

    internal static void RecordEnded(TimeSpan open, Peer peer)
    {
        Connections.Add(-1, peer.Tags());
        ConnectionDuration.Record(open.TotalSeconds, peer.Tags());
    }

    internal static void RecordStep(string step, TimeSpan duration, string? errorType, Peer peer) =>
        StepDuration.Record(duration.TotalSeconds, With(peer.Tags(), ("motion_server.step", step), (ErrorType, errorType)));

    internal static void RecordTokenFetched() => TokensFetched.Add(1);
    internal static void RecordTokenHandedOut(bool fromStock) => TokensHandedOut.Add(1, With([], ("motion_server.token.source", fromStock ? "stock" : "fetched")));

    internal static void RecordTokensDiscarded(int count, string reason)
    {
        for (; count > 0; count--)
        {
            TokensDiscarded.Add(1, With([], (ReasonTag, reason)));
        }
    }

    internal static void RecordBootstrap(RegionSource source, Exception? failure) => Bootstraps.Add(1, With(
        [],
        ("motion_server.region.source", JsonNamingPolicy.SnakeCaseLower.ConvertName(source.ToString())),
        (ErrorType, failure is MotionServerException known ? known.Code.ToStableName() : failure?.GetType().FullName)));

    internal static void RecordFallback(string? region) => Fallbacks.Add(1, Regional(region));

    private static Counter<long> Count(string name, string unit, string description) => Meter.CreateCounter<long>($"motion_server.client.{name}", unit, description);

    private static UpDownCounter<long> UpDown(string name, string description) => Meter.CreateUpDownCounter<long>($"motion_server.client.{name}", "{connection}", description);

    private static Histogram<double> Seconds(string name, string description, double[] buckets) => Meter.CreateHistogram(
        $"motion_server.client.{name}", "s", description, advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = buckets });

    // Explicit URLs belong to no region: then the tag is left out.
    private static TagList Regional(string? region) => new Peer(region, null).Tags();

    // What has no value is left out.
    private static TagList With(TagList tags, params ReadOnlySpan<(string Name, string? Value)> more)
    {
        foreach ((string name, string? value) in more)
        {
            if (value is not null)
            {
                tags.Add(name, value);
            }
        }

        return tags;
    }
}
