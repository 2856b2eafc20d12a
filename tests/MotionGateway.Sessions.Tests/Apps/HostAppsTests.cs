using MotionGateway.Feeds;
using MotionGateway.Sessions.Tests.Simulation;
using MotionGateway.Testing;
using MotionGateway.V1;
using Microsoft.Extensions.Logging;

namespace MotionGateway.Sessions.Tests.Apps;

/// <summary>Apps of a host that are replaced while sessions are open.</summary>
public sealed class HostAppsTests : IDisposable
{
    private readonly SimulatedWorld _world = new();
    private readonly SimulatedMotionServer _older;
    private readonly SimulatedMotionServer _newer;
    private readonly Connections _connections = new();
    private readonly TestLoggerProvider _log = new();
    private readonly LoggerFactory _loggers;
    private SessionHost _host = null!;

    public HostAppsTests()
    {
        (_older, _newer) = (new SimulatedMotionServer(_world), new SimulatedMotionServer(_world));
        _loggers = new LoggerFactory([_log]);
        _world.Do(() => _host = new SessionHost(
            Older, new MemorySessionDirectory(), new MemorySessionLogStore(_world.Time), _world.Time, _loggers.CreateLogger<SessionHost>()));
    }

    private SessionHostOptions Older => OptionsOf(new SessionApp("", _older) { Connections = _connections });

    private SessionHostOptions Newer => OptionsOf(new SessionApp("", _newer));

    public void Dispose()
    {
        _world.Finish(() => _host.DisposeAsync().AsTask());
        Assert.Equal(1, _connections.Disposed);
        _log.AssertNoErrors();
        _loggers.Dispose();
    }

    [Fact]
    public void Apply_OtherConnector_IsForNewSessionsAndTheOldOneGoesWithItsLastSession()
    {
        var (first, second) = (Open(), Open());
        _world.Do(() => _host.Apply(Newer));
        Open();

        Assert.Equal((2, 1, 0), (_older.OpenLegs, _newer.OpenLegs, _connections.Disposed));
        Close(first);
        Assert.Equal(0, _connections.Disposed);
        Close(second);
        Assert.Equal((0, 1), (_older.OpenLegs, _connections.Disposed));
    }

    [Fact]
    public void Apply_OtherConnectorAndNoSession_LetsTheOldOneGoAtOnce()
    {
        _world.Do(() => _host.Apply(Newer));

        Assert.Equal(1, _connections.Disposed);
    }

    [Fact]
    public void Apply_AppIsGoneAndComesBack_ItsOpenSessionsStillCount()
    {
        Open();
        _world.Do(() => _host.Apply(OptionsOf()));
        Assert.Equal(ErrorReason.AppNotFound, RefusalOfOpen());

        _world.Do(() => _host.Apply(OptionsOf(new SessionApp("", _newer) { Limits = new AppLimits { MaxSessions = 1 } })));

        Assert.Equal(ErrorReason.AppLimit, RefusalOfOpen());
    }

    [Fact]
    public void Apply_LetsGoOfWhatFails_IsToldAndTheNewAppIsThere()
    {
        _connections.Fault = new InvalidOperationException("It does not close.");
        _log.Expect(entry => entry.Exception == _connections.Fault);

        _world.Do(() => _host.Apply(Newer));

        Open();
        Assert.Contains(_log.Entries, entry => entry.Exception == _connections.Fault && entry.Level == LogLevel.Error);
    }

    private static SessionHostOptions OptionsOf(params SessionApp[] apps) =>
        new() { Apps = apps, Limits = new SessionLimits { ClosedRetention = TimeSpan.Zero } };

    private Session Open()
    {
        var session = _world.Finish(() => _host.OpenAsync(CoreFixture.AtOnce, CancellationToken.None));
        _world.Finish(() => _host.ConnectAsync(session, CancellationToken.None));
        return session;
    }

    private ErrorReason RefusalOfOpen() =>
        Assert.Throws<GatewayException>(() => _world.Finish(() => _host.OpenAsync(CoreFixture.AtOnce, CancellationToken.None))).Reason;

    // The sweep, once a second, lets go of it.
    private void Close(Session session)
    {
        _world.Do(() => session.Close(ErrorReason.Unspecified, ""));
        _world.Pass(2000);
    }

    private sealed class Connections : IAsyncDisposable
    {
        public int Disposed { get; private set; }

        public Exception? Fault { get; set; }

        public ValueTask DisposeAsync()
        {
            Disposed++;
            return Fault is null ? ValueTask.CompletedTask : ValueTask.FromException(Fault);
        }
    }
}
