using Grpc.Core;
using Grpc.Health.V1;
using Microsoft.Extensions.Time.Testing;
using MotionGateway.Protocol;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

/// <summary>Going away: readiness first, then every stream is told, speech that has begun is heard, and all that reads learns of the end.</summary>
public sealed class DrainTests : IAsyncLifetime
{
    private const int Rate = 16000;

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(100);

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly byte[] _pcm = Speech.Create(Rate, Rate * 4);
    private GatewayUnderTest _gateway = null!;
    private Speaker _speaker = null!;
    private FeedReader _reader = null!;

    public async Task InitializeAsync()
    {
        _gateway = await GatewayUnderTest.StartAsync(options => options.ShutdownGrace = Grace, time: _time);
        _speaker = await Speaker.OpenAsync(_gateway.Speech);
        _reader = await FeedReader.OpenAsync(_gateway.Feed, _speaker.SessionId);
    }

    public async Task DisposeAsync()
    {
        _reader.Dispose();
        _speaker.Dispose();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task Shutdown_WhereNothingPlays_TellsEveryStreamAndEndsItWell()
    {
        using var watch = _gateway.Sessions.WatchSession(new WatchSessionRequest { SessionId = _speaker.SessionId });
        Assert.True(await watch.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout());
        var shutdown = _gateway.ShutDownAsync();

        var status = await _speaker.WaitForEndAsync();
        await _reader.ReadToEndAsync();
        var watched = watch.ResponseStream.MoveNext(CancellationToken.None);
        await _time.AdvanceUntilAsync(Moment, () => watched.IsCompleted);

        Assert.Equal(StatusCode.OK, status.StatusCode);
        Assert.Equal(Grace.TotalMilliseconds, _speaker.Received.Single(response => response.GoingAway is not null).GoingAway.GraceMs);
        Assert.Equal(ErrorReason.ShuttingDown, _speaker.Received[^1].Closed.Error);
        Assert.Contains(_reader.Received, response => response.GoingAway is not null);
        Assert.Equal(ErrorReason.ShuttingDown, _reader.Received[^1].Payload.SessionEnded.Error);
        Assert.True(await watched);
        Assert.Equal(SessionState.Closed, watch.ResponseStream.Current.Session.State);
        await _time.AdvanceUntilAsync(Moment, () => shutdown.IsCompleted);
    }

    [Fact]
    public async Task Shutdown_WhileATurnPlays_LetsItBeHeard()
    {
        await SayAsync();
        var shutdown = _gateway.ShutDownAsync();
        await _speaker.WaitForAsync(response => response.GoingAway is not null);
        var ending = _speaker.WaitForEndAsync();
        await _time.AdvanceUntilAsync(Moment, () => ending.IsCompleted);
        await _reader.ReadToEndAsync();

        Assert.Equal(StatusCode.OK, (await ending).StatusCode);
        FeedAssert.Whole(_speaker.Received.Payloads(), "plays", _pcm, Rate);
        FeedAssert.Whole(_reader.Received.Payloads(), "plays", _pcm, Rate);
        Assert.Equal(ErrorReason.ShuttingDown, _reader.Received[^1].Payload.SessionEnded.Error);
        await _time.AdvanceUntilAsync(Moment, () => shutdown.IsCompleted);
    }

    [Fact]
    public async Task Shutdown_SpeechThatGoesOnBeyondTheGrace_IsEnded()
    {
        await _speaker.SendAsync(new SpeakRequest { PausePlayback = new PausePlayback() });
        await SayAsync();
        _time.Advance(TimeSpan.FromSeconds(1));
        await _speaker.SendAsync(new SpeakRequest { PausePlayback = new PausePlayback() });
        await _speaker.WaitForAsync(response => response.Payload?.PlaybackChanged is not null);
        var shutdown = _gateway.ShutDownAsync();
        await _speaker.WaitForAsync(response => response.GoingAway is not null);
        var ending = _speaker.WaitForEndAsync();
        await _time.AdvanceUntilAsync(Moment, () => ending.IsCompleted);
        await _reader.ReadToEndAsync();

        var ended = await _reader.TurnEndedAsync("plays");
        Assert.Equal((TurnOutcome.Failed, ErrorReason.ShuttingDown, Rate), (ended.Outcome, ended.Error, ended.PlayedSamples));
        Assert.Equal(ErrorReason.ShuttingDown, _speaker.Received[^1].Closed.Error);
        await _time.AdvanceUntilAsync(Moment, () => shutdown.IsCompleted);
    }

    [Fact]
    public async Task Shutdown_AFeedThatBreaksAtItsEnd_ComesBackForTheRest()
    {
        await SayAsync();
        var shutdown = _gateway.ShutDownAsync();
        await _speaker.WaitForAsync(response => response.GoingAway is not null);
        var position = _reader.Received.Payloads().Last();
        _time.Advance(TimeSpan.FromSeconds(3.5));
        _reader.Dispose();
        var ending = _speaker.WaitForEndAsync();
        await _time.AdvanceUntilAsync(Moment, () => ending.IsCompleted);
        using var again = await FeedReader.OpenAsync(
            _gateway.Feed, _speaker.SessionId, start => start.Position = new Position { Epoch = position.Epoch, Sequence = position.Sequence });
        await again.ReadToEndAsync();

        Assert.Equal([("plays", TurnOutcome.Completed)], again.Received.Payloads().Ended());
        Assert.Equal(ErrorReason.ShuttingDown, again.Received[^1].Payload.SessionEnded.Error);
        await _time.AdvanceUntilAsync(Moment, () => shutdown.IsCompleted);
    }

    [Fact]
    public async Task WhileDraining_ReadinessIsOffAndNoSessionIsOpened()
    {
        await SayAsync();
        var health = new Health.HealthClient(_gateway.Channel);
        using var watch = health.Watch(new HealthCheckRequest());
        Assert.True(await watch.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout());
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, watch.ResponseStream.Current.Status);

        _ = _gateway.ShutDownAsync();
        await _speaker.WaitForAsync(response => response.GoingAway is not null);
        Assert.True(await watch.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout());
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.NotServing, watch.ResponseStream.Current.Status);
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.NotServing, (await health.CheckAsync(new HealthCheckRequest())).Status);
        var fault = await Assert.ThrowsAsync<RpcException>(() => Speaker.OpenAsync(_gateway.Speech));

        Assert.Equal(StatusCode.Unavailable, fault.StatusCode);
        Assert.True(RpcErrors.TryRead(fault, out var failure));
        Assert.Equal(ErrorReason.ShuttingDown, failure.Reason);
        Assert.NotNull(failure.EffectiveRetryAfter);
    }

    [Fact]
    public async Task WhileDraining_AStreamThatBegins_IsToldTheTimeThatIsLeft()
    {
        await SayAsync();
        _ = _gateway.ShutDownAsync();
        await _speaker.WaitForAsync(response => response.GoingAway is not null);
        _time.Advance(TimeSpan.FromSeconds(1));

        using var late = await FeedReader.OpenAsync(_gateway.Feed, _speaker.SessionId);
        var told = (await late.WaitForAsync(response => response.GoingAway is not null)).GoingAway;
        using var resumed = await _speaker.ResumeAsync(_gateway.Speech);

        Assert.Equal((Grace - TimeSpan.FromSeconds(1)).TotalMilliseconds, told.GraceMs);
        Assert.True(resumed.Opened.Resumed);
    }

    [Fact]
    public async Task Shutdown_WithoutAGrace_EndsAllAtOnce()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(options => options.ShutdownGrace = TimeSpan.Zero, time: _time);
        using var speaker = await Speaker.OpenAsync(gateway.Speech);
        await speaker.SendAudioAsync(_pcm, "plays", end: true);
        await speaker.WaitForAsync(response => response.Payload?.TurnSealed is not null);

        _ = gateway.ShutDownAsync();
        var status = await speaker.WaitForEndAsync();

        Assert.Equal(StatusCode.OK, status.StatusCode);
        Assert.Equal([("plays", TurnOutcome.Failed)], speaker.Received.Payloads().Ended());
        Assert.Equal(ErrorReason.ShuttingDown, speaker.Received[^1].Closed.Error);
    }

    private async Task SayAsync()
    {
        await _speaker.SendAudioAsync(_pcm, "plays", end: true);
        await _speaker.WaitForAsync(response => response.Payload?.TurnSealed is not null);
        await _reader.WaitForAsync(response => response.Payload?.TurnSealed is not null);
    }
}
