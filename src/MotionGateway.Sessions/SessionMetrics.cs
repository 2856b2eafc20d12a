using System.Diagnostics.Metrics;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>The metrics of sessions, meter <c>MotionGateway.Sessions</c>.</summary>
internal sealed class SessionMetrics : IDisposable
{
    public const string MeterName = "MotionGateway.Sessions";

    private readonly Meter _meter = new(MeterName);
    private readonly UpDownCounter<long> _sessions;
    private readonly Counter<long> _turns;
    private readonly Counter<long> _audioBytes;
    private readonly Counter<long> _motionMessages;
    private readonly Counter<long> _keyframes;
    private readonly Counter<long> _failures;
    private readonly Histogram<double> _firstMotion;

    public SessionMetrics()
    {
        _sessions = _meter.CreateUpDownCounter<long>("motiongateway.sessions.active", "{session}", "Sessions that are open.");
        _turns = _meter.CreateCounter<long>("motiongateway.turns.ended", "{turn}", "Turns that ended, by outcome.");
        _audioBytes = _meter.CreateCounter<long>("motiongateway.audio.received", "By", "Speech received.");
        _motionMessages = _meter.CreateCounter<long>("motiongateway.motion.received", "{message}", "Motion messages received.");
        _keyframes = _meter.CreateCounter<long>("motiongateway.keyframes.received", "{keyframe}", "Keyframes received.");
        _failures = _meter.CreateCounter<long>(
            "motiongateway.motion_server.failures", "{failure}", "Failures of the Motion Server, by reason.");
        _firstMotion = _meter.CreateHistogram<double>(
            "motiongateway.turn.first_motion", "s", "Time from a turn's first speech to its first motion.");
    }

    public void SessionOpened() => _sessions.Add(1);

    public void SessionClosed() => _sessions.Add(-1);

    public void TurnEnded(TurnOutcome outcome) =>
        _turns.Add(1, new KeyValuePair<string, object?>("outcome", outcome.ToString()));

    public void AudioReceived(int bytes) => _audioBytes.Add(bytes);

    public void MotionReceived(int keyframes)
    {
        _motionMessages.Add(1);
        _keyframes.Add(keyframes);
    }

    public void MotionServerFailed(ErrorReason reason) =>
        _failures.Add(1, new KeyValuePair<string, object?>("reason", reason.ToString()));

    public void FirstMotion(TimeSpan time) => _firstMotion.Record(time.TotalSeconds);

    public void Dispose() => _meter.Dispose();
}
