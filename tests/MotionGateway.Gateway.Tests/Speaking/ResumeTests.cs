using Google.Protobuf;
using Grpc.Core;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

public sealed class ResumeTests : IAsyncLifetime
{
    private GatewayUnderTest _gateway = null!;

    public async Task InitializeAsync() => _gateway = await GatewayUnderTest.StartAsync();

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Fact]
    public async Task Resume_InMidTurn_GoesOnWhereTheAudioWasTaken()
    {
        byte[] pcm = Speech.Create(16000, 24000);
        var broken = await Speaker.OpenAsync(_gateway.Speech);
        await broken.SendAudioAsync(pcm[..16001], "one");
        await broken.WaitForAsync(r => r.Payload?.Audio is not null);
        broken.Dispose();

        using var speaker = await broken.ResumeAsync(_gateway.Speech);
        Assert.True(speaker.Opened.Resumed);
        Assert.Equal(("one", 16001L), (speaker.Opened.OpenTurnId, speaker.Opened.OpenTurnBytes));
        await speaker.SendAudioAsync(pcm[16001..], "one", end: true);
        await speaker.FinishAsync();
        await speaker.WaitForEndAsync();

        var payloads = broken.Received.Concat(speaker.Received).Where(r => r.Payload is not null).Select(r => r.Payload).ToList();
        Assert.Equal(Enumerable.Range(1, payloads.Count).Select(n => (long)n), payloads.Select(p => p.Sequence));
        Assert.Equal(pcm, payloads.Where(p => p.Audio is not null).SelectMany(p => p.Audio.Data.ToByteArray()).ToArray());
    }

    [Fact]
    public async Task Resume_WhileTheOlderCallGoesOn_EndsItAsSuperseded()
    {
        using var older = await Speaker.OpenAsync(_gateway.Speech);

        using var newer = await older.ResumeAsync(_gateway.Speech);
        var fault = await Assert.ThrowsAsync<RpcException>(() => older.WaitForAsync(_ => false));

        Assert.Equal(StatusCode.Aborted, fault.StatusCode);
        Assert.NotEqual(older.Opened.ResumeToken, newer.Opened.ResumeToken);
        await newer.SayAsync(Speech.Create(16000, 1600));
        await newer.WaitForAsync(r => r.Payload?.TurnEnded is not null);
    }

    [Fact]
    public async Task Resume_PositionThatIsNotThere_LeavesTheTokenValid()
    {
        using var first = await Speaker.OpenAsync(_gateway.Speech);

        var fault = await Assert.ThrowsAsync<RpcException>(() => first.ResumeAsync(
            _gateway.Speech, resume => resume.Position = new Position { Epoch = 1, Sequence = 999 }));
        using var second = await first.ResumeAsync(_gateway.Speech);

        Assert.Equal(StatusCode.OutOfRange, fault.StatusCode);
        Assert.True(second.Opened.Resumed);
    }

    [Fact]
    public async Task Resume_TwiceInARowOverAFlappingLink_GoesOnInMidTurn()
    {
        byte[] pcm = Speech.Create(16000, 64_000);
        var speaker = await Speaker.OpenAsync(_gateway.Speech);
        var seen = new List<Payload>();
        for (int cut = 0; cut < 4; cut++)
        {
            long from = speaker.Opened.OpenTurnBytes;
            await speaker.SendAudioAsync(pcm[(int)from..(int)(from + 16_001)], "story");
            if (cut % 2 == 0)
            {
                await speaker.WaitForAsync(r => r.Payload?.Audio is not null);
            }
            else
            {
                await Testing.Eventually.TrueAsync(() => Received(speaker.SessionId) > from);
            }

            seen.AddRange(speaker.Received.Payloads());
            speaker.Dispose();
            speaker = await speaker.ResumeAsync(_gateway.Speech, resume => resume.Position = new Position { Epoch = 1, Sequence = seen[^1].Sequence });
            Assert.Equal("story", speaker.Opened.OpenTurnId);
        }

        await speaker.SayAsync(pcm[(int)speaker.Opened.OpenTurnBytes..], "story");
        await speaker.TurnEndedAsync("story");
        seen.AddRange(speaker.Received.Payloads());
        speaker.Dispose();

        Assert.Equal(Enumerable.Range(1, seen.Count).Select(n => (long)n), seen.Select(p => p.Sequence));
        FeedAssert.Whole(seen, "story", pcm, 16000);
    }

    [Fact]
    public async Task ResumeToken_OfAnAnswerThatWasLost_TheOneBeforeIsStillGood()
    {
        var first = await Speaker.OpenAsync(_gateway.Speech);
        first.Dispose();
        for (int i = 0; i < 3; i++)
        {
            using var lost = await first.ResumeAsync(_gateway.Speech);
        }

        using var second = await first.ResumeAsync(_gateway.Speech);
        await second.SayAsync(Speech.Create(16000, 800), "one");

        Assert.Equal(TurnOutcome.Completed, (await second.TurnEndedAsync("one")).Outcome);
    }

    [Fact]
    public async Task ResumeToken_OnceItsSuccessorHasBeenUsed_IsNoGood()
    {
        using var first = await Speaker.OpenAsync(_gateway.Speech);
        using var second = await first.ResumeAsync(_gateway.Speech);
        using var third = await second.ResumeAsync(_gateway.Speech);

        var fault = await Assert.ThrowsAsync<RpcException>(() => first.ResumeAsync(_gateway.Speech));

        Assert.Equal(StatusCode.PermissionDenied, fault.StatusCode);
        Assert.True(RpcErrors.TryRead(fault, out var failure));
        Assert.Equal((ErrorReason.ResumeTokenInvalid, "resume.resume_token"), (failure.Reason, failure.Field));
        await third.SayAsync(Speech.Create(16000, 800), "one");
        Assert.Equal(TurnOutcome.Completed, (await third.TurnEndedAsync("one")).Outcome);
    }

    [Fact]
    public async Task Resume_OfAnUnknownSession_IsNotFound()
    {
        var resume = new ResumeSession { SessionId = "s-none", ResumeToken = "guess" };

        var fault = await Assert.ThrowsAsync<RpcException>(() => Speaker.StartAsync(_gateway.Speech, new SpeakRequest { Resume = resume }));

        Assert.Equal(StatusCode.NotFound, fault.StatusCode);
    }

    [Fact]
    public async Task Resume_WithoutPayloads_SendsNoneAndTellsTheEnd()
    {
        using var first = await Speaker.OpenAsync(_gateway.Speech);
        using var second = await first.ResumeAsync(_gateway.Speech, resume => resume.WithoutPayloads = true);
        await second.SayAsync(Speech.Create(16000, 800), "one");
        await second.TurnReportAsync("one");
        await second.FinishAsync();

        var status = await second.WaitForEndAsync();

        Assert.Equal(StatusCode.OK, status.StatusCode);
        Assert.Empty(second.Received.Payloads());
        Assert.NotNull(second.Received[^1].Closed);
    }

    [Fact]
    public async Task Resume_WhileReadersAreFull_IsNotCountedAsOne()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(
            options => options.Limits = options.Limits with { Log = options.Limits.Log with { MaxReaders = 1 } });
        using var first = await Speaker.OpenAsync(gateway.Speech);
        using var reader = await FeedReader.OpenAsync(gateway.Feed, first.SessionId);

        using var second = await first.ResumeAsync(gateway.Speech);

        Assert.True(second.Opened.Resumed);
    }

    // What an older call still sends when another has taken its place is not done.
    [Fact]
    public async Task SupersededCall_ItsInterruptAndClose_AreNotDone()
    {
        for (int i = 0; i < 10; i++)
        {
            using var older = await Speaker.OpenAsync(_gateway.Speech);
            await older.SendAudioAsync(Speech.Create(16000, 8000), "one", end: true);

            // What a call has sent and nobody has read is lost with it.
            await Testing.Eventually.TrueAsync(
                () => _gateway.Sessions.GetSession(new GetSessionRequest { SessionId = older.SessionId }).Session.Turns.Count == 1);
            using var newer = await older.ResumeAsync(_gateway.Speech);
            await older.SendAsync(new SpeakRequest { Interrupt = new Interrupt() });
            await older.SendAsync(new SpeakRequest { EndTurn = new EndTurn { TurnId = "two" } });
            await older.SendAsync(new SpeakRequest { Close = new CloseSession() });
            Assert.Equal(StatusCode.Aborted, (await older.WaitForEndAsync()).StatusCode);

            await newer.SendAudioAsync(Speech.Create(16000, 800), "two", end: true);
            await newer.TurnEndedAsync("two");

            Assert.Equal(
                [("one", TurnOutcome.Completed), ("two", TurnOutcome.Completed)],
                (await _gateway.GetSessionAsync(newer.SessionId)).Turns.Select(turn => (turn.TurnId, turn.Outcome)));
        }
    }

    [Fact]
    public async Task SupersededCall_ItsHalfClose_DoesNotFinishTheSession()
    {
        using var older = await Speaker.OpenAsync(_gateway.Speech);
        using var newer = await older.ResumeAsync(_gateway.Speech);
        await older.FinishAsync();
        await older.WaitForEndAsync();

        await newer.SayAsync(Speech.Create(16000, 800), "one");
        await newer.TurnEndedAsync("one");

        Assert.False((await _gateway.GetSessionAsync(newer.SessionId)).Finishing);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task HalfClose_ThenTheCallerLeaves_EverythingIsHeard(bool isEnded)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(
            options => options.Limits = options.Limits with { ResumeWindow = TimeSpan.FromMilliseconds(100) });
        var speaker = await Speaker.OpenAsync(gateway.Speech);
        using var reader = await FeedReader.OpenAsync(gateway.Feed, speaker.SessionId);
        byte[] one = Speech.Create(16000, 16000);
        byte[] two = Speech.Create(16000, 8000, seed: 2);
        await speaker.SayAsync(one, "one");
        await speaker.SendAudioAsync(two, "two", isEnded);
        await speaker.FinishAsync();
        await Testing.Eventually.TrueAsync(() => gateway.Sessions.GetSession(new GetSessionRequest { SessionId = speaker.SessionId }).Session.Finishing);
        speaker.Dispose();

        await reader.ReadToEndAsync();

        FeedAssert.Whole(reader.Received.Payloads(), "one", one, 16000);
        FeedAssert.Whole(reader.Received.Payloads(), "two", two, 16000);
        Assert.Equal(ErrorReason.Unspecified, reader.Received[^1].Payload.SessionEnded.Error);
    }

    [Fact]
    public async Task Speak_SpeakerDoesNotComeBack_SessionIsClosed()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(
            options => options.Limits = options.Limits with { ResumeWindow = TimeSpan.FromMilliseconds(100) });
        var speaker = await Speaker.OpenAsync(gateway.Speech);
        using var reader = await FeedReader.OpenAsync(gateway.Feed, speaker.Opened.SessionId);

        speaker.Dispose();
        await reader.ReadToEndAsync();

        Assert.Equal(ErrorReason.SpeakerLost, reader.Received[^1].Payload.SessionEnded.Error);
    }

    [Fact]
    public async Task Speak_GarbageAsARequest_IsRefusedAsMalformed()
    {
        var method = new Method<byte[], byte[]>(
            MethodType.DuplexStreaming, "motiongateway.v1.SpeechService", "Speak",
            Marshallers.Create(bytes => bytes, bytes => bytes), Marshallers.Create(bytes => bytes, bytes => bytes));
        using var call = _gateway.Channel.CreateCallInvoker().AsyncDuplexStreamingCall(method, null, default);
        var open = new OpenSession { AvatarId = "avatar-1", AudioFormat = new AudioFormat { SampleRate = 16000 } };
        await call.RequestStream.WriteAsync(new SpeakRequest { Open = open }.ToByteArray());
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));

        await call.RequestStream.WriteUnlessEndedAsync([0x0A, 0xFF, 0xFF, 0xFF]);
        var fault = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await call.ResponseStream.MoveNext(CancellationToken.None))
            {
            }
        });

        Assert.True(RpcErrors.TryRead(fault, out var failure), fault.ToString());
        Assert.Equal(ErrorReason.MalformedRequest, failure.Reason);
    }

    private long Received(string sessionId) => _gateway.Sessions.GetSession(new GetSessionRequest { SessionId = sessionId })
        .Session.Turns.Sum(turn => 2 * turn.SampleCount);
}
