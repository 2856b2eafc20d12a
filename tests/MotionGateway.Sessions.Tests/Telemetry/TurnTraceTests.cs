using System.Collections.Concurrent;
using System.Diagnostics;
using MotionGateway.Sessions.Tests.Simulation;

namespace MotionGateway.Sessions.Tests.Telemetry;

/// <summary>The spans of turns: in whose trace they are, what they tell, and that sampling is the caller's.</summary>
public sealed class TurnTraceTests : IDisposable
{
    private readonly ConcurrentQueue<Activity> _stopped = [];
    private readonly ActivityListener _listener;
    private readonly Activity _call = new("call");
    private readonly SimulatedWorld _world = new();
    private readonly SimulatedMotionServer _server;
    private readonly SimulatedSession _session;

    public TurnTraceTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "MotionGateway.Sessions",
            Sample = (ref options) => options.Parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded)
                ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = activity => _stopped.Enqueue(activity),
        };
        ActivitySource.AddActivityListener(_listener);
        _server = new SimulatedMotionServer(_world);
        _session = new SimulatedSession(_world, _server, CoreFixture.AtOnce, new SessionLimits());
        _session.Start();
    }

    // Tests beside this one have turns too, in traces of their own.
    private IEnumerable<Activity> Spans => _stopped.Where(span => span.TraceId == _call.TraceId);

    public void Dispose()
    {
        _session.Dispose();
        _listener.Dispose();
        _call.Dispose();
    }

    [Fact]
    public void Turn_ThatIsHeard_IsASpanOfTheCallThatBroughtIt()
    {
        Begin(ActivityTraceFlags.Recorded);
        Say("one");
        _world.Pass(5000);

        var span = Assert.Single(Spans);
        Assert.Equal(("turn", _call.SpanId, ActivityStatusCode.Unset), (span.OperationName, span.ParentSpanId, span.Status));
        Assert.Equal(
            ("s", "one", "Completed", 25L, 0, null),
            (span.GetTagItem("session.id"), span.GetTagItem("turn.id"), span.GetTagItem("turn.outcome"), span.GetTagItem("turn.keyframes"),
                span.GetTagItem("turn.recoveries"), span.GetTagItem("error.type")));
        Assert.IsType<long>(span.GetTagItem("turn.first_motion_ms"));
        Assert.Same(_call, Activity.Current);
    }

    [Fact]
    public void Turn_WhoseMotionFailsOnce_TellsSoAndThatItIsBack()
    {
        _server.PlanRequest = number => new RequestPlan { Fault = number == 0 ? RequestFault.Report : RequestFault.None };
        Begin(ActivityTraceFlags.Recorded);
        Say("one");
        _world.Pass(8000);

        var span = Assert.Single(Spans);
        Assert.Equal(["motion_lost", "motion_recovered"], span.Events.Select(one => one.Name));
        Assert.Equal(1, span.GetTagItem("turn.recoveries"));
    }

    [Fact]
    public void Turn_ResumedByAnotherCall_IsLinkedToIt()
    {
        Begin(ActivityTraceFlags.Recorded);
        Say("one");
        using var other = new Activity("other").SetIdFormat(ActivityIdFormat.W3C).Start();
        _world.Do(() => _session.Session.Resume(_session.Lease.ResumeToken, new SimulatedSpeaker()));
        _world.Pass(5000);

        Assert.Equal(other.SpanId, Assert.Single(Assert.Single(Spans).Links).Context.SpanId);
    }

    [Fact]
    public void Turn_OfACallThatIsNotSampled_IsNoSpan()
    {
        Begin(ActivityTraceFlags.None);
        Say("one");
        _world.Pass(5000);

        Assert.Empty(Spans);
    }

    private void Begin(ActivityTraceFlags flags)
    {
        _call.SetIdFormat(ActivityIdFormat.W3C);
        _call.ActivityTraceFlags = flags;
        _call.Start();
    }

    private void Say(string turn) =>
        _world.Do(() => _session.Session.WriteAudio(_session.Lease, turn, CoreFixture.Speech(turn, 16_000), endTurn: true));
}
