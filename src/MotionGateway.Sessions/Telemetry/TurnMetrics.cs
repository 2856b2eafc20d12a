using System.Diagnostics.Metrics;
using System.Text.Json;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>The instruments of turns, measured when they end.</summary>
internal sealed class TurnMetrics
{
    private const string OutcomeTag = "motiongateway.turn.outcome";

    // Where people begin to notice: a pause in talk, and a mouth that does not fit.
    private static readonly double[] Waits = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 1.5, 2, 3, 4.5, 6, 10];
    private static readonly double[] Lateness = [0, 0.04, 0.08, 0.12, 0.2, 0.3, 0.5, 1, 2, 4, 8];
    private static readonly double[] Durations = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600];

    private readonly Counter<long> _ended;
    private readonly Counter<long> _interrupts;
    private readonly Counter<long> _recoveries;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _sent;
    private readonly Histogram<double> _firstMotion;
    private readonly Histogram<double> _firstPayload;
    private readonly Histogram<double> _motionWait;
    private readonly Histogram<double> _motionLateness;

    public TurnMetrics(Meter meter)
    {
        _ended = Count("ended", "{turn}", "Turns that ended, by outcome and reason.");
        _interrupts = Count("interrupts", "{interrupt}", "Interrupts that ended speech.");
        _recoveries = Count("recoveries", "{recovery}", "Times that motion was asked for again within a turn.");
        _duration = Seconds("duration", "Time from a turn's first speech to its end, by outcome.", Durations);
        _sent = Seconds("time_to_send", "Time from a turn's first speech to its way to the Motion Server.", Waits);
        _firstMotion = Seconds("time_to_first_motion", "Time from a turn's first speech to its first motion.", Waits);
        _firstPayload = Seconds("time_to_first_payload", "Time from a turn's first speech to its first payload at a reader.", Waits);
        _motionWait = Seconds("motion_wait", "Time that a turn's audio waited for motion.", Waits);
        _motionLateness = Seconds(
            "motion_lateness", "Time by which a turn's motion came later than its audio was heard, at the worst.", Lateness);
        _interrupts.Add(0);
        _recoveries.Add(0);

        Counter<long> Count(string name, string unit, string description) =>
            meter.CreateCounter<long>($"motiongateway.turn.{name}", unit, description);

        Histogram<double> Seconds(string name, string description, double[] buckets) => meter.CreateHistogram(
            $"motiongateway.turn.{name}", "s", description, advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = buckets });
    }

    public void Interrupted() => _interrupts.Add(1);

    public void Ended(TurnReport report)
    {
        KeyValuePair<string, object?> outcome = new(OutcomeTag, JsonNamingPolicy.SnakeCaseLower.ConvertName($"{report.Outcome}"));
        if (report.Error == ErrorReason.Unspecified)
        {
            _ended.Add(1, outcome);
        }
        else
        {
            _ended.Add(1, outcome, MetricTags.Of(report.Error));
        }

        _recoveries.Add(report.Recoveries);
        Record(_duration, report.EndedMs, outcome);
        Record(_sent, report.SentMs);
        Record(_firstMotion, report.FirstMotionMs);
        Record(_firstPayload, report.FirstWriteMs);
        Record(_motionWait, report.MotionWaitMs);
        Record(_motionLateness, report.FirstMotionMs < 0 ? -1 : report.MotionLateMs);
    }

    // What did not happen is negative.
    private static void Record(Histogram<double> histogram, long milliseconds, params ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (milliseconds >= 0)
        {
            histogram.Record(milliseconds / 1000.0, tags);
        }
    }
}
