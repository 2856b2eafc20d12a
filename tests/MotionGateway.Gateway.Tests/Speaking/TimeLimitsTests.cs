using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using MotionGateway.Protocol;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

/// <summary>Bounds of waits: nothing happens within them, and what is promised when they have passed.</summary>
public sealed class TimeLimitsTests : IAsyncLifetime
{
    private const int Rate = 16000;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan IdleLimit = TimeSpan.FromSeconds(100);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(100);

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly byte[] _pcm = Speech.Create(Rate, Rate);
    private GatewayUnderTest _gateway = null!;

    public async Task InitializeAsync() => _gateway = await GatewayUnderTest.StartAsync(
        options => options.Limits = options.Limits with
        {
            OpenTurnTimeout = Limit,
            ResumeWindow = Limit,
            IdleTimeout = IdleLimit,
            PauseLimit = Limit,
            ClosedRetention = Limit,
        },
        time: _time);

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Fact]
    public async Task OpenTurnTimeout_WithoutAudioForSoLong_PlaysWhatWasTakenAndFailsTheTurn()
    {
        using var speaker = await OpenAsync();
        await speaker.SendAudioAsync(_pcm[..16000], "open");
        await speaker.FindAsync(response => response.Payload?.Audio);
        _time.Advance(Limit - Moment);
        await speaker.SendAudioAsync(_pcm[16000..], "open");
        await Eventually.TrueAsync(() => TurnOf(speaker).SampleCount == Rate);

        _time.Advance(Limit - Moment);
        var within = Assert.Single((await _gateway.GetSessionAsync(speaker.SessionId)).Turns);
        _time.Advance(Moment);
        var beyond = Assert.Single((await _gateway.GetSessionAsync(speaker.SessionId)).Turns);
        await _time.AdvanceUntilAsync(Moment, () => TurnOf(speaker).State == TurnState.Ended);
        var report = await speaker.TurnReportAsync("open");

        Assert.Equal((false, true), (within.Complete, beyond.Complete));
        Assert.Equal((TurnOutcome.Failed, ErrorReason.TurnAbandoned, Rate), (report.Outcome, report.Error, report.PlayedSamples));
        Assert.Equal(_pcm, speaker.Received.Payloads().Audio());
    }

    [Fact]
    public async Task OpenTurnTimeout_AudioAfterIt_IsDiscarded()
    {
        using var speaker = await OpenAsync();
        await speaker.SendAudioAsync(_pcm, "open");
        await speaker.AcknowledgedAsync("open", _pcm.Length);
        _time.Advance(Limit);

        await speaker.SendAudioAsync(_pcm, "open");
        var acknowledged = await speaker.AcknowledgedAsync("open", 2 * _pcm.Length);

        Assert.Equal(_pcm.Length, acknowledged.DiscardedBytes);
    }

    [Fact]
    public async Task PauseLimit_APauseOfThatLength_EndsByItself()
    {
        using var speaker = await OpenAsync();
        await speaker.SendAudioAsync(_pcm, "held", end: true);
        await speaker.FindAsync(response => response.Payload?.TurnSealed);
        _time.Advance(TimeSpan.FromMilliseconds(250));
        await speaker.SendAsync(new SpeakRequest { PausePlayback = new PausePlayback() });
        var paused = await speaker.FindAsync(response => response.Payload?.PlaybackChanged);

        _time.Advance(Limit - Moment);
        var within = TurnOf(speaker);
        _time.Advance(Moment);
        var resumed = (await speaker.WaitForAsync(response => response.Payload?.PlaybackChanged is not null)).Payload.PlaybackChanged;
        await _time.AdvanceUntilAsync(Moment, () => TurnOf(speaker).State == TurnState.Ended);
        await speaker.TurnEndedAsync("held");

        Assert.Equal((true, Rate / 4), (paused.Paused, paused.PlayedSamples));
        Assert.Equal((TurnState.Sealed, Rate / 4), (within.State, within.PlayedSamples));
        Assert.Equal((false, Rate / 4), (resumed.Paused, resumed.PlayedSamples));
        FeedAssert.Whole(speaker.Received.Payloads(), "held", _pcm, Rate);
    }

    [Fact]
    public async Task ResumePlayback_OfAHeldTurn_LetsItGoOn()
    {
        using var speaker = await OpenAsync();
        await speaker.SendAsync(new SpeakRequest { PausePlayback = new PausePlayback() });
        await speaker.SendAudioAsync(_pcm, "held", end: true);
        await speaker.FindAsync(response => response.Payload?.TurnSealed);
        await speaker.SendAsync(new SpeakRequest { PausePlayback = new PausePlayback() });
        await speaker.SendAsync(new SpeakRequest { PausePlayback = new PausePlayback() });
        await speaker.SendAsync(new SpeakRequest { ResumePlayback = new ResumePlayback() });
        await speaker.SendAsync(new SpeakRequest { ResumePlayback = new ResumePlayback() });
        await speaker.WaitForAsync(response => response.Payload?.PlaybackChanged is { Paused: false });
        await _time.AdvanceUntilAsync(Moment, () => TurnOf(speaker).State == TurnState.Ended);
        await speaker.TurnEndedAsync("held");

        // Where nothing plays, or is held already, nothing is done.
        Assert.Equal(2, speaker.Received.Count(response => response.Payload?.PlaybackChanged is not null));
        Assert.DoesNotContain(speaker.Received, response => response.Refused is not null);
    }

    [Fact]
    public async Task ResumeWindow_ASpeakerThatComesBackWithin_GoesOnAndOneThatDoesNot_LosesTheSession()
    {
        var first = await OpenAsync();
        first.Dispose();
        await StateAsync(first, SessionState.Detached);
        _time.Advance(Limit - Moment);
        var second = await first.ResumeAsync(_gateway.Speech);
        second.Dispose();
        await StateAsync(first, SessionState.Detached);
        _time.Advance(Limit - Moment);
        await StateAsync(first, SessionState.Detached);

        _time.Advance(Moment);
        var fault = await Assert.ThrowsAsync<RpcException>(() => second.ResumeAsync(_gateway.Speech));

        Assert.True(RpcErrors.TryRead(fault, out var failure));
        Assert.Equal(ErrorReason.SessionClosed, failure.Reason);
        Assert.Equal(ErrorReason.SpeakerLost, (await _gateway.GetSessionAsync(first.SessionId)).Error);
    }

    [Fact]
    public async Task IdleTimeout_ASessionWithoutATurnForThatLong_IsClosedOnItsOwn()
    {
        using var speaker = await OpenAsync();
        _time.Advance(IdleLimit - Moment);
        await speaker.SendAudioAsync(_pcm, "word", end: true);
        await speaker.FindAsync(response => response.Payload?.TurnSealed);
        await _time.AdvanceUntilAsync(Moment, () => TurnOf(speaker).State == TurnState.Ended);
        _time.Advance(IdleLimit - Moment - Moment);
        await StateAsync(speaker, SessionState.Active);

        _time.Advance(Moment + Moment);
        var status = await speaker.WaitForEndAsync();

        Assert.Equal(StatusCode.OK, status.StatusCode);
        Assert.Equal((ErrorReason.Unspecified, "idle"), (speaker.Received[^1].Closed.Error, speaker.Received[^1].Closed.Reason));
    }

    [Fact]
    public async Task ClosedRetention_AClosedSession_CanBeReadForThatLongAndIsGoneThen()
    {
        using var speaker = await OpenAsync();
        await speaker.SendAsync(new SpeakRequest { Close = new CloseSession() });
        await speaker.WaitForEndAsync();
        _time.Advance(Limit - Moment);
        using (var reader = await FeedReader.OpenAsync(_gateway.Feed, speaker.SessionId))
        {
            await reader.ReadToEndAsync();
            Assert.NotNull(reader.Received[^1].Payload.SessionEnded);
        }

        // What is expired is let go of once a second.
        await _time.AdvanceUntilAsync(TimeSpan.FromSeconds(1), () => _gateway.Sessions.ListSessions(new ListSessionsRequest()).Sessions.Count == 0);
        var fault = await Assert.ThrowsAsync<RpcException>(() => FeedReader.OpenAsync(_gateway.Feed, speaker.SessionId));

        Assert.True(RpcErrors.TryRead(fault, out var failure));
        Assert.Equal(ErrorReason.SessionNotFound, failure.Reason);
    }

    [Fact]
    public async Task OpenTimeout_ACallWithoutAFirstRequest_IsEnded()
    {
        var begun = _time.GetUtcNow();
        using var silent = Speaker.Start(_gateway.Speech);
        var ending = silent.WaitForEndAsync();
        using var silentReader = _gateway.Feed.Subscribe();
        var readerEnding = silentReader.ResponseStream.MoveNext(CancellationToken.None);

        await _time.AdvanceUntilAsync(TimeSpan.FromSeconds(1), () => ending.IsCompleted && readerEnding.IsCompleted);
        var status = await ending;
        var fault = await Assert.ThrowsAsync<RpcException>(() => readerEnding);

        Assert.InRange(_time.GetUtcNow() - begun, TimeSpan.FromSeconds(30), TimeSpan.MaxValue);
        Assert.Equal(StatusCode.FailedPrecondition, status.StatusCode);
        Assert.StartsWith("SESSION_NOT_OPEN", status.Detail, StringComparison.Ordinal);
        Assert.StartsWith("INVALID_REQUEST request", fault.Status.Detail, StringComparison.Ordinal);
    }

    private Task<Speaker> OpenAsync() => Speaker.OpenAsync(
        _gateway.Speech, open => open.Delivery = new Delivery { AudioRelease = AudioRelease.AtOnce });

    private Turn TurnOf(Speaker speaker) =>
        _gateway.Sessions.GetSession(new GetSessionRequest { SessionId = speaker.SessionId }).Session.Turns[^1];

    private Task StateAsync(Speaker speaker, SessionState state) => Eventually.EqualAsync(
        state, () => _gateway.Sessions.GetSession(new GetSessionRequest { SessionId = speaker.SessionId }).Session.State);
}
