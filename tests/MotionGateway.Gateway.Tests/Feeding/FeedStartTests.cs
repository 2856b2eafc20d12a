using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using MotionGateway.Protocol;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

/// <summary>Where a feed begins. The clock moves when a test says so: what plays goes on playing.</summary>
public sealed class FeedStartTests : IAsyncLifetime
{
    private const int Rate = 16000;

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly byte[] _pcm = Speech.Create(Rate, Rate * 8);
    private GatewayUnderTest _gateway = null!;
    private Speaker _speaker = null!;

    private string SessionId => _speaker.SessionId;

    public async Task InitializeAsync()
    {
        _gateway = await GatewayUnderTest.StartAsync(time: _time);
        _speaker = await Speaker.OpenAsync(_gateway.Speech);
    }

    public async Task DisposeAsync()
    {
        _speaker.Dispose();
        await _gateway.DisposeAsync();
    }

    [Theory]
    [InlineData(FeedStart.Unspecified)]
    [InlineData(FeedStart.CurrentTurn)]
    public async Task CurrentTurn_InItsMidst_BeginsWithItsStart(FeedStart start)
    {
        await SayAsync("before", heard: true);
        await SayAsync("plays");
        _time.Advance(TimeSpan.FromSeconds(3));

        using var reader = await OpenAsync(start);
        await reader.WaitForAsync(response => response.Payload?.TurnSealed is not null);

        var payloads = reader.Received.Payloads().ToList();
        Assert.Equal("plays", payloads[0].TurnId);
        Assert.NotNull(payloads[0].TurnStarted);
        Assert.Equal(reader.Started.Position.Sequence + 1, payloads[0].Sequence);
        Assert.Equal(_pcm, payloads.Audio());
        FeedAssert.Contiguous(reader.Received);
    }

    [Theory]
    [InlineData(FeedStart.CurrentTurn)]
    [InlineData(FeedStart.Live)]
    [InlineData(FeedStart.Now)]
    public async Task AnyRule_WhereNoTurnPlays_BeginsWithTheNext(FeedStart start)
    {
        await SayAsync("before", heard: true);

        using var reader = await OpenAsync(start);
        await SayAsync("next");
        await reader.WaitForAsync(response => response.Payload?.TurnSealed is not null);

        Assert.Equal(["next"], reader.Received.Payloads().Started());
        Assert.Equal(_pcm, reader.Received.Payloads().Audio());
        FeedAssert.Contiguous(reader.Received);
    }

    [Fact]
    public async Task Live_InTheMidstOfATurn_LeavesItOutAndDeclaresIt()
    {
        await SayAsync("plays");
        using var reader = await OpenAsync(FeedStart.Live);
        await _speaker.SendAudioAsync(_pcm, "next", end: true);
        await _time.AdvanceUntilAsync(TimeSpan.FromMilliseconds(100), () => IsOver("next"));
        await reader.TurnEndedAsync("next");

        Assert.DoesNotContain(reader.Received.Payloads(), payload => payload.TurnId == "plays");
        FeedAssert.Whole(reader.Received.Payloads(), "next", _pcm, Rate);
        FeedAssert.Contiguous(reader.Received);
    }

    [Fact]
    public async Task Now_BeginsAtTheFirstSampleOfTheMotionThatIsHeard()
    {
        await SayAsync("plays");
        var whole = _speaker.Received.Payloads().ToList();
        const int heardKeyframe = 3 * 25;
        _time.Advance(TimeSpan.FromSeconds(3));

        using var reader = await OpenAsync(FeedStart.Now);
        await reader.WaitForAsync(response => response.Payload?.TurnSealed is not null);

        var payloads = reader.Received.Payloads().ToList();
        var heard = whole.Last(payload => payload.Motion?.FirstKeyframe <= heardKeyframe).Motion;
        var firstMotion = payloads.First(payload => payload.Motion is not null).Motion;
        var firstAudio = payloads.First(payload => payload.Audio is not null).Audio;
        Assert.NotNull(payloads[0].TurnStarted);
        Assert.Equal(heard.FirstKeyframe, firstMotion.FirstKeyframe);
        Assert.InRange(heard.FirstKeyframe, 1, heardKeyframe);
        long firstSample = heard.FirstKeyframe * Rate / 25;
        Assert.InRange(firstSample, firstAudio.FirstSample, firstAudio.FirstSample + firstAudio.SampleCount - 1);
        Assert.Equal(_pcm[(int)(2 * firstAudio.FirstSample)..], payloads.Audio());
        Assert.Contains(reader.Received, response => response.Skipped?.Reason == SkipReason.BeforeStart);
        FeedAssert.Contiguous(reader.Received);
    }

    [Fact]
    public async Task Position_AnywhereInTheLog_GoesOnAfterIt()
    {
        await SayAsync("plays");
        var whole = _speaker.Received.Payloads().ToList();
        foreach (int sequence in (int[])[0, 1, whole.Count / 2, whole.Count])
        {
            using var reader = await FeedReader.OpenAsync(
                _gateway.Feed, SessionId, start => start.Position = new Position { Epoch = 1, Sequence = sequence });
            await _speaker.SendAsync(new SpeakRequest { ViewerMessage = new ViewerMessage { Kind = "mark", Text = $"{sequence}" } });
            await reader.WaitForAsync(response => response.Payload?.ViewerMessage?.Text == $"{sequence}");

            Assert.Equal(sequence, reader.Started.Position.Sequence);
            Assert.Equal(
                whole.Where(payload => payload.Sequence > sequence), reader.Received.Payloads().Where(payload => payload.Sequence <= whole.Count));
            FeedAssert.Contiguous(reader.Received);
        }
    }

    [Fact]
    public async Task Position_ThatHasLeftTheLog_SaysWhatIsThere()
    {
        await SayAsync("one", heard: true);
        _time.Advance(TimeSpan.FromMinutes(2));
        await _speaker.SendAsync(new SpeakRequest { ViewerMessage = new ViewerMessage { Kind = "k", Text = "t" } });
        await _speaker.FindAsync(response => response.Payload?.ViewerMessage);

        var fault = await Assert.ThrowsAsync<RpcException>(() => FeedReader.OpenAsync(
            _gateway.Feed, SessionId, start => start.Position = new Position { Epoch = 1, Sequence = 1 }));

        Assert.Equal(StatusCode.OutOfRange, fault.StatusCode);
        Assert.True(RpcErrors.TryRead(fault, out var failure));
        long there = (await _gateway.GetSessionAsync(SessionId)).Available.From;
        Assert.Equal((ErrorReason.SequenceExpired, there, 1u), (failure.Reason, failure.Available!.Value.From, failure.Epoch));
    }

    [Theory]
    [InlineData(FeedStart.Unspecified)]
    [InlineData(FeedStart.CurrentTurn)]
    [InlineData(FeedStart.Live)]
    [InlineData(FeedStart.Now)]
    public async Task AnyRule_OfASessionThatHasJustBeenClosed_TellsItsEnd(FeedStart start)
    {
        await SayAsync("one");
        await _speaker.SendAsync(new SpeakRequest { Close = new CloseSession { Reason = "over" } });
        await _speaker.WaitForEndAsync();

        using var reader = await OpenAsync(start);
        await reader.ReadToEndAsync();

        Assert.Equal("over", Assert.Single(reader.Received.Payloads()).SessionEnded.Reason);
        FeedAssert.Contiguous(reader.Received);
    }

    [Fact]
    public async Task Position_AtTheEndOfAClosedSession_EndsAtOnce()
    {
        await _speaker.SendAsync(new SpeakRequest { Close = new CloseSession() });
        await _speaker.WaitForEndAsync();

        using var reader = await FeedReader.OpenAsync(
            _gateway.Feed, SessionId, start => start.Position = new Position { Epoch = 1, Sequence = 1 });
        await reader.ReadToEndAsync();

        Assert.Empty(reader.Received.Payloads());
    }

    [Fact]
    public async Task Start_OfAnUnknownKind_IsRefused()
    {
        var fault = await Assert.ThrowsAsync<RpcException>(() => OpenAsync((FeedStart)99));

        Assert.True(RpcErrors.TryRead(fault, out var failure));
        Assert.Equal((ErrorReason.InvalidRequest, "start.start"), (failure.Reason, failure.Field));
    }

    [Fact]
    public async Task Started_TellsWhatAvatarKitAndAReaderNeed()
    {
        using var named = await FeedReader.OpenAsync(_gateway.Feed, SessionId, start => start.ReaderId = "me");
        using var unnamed = await FeedReader.OpenAsync(_gateway.Feed, SessionId);

        Assert.Equal(
            new FeedStarted
            {
                SessionId = SessionId,
                ReaderId = "me",
                Position = new Position { Epoch = 1 },
                AvatarId = "avatar-1",
                SampleRate = Rate,
                AppId = "local-app",
                HeartbeatIntervalMs = 15_000,
                TurnHeartbeatIntervalMs = 2000,
                WindowBytes = 128 * 1024,
                AudioEncoding = AudioEncoding.PcmS16Le,
                Permissions = { ViewerPermission.Interrupt, ViewerPermission.Talk },
                SlowReaderPolicy = SlowReaderPolicy.Disconnect,
            },
            named.Started);
        Assert.NotEmpty(unnamed.Started.ReaderId);
    }

    private Task<FeedReader> OpenAsync(FeedStart from) => FeedReader.OpenAsync(_gateway.Feed, SessionId, start => start.Start = from);

    private async Task SayAsync(string turnId, bool heard = false)
    {
        await _speaker.SendAudioAsync(_pcm, turnId, end: true);
        await _speaker.WaitForAsync(response => response.Payload?.TurnId == turnId && response.Payload.TurnSealed is not null);
        if (heard)
        {
            await _time.AdvanceUntilAsync(TimeSpan.FromMilliseconds(500), () => IsOver(turnId));
        }
    }

    private bool IsOver(string turnId) => _gateway.Sessions.GetSession(new GetSessionRequest { SessionId = SessionId })
        .Session.Turns.Any(turn => turn.TurnId == turnId && turn.State == TurnState.Ended);
}
