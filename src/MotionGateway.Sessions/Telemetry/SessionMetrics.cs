using System.Diagnostics.Metrics;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>The instruments of all sessions.</summary>
internal sealed class SessionMetrics : IDisposable
{
    private readonly Meter _meter = new(SessionTelemetry.Name);
    private readonly UpDownCounter<long> _sessions;
    private readonly UpDownCounter<long> _legs;
    private readonly UpDownCounter<long> _heldBytes;
    private readonly Counter<long> _turns;
    private readonly Counter<long> _interrupts;
    private readonly Counter<long> _audioBytes;
    private readonly Counter<long> _motionMessages;
    private readonly Counter<long> _keyframes;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _recoveries;
    private readonly Counter<long> _refused;
    private readonly Histogram<double> _sent;
    private readonly Histogram<double> _firstMotion;
    private readonly Histogram<double> _firstWrite;
    private readonly Histogram<double> _motionWait;
    private readonly Histogram<double> _motionLate;

    public SessionMetrics()
    {
        _sessions = _meter.CreateUpDownCounter<long>("motiongateway.sessions.active", "{session}", "Sessions that are open.");
        _legs = _meter.CreateUpDownCounter<long>(
            "motiongateway.motion_server.connections", "{connection}", "Connections to the Motion Server that sessions hold, and pay for.");
        _heldBytes = _meter.CreateUpDownCounter<long>("motiongateway.sessions.held", "By", "Bytes of logs and waiting media.");
        _turns = _meter.CreateCounter<long>("motiongateway.turns.ended", "{turn}", "Turns that ended, by outcome.");
        _interrupts = _meter.CreateCounter<long>("motiongateway.interrupts", "{interrupt}", "Interrupts that ended speech.");
        _audioBytes = _meter.CreateCounter<long>("motiongateway.audio.received", "By", "Speech received.");
        _motionMessages = _meter.CreateCounter<long>("motiongateway.motion.received", "{message}", "Motion messages received.");
        _keyframes = _meter.CreateCounter<long>("motiongateway.keyframes.received", "{keyframe}", "Keyframes received.");
        _failures = _meter.CreateCounter<long>(
            "motiongateway.motion_server.failures", "{failure}", "Failures of the Motion Server, by reason.");
        _recoveries = _meter.CreateCounter<long>(
            "motiongateway.turn.recoveries", "{recovery}", "Times that motion was asked for again within a turn.");
        _refused = _meter.CreateCounter<long>("motiongateway.sessions.refused", "{session}", "Sessions that were not opened, by reason.");
        _sent = CreateTime("motiongateway.turn.sent", "Time from a turn's first speech to its way to the Motion Server.");
        _firstMotion = CreateTime("motiongateway.turn.first_motion", "Time from a turn's first speech to its first motion.");
        _firstWrite = CreateTime("motiongateway.turn.first_write", "Time from a turn's first speech to its first payload at a reader.");
        _motionWait = CreateTime("motiongateway.turn.motion_wait", "Time that a turn's audio waited for motion.");
        _motionLate = CreateTime("motiongateway.turn.motion_late", "Time by which a turn's motion came later than its audio was heard, at the worst.");
    }

    public void Observe(MotionServerOutage outage) => _meter.CreateObservableGauge(
        "motiongateway.motion_server.outage", () => outage.IsOut ? 1 : 0, "{outage}", "1 while the Motion Server cannot be reached.");

    public void SessionOpened() => _sessions.Add(1);

    public void SessionClosed() => _sessions.Add(-1);

    public void SessionRefused(ErrorReason reason) => _refused.Add(1, Tag("reason", reason));

    public void LegOpened() => _legs.Add(1);

    public void LegClosed() => _legs.Add(-1);

    public void Held(long bytes) => _heldBytes.Add(bytes);

    public void Interrupted() => _interrupts.Add(1);

    public void AudioReceived(int bytes) => _audioBytes.Add(bytes);

    public void MotionReceived(int keyframes)
    {
        _motionMessages.Add(1);
        _keyframes.Add(keyframes);
    }

    public void MotionServerFailed(ErrorReason reason) => _failures.Add(1, Tag("reason", reason));

    public void TurnEnded(TurnReport report)
    {
        _turns.Add(1, Tag("outcome", report.Outcome));
        _recoveries.Add(report.Recoveries);
        Record(_sent, report.SentMs);
        Record(_firstMotion, report.FirstMotionMs);
        Record(_firstWrite, report.FirstWriteMs);
        Record(_motionWait, report.MotionWaitMs);
        Record(_motionLate, report.FirstMotionMs < 0 ? -1 : report.MotionLateMs);
    }

    public void Dispose() => _meter.Dispose();

    private static void Record(Histogram<double> histogram, long milliseconds)
    {
        if (milliseconds >= 0)
        {
            histogram.Record(milliseconds / 1000.0);
        }
    }

    private static KeyValuePair<string, object?> Tag<T>(string name, T value)
        where T : struct, Enum => new(name, value.ToString());

    private Histogram<double> CreateTime(string name, string description) => _meter.CreateHistogram<double>(name, "s", description);
}
