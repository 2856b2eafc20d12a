using System.Diagnostics;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>A turn in traces: a span from its first speech to its end, in the trace of the call that brought it.</summary>
internal sealed class TurnTrace
{
    private readonly Activity? _span;

    private TurnTrace(Activity? span, Activity? call) => (_span, Context) = (span, span ?? call);

    /// <summary>Nothing is traced.</summary>
    public static TurnTrace None { get; } = new(null, null);

    /// <summary>What is done for the turn is part of this. Where the turn is not sampled it is the call, so that nothing of it is.</summary>
    public Activity? Context { get; }

    /// <summary>Begins a turn's span in the trace that is current.</summary>
    public static TurnTrace Begin(string sessionId, string turnId)
    {
        var call = Activity.Current;
        var span = SessionTelemetry.Source.StartActivity("turn");
        Activity.Current = call;
        span?.SetTag("session.id", sessionId);
        span?.SetTag("turn.id", turnId);
        return new TurnTrace(span, call);
    }

    /// <summary>Motion was lost on its way.</summary>
    public void MotionLost(ErrorReason reason) => _span?.AddEvent(new ActivityEvent("motion_lost", tags: new() { ["error.type"] = $"{reason}" }));

    /// <summary>Motion that was lost has come by another request.</summary>
    public void MotionRecovered() => _span?.AddEvent(new ActivityEvent("motion_recovered"));

    /// <summary>Another call goes on with the turn.</summary>
    public void ResumedBy(Activity? call)
    {
        if (call is not null && call != Context)
        {
            _span?.AddLink(new ActivityLink(call.Context));
        }
    }

    /// <summary>Ends the span.</summary>
    public void End(TurnReport report)
    {
        if (_span is null)
        {
            return;
        }

        _span.SetTag("turn.outcome", $"{report.Outcome}");
        _span.SetTag("turn.first_motion_ms", report.FirstMotionMs >= 0 ? report.FirstMotionMs : null);
        _span.SetTag("turn.keyframes", report.KeyframeCount);
        _span.SetTag("turn.recoveries", report.Recoveries);
        if (report.Error != ErrorReason.Unspecified)
        {
            _span.SetTag("error.type", $"{report.Error}");
        }

        if (report.Outcome == TurnOutcome.Failed)
        {
            _span.SetStatus(ActivityStatusCode.Error);
        }

        // Stopping changes what is current, here that of whoever ends the turn.
        var current = Activity.Current;
        _span.Stop();
        Activity.Current = current;
    }
}
