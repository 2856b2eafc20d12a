using System.Diagnostics.Metrics;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>The instruments of all sessions.</summary>
internal sealed class SessionMetrics : IDisposable
{
    private readonly UpDownCounter<long> _active;
    private readonly UpDownCounter<long> _draining;
    private readonly UpDownCounter<long> _heldBytes;
    private readonly Counter<long> _opened;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _cut;
    private readonly Counter<long> _speechBytes;
    private readonly Counter<long> _motionMessages;
    private readonly Counter<long> _keyframes;
    private readonly UpDownCounter<long> _sessionLimit;
    private readonly UpDownCounter<long> _memoryLimit;
    private long _mostSessions;
    private long _mostBytes;

    /// <param name="timeProvider">The clock.</param>
    public SessionMetrics(TimeProvider timeProvider)
    {
        _active = UpDown("session.active", "{session}", "Sessions that are open, by app.");
        _draining = UpDown("session.draining", "{session}", "Sessions whose speech a shutdown waits for.");
        _heldBytes = UpDown("session.memory.usage", "By", "Bytes of logs and of media that waits, by app.");
        _opened = Count("session.opened", "{session}", "Sessions that were opened, by app.");
        _refused = Count("session.refused", "{session}", "Sessions that were not opened, by reason and app.");
        _cut = Count("session.cut", "{session}", "Sessions that a shutdown ended with speech that was not heard.");
        _speechBytes = Count("speech.received", "By", "Speech received.");
        _motionMessages = Count("motion.received", "{message}", "Motion messages received.");
        _keyframes = Count("motion.keyframes", "{keyframe}", "Keyframes received.");
        _sessionLimit = UpDown("session.limit", "{session}", "Sessions that may be open at one time.");
        _memoryLimit = UpDown("session.memory.limit", "By", "Bytes of logs and of media that waits, at which no session is opened any more.");
        Legs = new LegMetrics(Meter, timeProvider);
        Turns = new TurnMetrics(Meter);

        // Zeros are shown from the start: what has grown since is known only then.
        _draining.Add(0);
        _cut.Add(0);
    }

    /// <summary>The meter of this host.</summary>
    public Meter Meter { get; } = new(SessionTelemetry.Name);

    /// <summary>Shows for each app whether its Motion Server can be reached.</summary>
    public void Observe(Func<IEnumerable<(string Name, bool IsOut)>> outages) => Meter.CreateObservableGauge(
        "motiongateway.motion_server.outage",
        () => outages().Select(app => new Measurement<int>(app.IsOut ? 1 : 0, OfApp(app.Name))),
        "{outage}", "1 while the Motion Server cannot be reached, by app.");

    public LegMetrics Legs { get; }

    public TurnMetrics Turns { get; }

    /// <summary>An app is there.</summary>
    public void AppKnown(string app)
    {
        _active.Add(0, OfApp(app));
        _heldBytes.Add(0, OfApp(app));
        _opened.Add(0, OfApp(app));
    }

    /// <summary>The bounds of all sessions, from now on.</summary>
    /// <param name="sessions">Sessions that may be open.</param>
    /// <param name="bytes">Bytes that they may hold.</param>
    public void Bound(long sessions, long bytes)
    {
        _sessionLimit.Add(sessions - _mostSessions);
        _memoryLimit.Add(bytes - _mostBytes);
        (_mostSessions, _mostBytes) = (sessions, bytes);
    }

    public void Began(string app) => _active.Add(1, OfApp(app));

    public void Ended(string app) => _active.Add(-1, OfApp(app));

    public void Opened(string app) => _opened.Add(1, OfApp(app));

    public void Refused(ErrorReason reason, string app) => _refused.Add(1, MetricTags.Of(reason), OfApp(app));

    public void DrainBegan(int sessions) => _draining.Add(sessions);

    public void Drained(bool isHeard)
    {
        _draining.Add(-1);
        _cut.Add(isHeard ? 0 : 1);
    }

    public void Held(long bytes, string app) => _heldBytes.Add(bytes, OfApp(app));

    public void SpeechReceived(int bytes) => _speechBytes.Add(bytes);

    public void MotionReceived(int keyframes)
    {
        _motionMessages.Add(1);
        _keyframes.Add(keyframes);
    }

    public void Dispose() => Meter.Dispose();

    private Counter<long> Count(string name, string unit, string description) =>
        Meter.CreateCounter<long>($"motiongateway.{name}", unit, description);

    private UpDownCounter<long> UpDown(string name, string unit, string description) =>
        Meter.CreateUpDownCounter<long>($"motiongateway.{name}", unit, description);

    // Only apps that the settings name: there are few.
    private static KeyValuePair<string, object?> OfApp(string app) => new("motiongateway.app", app);
}
