using Grpc.Core;
using Grpc.Health.V1;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

public sealed class SessionServiceTests : IAsyncLifetime
{
    private GatewayUnderTest _gateway = null!;

    public async Task InitializeAsync() => _gateway = await GatewayUnderTest.StartAsync();

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Fact]
    public async Task WatchSession_UntilClosed_ShowsTheTurnAndEnds()
    {
        using var speaker = await Speaker.OpenAsync(_gateway.Speech);
        using var watch = _gateway.Sessions.WatchSession(new WatchSessionRequest { SessionId = speaker.Opened.SessionId });
        using var limit = new CancellationTokenSource(TaskTimeoutExtensions.Limit);
        Assert.True(await watch.ResponseStream.MoveNext(limit.Token));
        Assert.Equal(SessionState.Active, watch.ResponseStream.Current.Session.State);

        await speaker.SayAsync(Speech.Create(16000, 3200), "one");
        await speaker.FinishAsync();
        V1.Session last = new();
        while (await watch.ResponseStream.MoveNext(limit.Token))
        {
            last = watch.ResponseStream.Current.Session;
        }

        Assert.Equal(SessionState.Closed, last.State);
        var turn = Assert.Single(last.Turns);
        Assert.Equal(("one", TurnState.Ended, TurnOutcome.Completed, 3200L, 5L),
            (turn.TurnId, turn.State, turn.Outcome, turn.SampleCount, turn.KeyframeCount));
    }

    [Fact]
    public async Task SayTestTone_OpenSession_IsATurnWithMotion()
    {
        using var speaker = await Speaker.OpenAsync(_gateway.Speech);

        var said = await _gateway.Sessions.SayTestToneAsync(
            new SayTestToneRequest { SessionId = speaker.Opened.SessionId, DurationMs = 400 });
        var ended = await speaker.WaitForAsync(r => r.Payload?.TurnEnded is not null);

        Assert.Equal((said.TurnId, TurnOutcome.Completed), (ended.Payload.TurnId, ended.Payload.TurnEnded.Outcome));
        Assert.Equal(10, speaker.Received.Where(r => r.Payload?.Motion is not null).Sum(r => r.Payload.Motion.KeyframeCount));
    }

    [Fact]
    public async Task CloseSession_WhileATurnPlays_EndsItAndEveryStream()
    {
        using var speaker = await Speaker.OpenAsync(_gateway.Speech);
        using var reader = await FeedReader.OpenAsync(_gateway.Feed, speaker.Opened.SessionId);
        await speaker.SayAsync(Speech.Create(16000, 160_000), "one");
        await speaker.WaitForAsync(r => r.Payload?.TurnSealed is not null);

        var closed = await _gateway.Sessions.CloseSessionAsync(
            new CloseSessionRequest { SessionId = speaker.Opened.SessionId, Reason = "maintenance" });
        var status = await speaker.WaitForEndAsync();
        await reader.ReadToEndAsync();

        Assert.Equal(SessionState.Closed, closed.Session.State);
        Assert.Equal(StatusCode.OK, status.StatusCode);
        Assert.Equal("maintenance", speaker.Received[^1].Closed.Reason);
        Assert.Equal("maintenance", reader.Received[^1].Payload.SessionEnded.Reason);
        Assert.Single(reader.Received, r => r.Payload?.TurnEnded is not null);
    }

    [Fact]
    public async Task Health_RunningGateway_IsServing()
    {
        var health = new Health.HealthClient(_gateway.Channel);

        var answer = await health.CheckAsync(new HealthCheckRequest());

        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, answer.Status);
    }

    [Fact]
    public void Build_WrongSettings_NamesThemAll()
    {
        var options = new GatewayOptions { Urls = "http://0.0.0.0:50051", MaxSessions = 0, OpenTimeout = TimeSpan.Zero };

        var fault = Assert.Throws<Microsoft.Extensions.Options.OptionsValidationException>(() => GatewayHost.Build(options));

        string all = string.Join('\n', fault.Failures);
        Assert.All(
            ["AllowUnauthenticatedCallersBeyondLoopback", "MaxSessions", "OpenTimeout", "ApiKey"],
            name => Assert.Contains(name, all, StringComparison.Ordinal));
    }
}
