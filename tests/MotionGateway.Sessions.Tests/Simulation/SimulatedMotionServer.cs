using MotionGateway.MotionServer;

namespace MotionGateway.Sessions.Tests.Simulation;

/// <summary>
/// A Motion Server in memory, after the protocol's facts: 25 keyframes a second in segments, the last with the end, the fraction of a
/// keyframe dropped but never all; one that is told to go wrong goes wrong.
/// </summary>
internal sealed class SimulatedMotionServer(SimulatedWorld world) : IMotionConnector
{
    private int _requests;

    public SimulatedWorld World { get; } = world;

    /// <summary>Plans connections, by their number from 0.</summary>
    public Func<int, LegPlan> PlanLeg { get; set; } = _ => new LegPlan();

    /// <summary>Plans requests, by their number from 0.</summary>
    public Func<int, RequestPlan> PlanRequest { get; set; } = _ => new RequestPlan();

    /// <summary>How long motion may be due before the Server SDK gives up.</summary>
    public TimeSpan MotionTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Connections in the order in which they were asked for, those that were refused left out.</summary>
    public List<SimulatedLeg> Legs { get; } = [];

    /// <summary>Requests that had speech, in the order of their beginning.</summary>
    public List<SimulatedRequest> Requests { get; } = [];

    /// <summary>Times that a connection was asked for.</summary>
    public int Connects { get; private set; }

    /// <summary>Connections that are there, and paid for.</summary>
    public int OpenLegs => Legs.Count(leg => leg.IsOpen);

    public async Task<IMotionConnection> ConnectAsync(MotionConnectionOptions options, CancellationToken cancellationToken = default)
    {
        var plan = PlanLeg(Connects++);
        if (plan.ConnectTime > TimeSpan.Zero)
        {
            await Task.Delay(plan.ConnectTime, World.Time, cancellationToken);
        }

        if (plan.Refusal is { } refusal)
        {
            throw new MotionServerException(refusal, MotionServerPhase.WebSocketConnect, "The simulated server refuses.");
        }

        var leg = new SimulatedLeg(this, $"leg-{Legs.Count}", plan, options.Audio.SampleRate / 25 * sizeof(short));
        Legs.Add(leg);
        return leg;
    }

    public RequestPlan Begin(SimulatedRequest request)
    {
        Requests.Add(request);
        return PlanRequest(_requests++);
    }
}
