using MotionGateway.MotionServer;
using MotionGateway.Sessions.Tests.Simulation;

namespace MotionGateway.Sessions.Tests.Motion;

/// <summary>How long connections last is learned, and unlearned.</summary>
public sealed class LegSourcesTests : IDisposable
{
    private static readonly MotionServerException Limit =
        new(MotionServerErrorCode.SessionDurationExceeded, MotionServerPhase.WebSocketRuntime, "The session's time is up.");

    private readonly SimulatedWorld _world = new();
    private readonly SessionMetrics _metrics = new(TimeProvider.System);
    private readonly LegSources _sources;
    private readonly SimulatedMotionServer _server;

    public LegSourcesTests()
    {
        _server = new SimulatedMotionServer(_world);
        _sources = new LegSources(_server, _server, lifetime: null, _metrics.Legs, _world.Time);
    }

    [Fact]
    public void Learn_ConnectionReachedItsLimit_OthersAreReplacedBefore()
    {
        Live(10, Limit);

        Assert.Equal(TimeSpan.FromSeconds(8), _sources.UntilReplaced(Connect()));
    }

    [Fact]
    public void Learn_EndsAtOnce_TeachesNothing()
    {
        Live(0.1, Limit);

        Assert.Null(_sources.UntilReplaced(Connect()));
    }

    [Fact]
    public void Learn_AnotherLivesFarLonger_IsForgotten()
    {
        var other = Connect();
        Live(10, Limit);
        _world.Pass(1000);
        _sources.LetGo(other);
        Assert.NotNull(_sources.UntilReplaced(Connect()));

        var longer = Connect();
        _world.Pass(13_000);
        _sources.LetGo(longer);
        Assert.Null(_sources.UntilReplaced(Connect()));
    }

    public void Dispose() => _metrics.Dispose();

    private MotionLeg Connect() => _world.Finish(() => _sources.ConnectAsync(
        isFirst: true, new MotionConnectionOptions("avatar", new MotionAudioFormat(8000)), CancellationToken.None));

    private void Live(double seconds, MotionServerException end)
    {
        var leg = Connect();
        _world.Pass(seconds * 1000);
        _sources.Learn(leg, end);
        _sources.LetGo(leg);
    }
}
