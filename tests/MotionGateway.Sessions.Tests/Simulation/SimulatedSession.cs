using Microsoft.Extensions.Logging.Abstractions;
using MotionGateway.Feeds;

namespace MotionGateway.Sessions.Tests.Simulation;

/// <summary>A real session in a simulated world, with a simulated Motion Server.</summary>
internal sealed class SimulatedSession : IDisposable
{
    // One for all: to make a meter takes a lock that all threads share.
    private static readonly SessionMetrics Metrics = new(TimeProvider.System);

    private readonly LegSources _legs;
    private bool _isDisposed;

    public SimulatedSession(
        SimulatedWorld world, SimulatedMotionServer server, SessionSettings settings, SessionLimits limits, TimeSpan? lifetime = null,
        long budget = long.MaxValue)
    {
        World = world;
        Server = server;
        _legs = new LegSources(server, server, lifetime, Metrics.Legs, world.Time);
        Budget = new ByteBudget(budget);
        var app = new SessionApp("", server);
        var legs = new AppLegs(app, _legs, new MotionServerOutage("", server, new(), new SessionEvents(NullLogger.Instance), world.Time));
        legs.Hold();
        Log = new SessionLog(new LogPosition(1, 0), limits.Log, world.Time);
        var services = new SessionHostServices(
            new AppPlace(app, new AppQuota(Budget, world.Time), legs), Metrics, new SessionEvents(NullLogger.Instance), OwnContext.Capture(), _ => Closed++, new SessionHostOptions().ToMotionServer,
            world.Time);
        Session = null!;
        Lease = null!;
        world.Do(() =>
        {
            Session = new Session("s", Log, settings, limits, services);
            Lease = Session.Attach(Speaker);
        });
    }

    public SimulatedWorld World { get; }

    public SimulatedMotionServer Server { get; }

    public Session Session { get; private set; }

    public SimulatedSpeaker Speaker { get; private set; } = new();

    public SpeakerLease Lease { get; private set; }

    public SessionLog Log { get; }

    public ByteBudget Budget { get; }

    /// <summary>Times that the host was told of the session's end.</summary>
    public int Closed { get; private set; }

    /// <summary>Makes the first connection, which takes no time unless it is planned so.</summary>
    public void Start()
    {
        Task? starting = null;
        World.Do(() => starting = Session.StartAsync(CancellationToken.None));
        Assert.True(World.PassUntil(() => starting!.IsCompleted, TimeSpan.FromMinutes(1)), "The session is not connected.");
        Assert.True(starting!.IsCompletedSuccessfully, starting.Exception?.ToString());
    }

    /// <summary>The speaker goes away and comes back.</summary>
    public IReadOnlyList<V1.TurnProgress> Resume(string token)
    {
        IReadOnlyList<V1.TurnProgress> turns = [];
        World.Do(() =>
        {
            Speaker = new SimulatedSpeaker();
            (Lease, turns) = Session.Resume(token, Speaker);
        });
        return turns;
    }

    /// <summary>Lets go of the session.</summary>
    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        Task? disposing = null;
        World.Do(() => disposing = DisposeAsync());
        Assert.True(World.PassUntil(() => disposing!.IsCompleted, TimeSpan.FromMinutes(1)), "The session cannot be let go of.");
        Assert.True(disposing!.IsCompletedSuccessfully, disposing.Exception?.ToString());
    }

    private async Task DisposeAsync()
    {
        await Session.DisposeAsync();
        await Session.DisposeAsync();
        await _legs.DisposeAsync();
    }
}
