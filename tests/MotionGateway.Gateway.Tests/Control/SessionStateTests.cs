using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using MotionGateway.Protocol;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

/// <summary>What is shown of a session, at once and as it changes. The clock moves when a test says so.</summary>
public sealed class SessionStateTests : IAsyncLifetime
{
    private const int Rate = 16000;

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly byte[] _pcm = Speech.Create(Rate, Rate * 4);
    private GatewayUnderTest _gateway = null!;
    private Speaker _speaker = null!;

    public async Task InitializeAsync()
    {
        _gateway = await GatewayUnderTest.StartAsync(options => options.WriteTimeout = TimeSpan.FromSeconds(15), time: _time);
        _speaker = await Speaker.OpenAsync(_gateway.Speech, open => open.Labels["room"] = "a");
    }

    public async Task DisposeAsync()
    {
        _speaker.Dispose();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task GetSession_WhileOneTurnPlaysAndOthersWait_ShowsThemAll()
    {
        await _speaker.SendAudioAsync(_pcm, "plays", end: true);
        await _speaker.SendAudioAsync(_pcm, "waits", end: true);
        await _speaker.SendAudioAsync(_pcm[..3200], "open");
        await _speaker.WaitForAsync(response => response.Payload is { TurnId: "plays", TurnSealed: not null });
        await Eventually.TrueAsync(() => Show().Turns.Count == 3);
        _time.Advance(TimeSpan.FromSeconds(1));
        using var reader = await FeedReader.OpenAsync(_gateway.Feed, _speaker.SessionId);

        var session = Show();

        Assert.Equal((_speaker.SessionId, "avatar-1", "default", SessionState.Active), (session.SessionId, session.AvatarId, session.App, session.State));
        Assert.Equal((Rate, "a"), (session.AudioFormat.SampleRate, session.Labels["room"]));
        Assert.Equal((3L, 2, false, ErrorReason.Unspecified), (session.TurnCount, session.ReaderCount, session.Finishing, session.Error));
        Assert.Equal(_pcm.Length + 3200, session.WaitingBytes);
        Assert.NotEmpty(session.ConnectionId);
        Assert.InRange(session.LogBytes, _pcm.Length, 2 * _pcm.Length);
        Assert.Equal(Timestamp.FromDateTimeOffset(_time.GetUtcNow() - TimeSpan.FromSeconds(1)), session.CreateTime);
        long last = session.Position.Sequence;
        Assert.Equal(new SequenceRange { From = 1, Through = last }, session.Available);
        Assert.Equal(
            (Turn[])
            [
                new Turn
                {
                    TurnId = "plays", State = TurnState.Sealed, SampleCount = 4 * Rate, KeyframeCount = 100, PlayedSamples = Rate, Complete = true,
                    Sequences = new SequenceRange { From = 1, Through = last },
                },
                new Turn { TurnId = "waits", State = TurnState.Waiting, SampleCount = 4 * Rate, KeyframeCount = 100, Complete = true },
                new Turn { TurnId = "open", State = TurnState.Waiting, SampleCount = 1600 },
            ],
            session.Turns);
    }

    [Fact]
    public async Task GetSession_AfterManyTurns_ShowsTheLatestOfThoseThatAreOver()
    {
        for (int i = 0; i < 20; i++)
        {
            await _speaker.SendAudioAsync([1, 2], $"t{i}", end: true);
            await _time.AdvanceUntilAsync(TimeSpan.FromMilliseconds(10), () => Show().Turns is [.., { State: TurnState.Ended }] && Show().TurnCount == i + 1);
        }

        var session = Show();

        Assert.Equal(20, session.TurnCount);
        Assert.Equal(Enumerable.Range(4, 16).Select(i => $"t{i}"), session.Turns.Select(turn => turn.TurnId));
        Assert.All(session.Turns, turn => Assert.Equal(TurnOutcome.Completed, turn.Outcome));
    }

    [Fact]
    public async Task GetSession_OfASessionThatFailed_SaysWhy()
    {
        await _speaker.SendAudioAsync(_pcm, "plays", end: true);
        await _speaker.WaitForAsync(response => response.Payload?.TurnSealed is not null);
        _speaker.Dispose();
        await Eventually.TrueAsync(() => Show().State == SessionState.Detached);
        await _time.AdvanceUntilAsync(TimeSpan.FromSeconds(1), () => Show().State == SessionState.Closed);

        Assert.Equal(ErrorReason.SpeakerLost, Show().Error);
        Assert.Equal("", Show().ConnectionId);
    }

    [Fact]
    public async Task WatchSession_SendsTheStateNowAfterChangesAndAtTheEnd()
    {
        using var watch = _gateway.Sessions.WatchSession(new WatchSessionRequest { SessionId = _speaker.SessionId });
        var now = await NextAsync(watch);
        await _speaker.SendAudioAsync(_pcm, "one", end: true);
        await _speaker.WaitForAsync(response => response.Payload?.TurnSealed is not null);
        var changed = await UntilAsync(watch, session => session.Turns is [{ State: TurnState.Sealed }]);
        await _speaker.SendAsync(new SpeakRequest { Close = new CloseSession() });
        var last = await UntilAsync(watch, session => session.State == SessionState.Closed);

        Assert.Equal(SessionState.Active, now.State);
        Assert.Empty(now.Turns);
        Assert.Equal("one", changed.Turns[0].TurnId);
        Assert.Equal(TurnOutcome.Interrupted, last.Turns[0].Outcome);
        Assert.False(await watch.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout());
    }

    [Fact]
    public async Task WatchSession_ChangesInQuickSuccession_AreSentAsOne()
    {
        using var watch = _gateway.Sessions.WatchSession(new WatchSessionRequest { SessionId = _speaker.SessionId });
        await NextAsync(watch);
        for (int i = 0; i < 200; i++)
        {
            await _speaker.SendAudioAsync(_pcm[..320], "many");
        }

        // The clock stands still: whatever changes, the next is told when it moves.
        await Eventually.TrueAsync(() => Show().Turns is [{ SampleCount: 200 * 160 }]);
        int told = 0;
        await UntilAsync(watch, session =>
        {
            told++;
            return session.Turns is [{ SampleCount: 200 * 160 }];
        });

        Assert.InRange(told, 1, 3);
    }

    [Fact]
    public async Task WatchSession_AWatcherThatDoesNotRead_IsEnded()
    {
        using var deaf = _gateway.Sessions.WatchSession(new WatchSessionRequest { SessionId = _speaker.SessionId });
        await NextAsync(deaf);
        int sent = 0;
        await _time.AdvanceUntilAsync(TimeSpan.FromMilliseconds(500), () =>
        {
            // Names of turns make the state large; its watcher is told of each change.
            _speaker.SendAudioAsync([1, 2], $"{++sent}-{new string('x', 50)}", end: true).Wait();
            return _gateway.Log.Entries.Any(entry => entry.Message.Contains("WatchSession refused: ReaderTooSlow", StringComparison.Ordinal));
        });
    }

    [Fact]
    public async Task WatchSession_OfAClosedSession_TellsItAndEnds()
    {
        await _speaker.SendAsync(new SpeakRequest { Close = new CloseSession() });
        await _speaker.WaitForEndAsync();

        using var watch = _gateway.Sessions.WatchSession(new WatchSessionRequest { SessionId = _speaker.SessionId });

        Assert.Equal(SessionState.Closed, (await NextAsync(watch)).State);
        Assert.False(await watch.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout());
    }

    [Fact]
    public async Task WatchSession_OfAnUnknownSession_IsNotFound()
    {
        using var watch = _gateway.Sessions.WatchSession(new WatchSessionRequest { SessionId = "s-none" });

        var fault = await Assert.ThrowsAsync<RpcException>(() => watch.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout());

        Assert.True(RpcErrors.TryRead(fault, out var failure));
        Assert.Equal((ErrorReason.SessionNotFound, "s-none"), (failure.Reason, failure.Ids.SessionId));
    }

    private static async Task<V1.Session> NextAsync(AsyncServerStreamingCall<WatchSessionResponse> watch)
    {
        Assert.True(await watch.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout());
        return watch.ResponseStream.Current.Session;
    }

    // Between two states a watcher is told there is a pause, by the gateway's clock.
    private async Task<V1.Session> UntilAsync(AsyncServerStreamingCall<WatchSessionResponse> watch, Func<V1.Session, bool> condition)
    {
        while (true)
        {
            var next = watch.ResponseStream.MoveNext(CancellationToken.None);
            await _time.AdvanceUntilAsync(TimeSpan.FromMilliseconds(10), () => next.IsCompleted);
            Assert.True(await next);
            if (condition(watch.ResponseStream.Current.Session))
            {
                return watch.ResponseStream.Current.Session;
            }
        }
    }

    private V1.Session Show() => _gateway.Sessions.GetSession(new GetSessionRequest { SessionId = _speaker.SessionId }).Session;
}
