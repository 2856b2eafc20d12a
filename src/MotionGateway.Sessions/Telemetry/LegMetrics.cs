using System.Diagnostics.Metrics;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>The instruments of sessions' connections to the Motion Server, which are paid for while they are open.</summary>
internal sealed class LegMetrics
{
    private readonly TimeProvider _timeProvider;
    private readonly long _createdAt;
    private readonly UpDownCounter<long> _active;
    private readonly Counter<long> _opened;
    private readonly Counter<long> _failures;

    // Guards the two below.
    private readonly Lock _lock = new();
    private int _open;

    // How long legs were open, less, for each that still is, the age at which it was opened.
    private TimeSpan _openTime;

    public LegMetrics(Meter meter, TimeProvider timeProvider)
    {
        _timeProvider = timeProvider;
        _createdAt = timeProvider.GetTimestamp();
        _active = meter.CreateUpDownCounter<long>("motiongateway.leg.active", "{leg}", "Legs that sessions hold, and pay for.");
        _opened = meter.CreateCounter<long>("motiongateway.leg.opened", "{leg}", "Legs that were opened.");
        _failures = meter.CreateCounter<long>(
            "motiongateway.leg.failures", "{failure}", "Legs that failed or could not be opened, by reason.");
        meter.CreateObservableCounter(
            "motiongateway.leg.open_time", GetOpenSeconds, "s", "How long legs have been open, all together.");
        _active.Add(0);
        _opened.Add(0);
    }

    private TimeSpan Age => _timeProvider.GetElapsedTime(_createdAt);

    public void Opened()
    {
        _active.Add(1);
        _opened.Add(1);
        lock (_lock)
        {
            _open++;
            _openTime -= Age;
        }
    }

    public void Closed()
    {
        _active.Add(-1);
        lock (_lock)
        {
            _open--;
            _openTime += Age;
        }
    }

    public void Failed(ErrorReason reason) => _failures.Add(1, MetricTags.Of(reason));

    private double GetOpenSeconds()
    {
        lock (_lock)
        {
            return (_openTime + (_open * Age)).TotalSeconds;
        }
    }

}
