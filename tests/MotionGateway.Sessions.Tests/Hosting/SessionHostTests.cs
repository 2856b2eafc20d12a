using Microsoft.Extensions.Logging;
using MotionGateway.Feeds;
using MotionGateway.Sessions.Tests.Simulation;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests.Hosting;

/// <summary>What a host does with its sessions at their beginning and at their end.</summary>
public sealed class SessionHostTests : IDisposable
{
    private readonly SimulatedWorld _world = new();
    private readonly SteeredDirectory _directory = new();
    private readonly SteeredLogStore _logs;
    private readonly TestLoggerProvider _log = new();
    private readonly LoggerFactory _loggers;
    private readonly SimulatedMotionServer _server;
    private SessionHost _host = null!;

    public SessionHostTests()
    {
        _server = new SimulatedMotionServer(_world);
        _logs = new SteeredLogStore(_world.Time);
        _loggers = new LoggerFactory([_log]);
        Start(new SessionLimits { ClosedRetention = TimeSpan.Zero });
    }

    public void Dispose()
    {
        _world.Finish(() => _host.DisposeAsync().AsTask());
        _world.Finish(() => _host.DisposeAsync().AsTask());
        _log.AssertNoErrors();
        _loggers.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void OpenAsync_ShutdownBeginsMeanwhile_IsRefusedAndNoSessionIsLeft(bool isDisposed)
    {
        _directory.Claiming = new TaskCompletionSource();
        Task<Session>? opening = null;
        _world.Do(() => opening = _host.OpenAsync(CoreFixture.AtOnce, CancellationToken.None));
        _world.Finish(() => isDisposed ? _host.DisposeAsync().AsTask() : _host.DrainAsync(TimeSpan.Zero, CancellationToken.None));
        _directory.Claiming.SetResult();

        var refusal = Assert.Throws<GatewayException>(() => _world.Finish(() => opening!));

        Assert.Equal(ErrorReason.ShuttingDown, refusal.Reason);
        Assert.Empty(_directory.Owned);
        Assert.True(_logs.Made.Single().IsComplete);
        Assert.Equal(0, _host.HeldBytes);
    }

    [Fact]
    public void BeginDraining_SessionsThatAreOpenGoOnAndNoOtherIsOpened()
    {
        var open = _world.Finish(() => _host.OpenAsync(CoreFixture.AtOnce, CancellationToken.None));
        _host.BeginDraining();

        var refusal = Assert.Throws<GatewayException>(() => _world.Finish(() => _host.OpenAsync(CoreFixture.AtOnce, CancellationToken.None)));

        Assert.Equal(ErrorReason.ShuttingDown, refusal.Reason);
        Assert.Same(open, Assert.Single(_directory.Owned));
        Assert.False(open.IsClosed);
    }

    [Fact]
    public void ConnectAsync_HostWasDisposedMeanwhile_IsTheSessionsEndAndNoFailure()
    {
        var session = _world.Finish(() => _host.OpenAsync(CoreFixture.AtOnce, CancellationToken.None));
        _world.Finish(() => _host.DisposeAsync().AsTask());

        _world.Finish(() => _host.ConnectAsync(session, CancellationToken.None));

        Assert.True(session.IsClosed);
        Assert.Equal(0, _server.OpenLegs);
    }

    [Fact]
    public void Sweep_MeetsADefect_IsLoggedWithItsStackAndTheNextOneFollows()
    {
        var defect = new InvalidOperationException("The directory is out of order.");
        _log.Expect(entry => entry.Exception == defect);
        var (session, _) = Open();
        session.Close(ErrorReason.Unspecified, "");
        _directory.Fault = defect;
        _world.Pass(3000);
        _directory.Fault = null;
        Assert.Single(_directory.Owned);

        _world.Pass(1000);

        Assert.Empty(_directory.Owned);
        Assert.Equal(3, _log.Entries.Count(entry => entry.Exception == defect && entry.Level == LogLevel.Error));
    }

    [Fact]
    public void Sweep_OneSessionMeetsADefect_TheOthersAreSweptAllTheSame()
    {
        _log.Expect(entry => entry.Exception is TimeZoneNotFoundException);
        var (first, lease) = Open();
        _world.Do(() => first.Send(lease, new ViewerMessage { Kind = "a", Text = "b" }));
        var (second, _) = Open();
        second.Close(ErrorReason.Unspecified, "");
        _logs.Clocks[0].IsBroken = true;

        _world.Pass(1000);

        Assert.Equal([first], _directory.Owned);
        Assert.Contains(_log.Entries, entry => entry.Exception is not null && entry.Message.Contains(first.Id, StringComparison.Ordinal));
        _logs.Clocks[0].IsBroken = false;
    }

    [Fact]
    public void Sweep_LogHasGrownOld_ItsBytesAreFree()
    {
        var (session, lease) = Open();
        _world.Do(() => session.WriteAudio(lease, "a", CoreFixture.Speech("a", 16_000), endTurn: true));
        _world.Pass(2000);
        Assert.InRange(_host.HeldBytes, 16_000, 100_000);

        _world.Pass(new SessionLogOptions().Retention);

        Assert.Equal((0, 0), (session.Log.Bytes, _host.HeldBytes));
    }

    [Fact]
    public void Sweep_PeersAreMute_AllAreLetGoInOneSweep()
    {
        _server.PlanLeg = _ => new LegPlan { GoodbyeTime = TimeSpan.FromSeconds(5) };
        for (int i = 0; i < 10; i++)
        {
            Open().Session.Close(ErrorReason.Unspecified, "");
        }

        _world.Pass(1000);

        Assert.Empty(_directory.Owned);
        _world.Pass(5000);
    }

    [Fact]
    public void Connect_MeetsADefect_IsLoggedWithItsStackAndTheTurnGoesOnAsAudioOnly()
    {
        _log.Expect(entry => entry.Exception is NotSupportedException);
        _server.PlanLeg = number => number == 1
            ? throw new NotSupportedException()
            : new LegPlan { Life = number == 0 ? TimeSpan.FromMilliseconds(500) : null };
        var (session, lease) = Open();
        _world.Pass(1000);
        foreach (string turn in (string[])["first", "second"])
        {
            _world.Do(() => session.WriteAudio(lease, turn, CoreFixture.Speech(turn, 16_000), endTurn: true));
            _world.Pass(5000);
        }

        Assert.Equal([TurnOutcome.AudioOnly, TurnOutcome.Completed], session.Snapshot().Turns.Select(turn => turn.Outcome));
        Assert.Equal(1, _log.Entries.Count(entry => entry.Exception is NotSupportedException && entry.Level == LogLevel.Error));
    }

    private void Start(SessionLimits limits) => _world.Do(() => _host = new SessionHost(
        new SessionHostOptions { Apps = [new SessionApp("", _server)], Limits = limits }, _directory, _logs, _world.Time, _loggers.CreateLogger<SessionHost>()));

    private (Session Session, SpeakerLease Lease) Open()
    {
        var session = _world.Finish(() => _host.OpenAsync(CoreFixture.AtOnce, CancellationToken.None));
        _world.Finish(() => _host.ConnectAsync(session, CancellationToken.None));
        return (session, session.Attach(new SimulatedSpeaker()));
    }

    // Fails, or takes its time, when it is told to.
    private sealed class SteeredDirectory : ISessionDirectory
    {
        private readonly MemorySessionDirectory _inner = new();

        public TaskCompletionSource? Claiming { get; set; }

        public Exception? Fault { get; set; }

        public IEnumerable<Session> Owned => Fault is null ? _inner.Owned : throw Fault;

        public async ValueTask<(string Id, uint Epoch)> ClaimAsync(CancellationToken cancellationToken)
        {
            await (Claiming?.Task ?? Task.CompletedTask);
            return await _inner.ClaimAsync(cancellationToken);
        }

        public void Add(Session session) => _inner.Add(session);

        public void Remove(Session session) => _inner.Remove(session);

        public ValueTask<Session?> FindAsync(string id, CancellationToken cancellationToken) => _inner.FindAsync(id, cancellationToken);
    }

    private sealed class SteeredLogStore(TimeProvider time) : ISessionLogStore
    {
        public List<SessionLog> Made { get; } = [];

        public List<BreakableClock> Clocks { get; } = [];

        public SessionLog Create(string sessionId, LogPosition start, SessionLogOptions options)
        {
            Clocks.Add(new BreakableClock(time));
            Made.Add(new SessionLog(start, options, Clocks[^1]));
            return Made[^1];
        }
    }

    private sealed class BreakableClock(TimeProvider time) : TimeProvider
    {
        public bool IsBroken { get; set; }

        public override long TimestampFrequency => time.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => time.GetUtcNow();

        public override long GetTimestamp() => IsBroken ? throw new TimeZoneNotFoundException() : time.GetTimestamp();
    }
}
