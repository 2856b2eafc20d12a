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
        var seen = await broken.WaitForAsync(r => r.Payload?.Audio is not null);
        broken.Dispose();

        using var speaker = await Speaker.StartAsync(_gateway.Speech, Resume(broken, seen.Payload));
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

        using var newer = await Speaker.StartAsync(_gateway.Speech, Resume(older, null));
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
        var ahead = new Payload { Epoch = 1, Sequence = 999 };

        var fault = await Assert.ThrowsAsync<RpcException>(() => Speaker.StartAsync(_gateway.Speech, Resume(first, ahead)));
        using var second = await Speaker.StartAsync(_gateway.Speech, Resume(first, null));

        Assert.Equal(StatusCode.OutOfRange, fault.StatusCode);
        Assert.True(second.Opened.Resumed);
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
    public async Task Shutdown_OpenStreams_AreToldAndEndedAsUnavailable()
    {
        var gateway = await GatewayUnderTest.StartAsync();
        using var speaker = await Speaker.OpenAsync(gateway.Speech);

        var stopping = gateway.App.StopAsync();
        await speaker.WaitForAsync(r => r.GoingAway is not null);
        var status = await speaker.WaitForEndAsync();
        await stopping;
        await gateway.DisposeAsync();

        Assert.Equal(StatusCode.Unavailable, status.StatusCode);
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

    private static SpeakRequest Resume(Speaker speaker, Payload? last) => new()
    {
        Resume = new ResumeSession
        {
            SessionId = speaker.Opened.SessionId,
            ResumeToken = speaker.Opened.ResumeToken,
            Position = last is null ? null : new Position { Epoch = last.Epoch, Sequence = last.Sequence },
        },
    };
}
