using System.Diagnostics;

namespace MotionGateway.MotionServer;

/// <summary>One request in spans and measurements: a span and two durations, from its first audio to its first and its last motion. Thread-safe.</summary>
internal sealed class RequestTrace(TimeProvider time, string connectionId, string requestId, Peer peer = default)
{
    public const string Completed = "completed";
    public const string Interrupted = "interrupted";
    public const string Failed = "failed";
    public const string Abandoned = "abandoned";

    private readonly Lock _lock = new();
    // All guarded by the lock.
    private Phase _phase;
    private long _startedAt;
    private bool _hasMotion;
    private Activity? _span;

    private enum Phase
    {
        NotBegun, UnderWay, Over,
    }

    /// <summary>Notes the first audio, which is about to be sent.</summary>
    /// <returns>The span that the service's own shall join, if there is one.</returns>
    public Activity? Begin()
    {
        lock (_lock)
        {
            if (_phase != Phase.NotBegun)
            {
                return null;
            }

            _phase = Phase.UnderWay;
            _startedAt = time.GetTimestamp();
            // A span that is started becomes the caller's current one, which it must not stay.
            Activity? current = Activity.Current;
            _span = MotionServerTelemetry.Source.StartActivity("motion_server request", ActivityKind.Client);
            Activity.Current = current;
            _span?.SetTag("motion_server.connection.id", connectionId);
            peer.Describe(_span);
            _span?.SetTag("motion_server.request.id", requestId);
            return (_span ?? current) is { IdFormat: ActivityIdFormat.W3C } trace ? trace : null;
        }
    }

    /// <summary>Notes motion, or that playback has begun.</summary>
    public void NoteMotion()
    {
        lock (_lock)
        {
            if (_phase == Phase.UnderWay && !_hasMotion)
            {
                _hasMotion = true;
                _span?.AddEvent(new ActivityEvent("first_motion"));
                MotionServerTelemetry.RecordFirstMotion(time.GetElapsedTime(_startedAt));
            }
        }
    }

    /// <summary>Notes what became of the request. The first call counts.</summary>
    public void End(string outcome, string? errorType = null)
    {
        lock (_lock)
        {
            if (_phase == Phase.UnderWay)
            {
                MotionServerTelemetry.RecordRequest(time.GetElapsedTime(_startedAt), outcome, errorType);
                _span?.SetTag(MotionServerTelemetry.OutcomeTag, outcome);
                if (errorType is not null)
                {
                    _span?.SetTag(MotionServerTelemetry.ErrorType, errorType);
                    _span?.SetStatus(ActivityStatusCode.Error);
                }

                // Stopping changes what is current, here that of whoever sends or receives.
                Activity? current = Activity.Current;
                _span?.Stop();
                Activity.Current = current;
            }

            _phase = Phase.Over;
        }
    }
}
