using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using MotionGateway.MotionServer;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests.Hosting;

/// <summary>When new sessions are refused since the Motion Server cannot be reached, and when one may try again.</summary>
public sealed class MotionServerOutageTests : IDisposable
{
    private static readonly MotionConnectionOptions Connection = new("avatar", new MotionAudioFormat(16000));
    private static readonly MotionServerOutageOptions Bounds =
        new() { Failures = 3, Window = TimeSpan.FromSeconds(30), Pause = TimeSpan.FromSeconds(5) };

    private readonly FakeTimeProvider _time = new();
    private readonly TestLoggerProvider _log = new();
    private readonly LoggerFactory _loggers;
    private readonly SteeredConnector _connector = new();
    private readonly MotionServerOutage _outage;

    public MotionServerOutageTests()
    {
        _loggers = new LoggerFactory([_log]);
        _outage = new MotionServerOutage("app", _connector, Bounds, new SessionEvents(_loggers.CreateLogger<SessionHost>()), _time);
    }

    public void Dispose() => _loggers.Dispose();

    [Fact]
    public async Task Refuse_AfterSoManyFailuresInARow_IsUnavailableWithTheTimeToWait()
    {
        await FailAsync(2);
        Assert.Null(_outage.Refuse());
        await FailAsync(1);
        _time.Advance(TimeSpan.FromSeconds(2));

        var refusal = _outage.Refuse();

        Assert.Equal((ErrorReason.MotionServerConnectionFailed, TimeSpan.FromSeconds(3)), (refusal?.Reason, refusal?.RetryAfter));
        Assert.True(_outage.IsOut);
    }

    [Fact]
    public async Task Refuse_ASuccessBetween_CountsAnew()
    {
        await FailAsync(2);
        await SucceedAsync();
        await FailAsync(2);

        Assert.Null(_outage.Refuse());
        Assert.False(_outage.IsOut);
    }

    [Fact]
    public async Task Refuse_FailuresFarApart_AreNoOutage()
    {
        for (int i = 0; i < 10; i++)
        {
            await FailAsync(1);
            _time.Advance(Bounds.Window);
        }

        Assert.Null(_outage.Refuse());
    }

    [Fact]
    public async Task Refuse_PauseIsOver_OneTriesAndTheOthersWaitForIt()
    {
        await FailAsync(3);
        _time.Advance(Bounds.Pause);
        Assert.False(_outage.IsOut);

        Assert.Null(_outage.Refuse());
        Assert.NotNull(_outage.Refuse());
        Assert.True(_outage.IsOut);

        await FailAsync(1);
        Assert.Equal(Bounds.Pause, _outage.Refuse()?.RetryAfter);
    }

    [Fact]
    public async Task Refuse_SomebodyGetsThrough_IsOverAtOnceAndTold()
    {
        await FailAsync(3);
        _time.Advance(TimeSpan.FromSeconds(1));

        await SucceedAsync();

        Assert.Null(_outage.Refuse());
        Assert.Equal([LogLevel.Warning, LogLevel.Information], _log.Entries.Select(entry => entry.Level));
        Assert.Contains("3 connections in a row", _log.Entries.First().Message, StringComparison.Ordinal);
    }

    // What the Motion Server itself says is no outage, and shows that it is there.
    [Theory]
    [InlineData(MotionServerErrorCode.CreditsExhausted, MotionServerPhase.WebSocketConnect)]
    [InlineData(MotionServerErrorCode.AvatarNotFound, MotionServerPhase.WebSocketConnect)]
    [InlineData(MotionServerErrorCode.ConcurrencyLimit, MotionServerPhase.SessionToken)]
    [InlineData(MotionServerErrorCode.UpstreamError, MotionServerPhase.WebSocketHandshake)]
    public async Task Refuse_TheMotionServerRefusesItself_IsNoOutage(MotionServerErrorCode code, MotionServerPhase phase)
    {
        await FailAsync(2);
        await FailAsync(1, code, phase);
        await FailAsync(2);

        Assert.Null(_outage.Refuse());
    }

    [Theory]
    [InlineData(MotionServerErrorCode.ServerError, MotionServerPhase.SessionToken)]
    [InlineData(MotionServerErrorCode.ConnectionFailed, MotionServerPhase.WebSocketHandshake)]
    public async Task Refuse_ItIsThereInNameOnly_IsAnOutage(MotionServerErrorCode code, MotionServerPhase phase)
    {
        await FailAsync(3, code, phase);

        Assert.NotNull(_outage.Refuse());
    }

    private async Task FailAsync(
        int times, MotionServerErrorCode code = MotionServerErrorCode.ConnectionFailed, MotionServerPhase phase = MotionServerPhase.WebSocketConnect)
    {
        _connector.Failure = new MotionServerException(code, phase, "The server fails.");
        for (int i = 0; i < times; i++)
        {
            await Assert.ThrowsAsync<MotionServerException>(() => _outage.ConnectAsync(Connection));
        }
    }

    private async Task SucceedAsync()
    {
        _connector.Failure = null;
        await _outage.ConnectAsync(Connection);
    }

    private sealed class SteeredConnector : IMotionConnector
    {
        public MotionServerException? Failure { get; set; }

        public Task<IMotionConnection> ConnectAsync(MotionConnectionOptions options, CancellationToken cancellationToken = default) =>
            Failure is { } failure ? Task.FromException<IMotionConnection>(failure) : Task.FromResult<IMotionConnection>(null!);
    }
}
