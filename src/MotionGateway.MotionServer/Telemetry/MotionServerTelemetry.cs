using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace MotionGateway.MotionServer;

/// <summary>The activity source and the meter of this library, and what it measures.</summary>
public static class MotionServerTelemetry
{
    /// <summary>Name of the activity source and of the meter.</summary>
    public const string Name = "MotionGateway.MotionServer";

    internal const string ErrorType = "error.type";
    internal const string PhaseTag = "motion_server.phase";
    internal const string StepTag = "motion_server.step";
    internal const string OutcomeTag = "motion_server.outcome";
    internal const string RegionTag = "motion_server.region";
    private const string ReasonTag = "motion_server.reason";
    private const string DirectionTag = "network.io.direction";

    internal static readonly ActivitySource Source = new(Name);
    internal static readonly Meter Meter = new(Name);

    private static readonly Counter<long> Messages = Meter.CreateCounter<long>(
        "motion_server.client.messages", "{message}", "Messages sent to and received from the Motion Server.");

    private static readonly Counter<long> Bytes = Meter.CreateCounter<long>(
        "motion_server.client.io", "By", "Bytes of messages sent to and received from the Motion Server.");

    private static readonly Counter<long> Unusable = Meter.CreateCounter<long>(
        "motion_server.client.ignored_messages", "{message}", "Messages received and not used, by reason.");

    private static readonly Counter<long> Keyframes = Meter.CreateCounter<long>(
        "motion_server.client.keyframes", "{keyframe}", "Keyframes received.");

    private static readonly Counter<long> Errors = Meter.CreateCounter<long>(
        "motion_server.client.errors", "{error}", "Failures, each counted once, by stable code and phase.");

    private static readonly UpDownCounter<long> Connections = Meter.CreateUpDownCounter<long>(
        "motion_server.client.active_connections", "{connection}", "Connections that are open.");

    private static readonly Histogram<double> StepDuration = Meter.CreateHistogram<double>(
        "motion_server.client.step.duration", "s", "Duration of the steps of opening and closing a connection.");

    private static readonly Histogram<double> ConnectionDuration = Meter.CreateHistogram<double>(
        "motion_server.client.connection.duration", "s", "How long connections were open.");

    private static readonly Histogram<double> FirstMotion = Meter.CreateHistogram<double>(
        "motion_server.client.request.time_to_first_motion", "s", "Time from a request's first audio to its first motion (with egress: to its playback).");

    private static readonly Histogram<double> RequestDuration = Meter.CreateHistogram<double>(
        "motion_server.client.request.duration", "s", "Time from a request's first audio to its end, by outcome.");

    private static readonly Counter<long> Reconnects = Meter.CreateCounter<long>(
        "motion_server.client.reconnects", "{attempt}", "Further attempts to connect, by retry class.");

    private static readonly UpDownCounter<long> Pooled = Meter.CreateUpDownCounter<long>(
        "motion_server.client.pool.ready_connections", "{connection}", "Connections that are open and wait for their use.");

    private static readonly Counter<long> HandOuts = Meter.CreateCounter<long>(
        "motion_server.client.pool.handouts", "{connection}", "Connections that a pool was asked for: ready (hit), opened (miss), or not pooled (bypassed).");

    private static readonly Counter<long> PoolDiscards = Meter.CreateCounter<long>(
        "motion_server.client.pool.discarded_connections", "{connection}", "Ready connections that were closed unused, by reason.");

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

    internal static void RecordRequest(TimeSpan duration, string outcome, string? errorType)
    {
        TagList tags = new() { { OutcomeTag, outcome } };
        if (errorType is not null)
        {
            tags.Add(ErrorType, errorType);
        }

        RequestDuration.Record(duration.TotalSeconds, tags);
    }

    internal static void RecordIgnored(string reason) => Unusable.Add(1, new KeyValuePair<string, object?>(ReasonTag, reason));

    internal static void RecordError(MotionServerException failure)
    {
        TagList tags = Regional(failure.Region);
        tags.Add(ErrorType, failure.Code.ToStableName());
        tags.Add(PhaseTag, failure.Phase.ToStableName());
        Errors.Add(1, tags);
    }

    internal static void RecordReconnect(MotionServerRetry retry) =>
        Reconnects.Add(1, new KeyValuePair<string, object?>("motion_server.retry", retry.ToStableName()));

    internal static void RecordPooled(int change, string? region) => Pooled.Add(change, Regional(region));

    internal static void RecordHandOut(string outcome, string? region)
    {
        TagList tags = Regional(region);
        tags.Add(OutcomeTag, outcome);
        HandOuts.Add(1, tags);
    }

    internal static void RecordPoolDiscard(string reason, string? region)
    {
        TagList tags = Regional(region);
        tags.Add(ReasonTag, reason);
        PoolDiscards.Add(1, tags);
    }

    internal static void RecordOpened(Peer peer) => Connections.Add(1, peer.Tags());

    internal static void RecordEnded(TimeSpan open, Peer peer)
    {
        TagList tags = peer.Tags();
        Connections.Add(-1, tags);
        ConnectionDuration.Record(open.TotalSeconds, tags);
    }

    internal static void RecordStep(string step, TimeSpan duration, string? errorType, Peer peer)
    {
        TagList tags = peer.Tags();
        tags.Add(StepTag, step);
        if (errorType is not null)
        {
            tags.Add(ErrorType, errorType);
        }

        StepDuration.Record(duration.TotalSeconds, tags);
    }

    // Explicit URLs belong to no region: then the tag is left out.
    private static TagList Regional(string? region) => new Peer(region, null).Tags();
}
