using System.Diagnostics.Metrics;
using Microsoft.Extensions.Time.Testing;
using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests.Telemetry;

/// <summary>What the instruments say of what happened.</summary>
public sealed class SessionMetricsTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<(string Name, double Value, string Tags)> _seen = [];
    private readonly MeterListener _listener = new();
    private readonly SessionMetrics _metrics;

    public SessionMetricsTests()
    {
        // Other tests have metrics of their own: each has a meter.
        Meter? meter = null;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == meter)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
        _metrics = new SessionMetrics(_time);
        meter = _metrics.Meter;
        _listener.Start();
    }

    [Fact]
    public void OpenTime_LegsComeAndGo_IsTheTimeOfAllTogether()
    {
        _metrics.Legs.Opened();
        _time.Advance(TimeSpan.FromSeconds(10));
        _metrics.Legs.Opened();
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(20, ReadOpenTime());

        _metrics.Legs.Closed();
        _time.Advance(TimeSpan.FromSeconds(100));
        _metrics.Legs.Closed();
        Assert.Equal(120, ReadOpenTime());

        _time.Advance(TimeSpan.FromSeconds(1000));
        Assert.Equal(120, ReadOpenTime());
    }

    [Fact]
    public void TurnEnded_WithoutMotion_SaysWhyAndMeasuresNoMotion()
    {
        _metrics.Turns.Ended(new TurnReport
        {
            Outcome = TurnOutcome.AudioOnly,
            Error = ErrorReason.MotionServerConnectionClosed,
            EndedMs = 2500,
            SentMs = 1,
            FirstWriteMs = 400,
            FirstMotionMs = -1,
            MotionLateMs = 90,
            Recoveries = 2,
        });

        Assert.Contains(
            ("motiongateway.turn.ended", 1.0, "motiongateway.turn.outcome=audio_only error.type=MOTION_SERVER_CONNECTION_CLOSED"), _seen);
        Assert.Contains(("motiongateway.turn.duration", 2.5, "motiongateway.turn.outcome=audio_only"), _seen);
        Assert.Contains(("motiongateway.turn.time_to_first_payload", 0.4, ""), _seen);
        Assert.Contains(("motiongateway.turn.recoveries", 2.0, ""), _seen);
        Assert.DoesNotContain(_seen, seen => seen.Name is "motiongateway.turn.time_to_first_motion" or "motiongateway.turn.motion_lateness");
    }

    public void Dispose()
    {
        _listener.Dispose();
        _metrics.Dispose();
    }

    private double ReadOpenTime()
    {
        _listener.RecordObservableInstruments();
        return _seen.Last(seen => seen.Name == "motiongateway.leg.open_time").Value;
    }

    private void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _seen.Add((instrument.Name, value, string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))));
}
