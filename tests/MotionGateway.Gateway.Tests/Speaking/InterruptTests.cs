using Grpc.Core;
using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

public sealed class InterruptTests : IAsyncLifetime
{
    private GatewayUnderTest _gateway = null!;

    public async Task InitializeAsync() => _gateway = await GatewayUnderTest.StartAsync();

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Fact]
    public async Task Interrupt_AllAudioSentAndViewersPlaying_DiscardsTheRestAtEveryReader()
    {
        using var speaker = await Speaker.OpenAsync(_gateway.Speech);
        using var reader = await FeedReader.OpenAsync(_gateway.Feed, speaker.Opened.SessionId);
        await speaker.SayAsync(Speech.Create(16000, 16000 * 8), "long");
        await speaker.WaitForAsync(response => response.Payload?.TurnSealed is not null);

        await speaker.SendAsync(new SpeakRequest { Interrupt = new Interrupt { Reason = "barge-in" } });
        await speaker.SendAudioAsync(new byte[320], "long");
        var answer = (await speaker.WaitForAsync(r => r.InterruptAcknowledged is not null)).InterruptAcknowledged;
        var late = (await speaker.WaitForAsync(r => r.AudioAcknowledged?.DiscardedBytes > 0)).AudioAcknowledged;
        await speaker.SayAsync(Speech.Create(16000, 1600), "next");
        await speaker.FinishAsync();
        var status = await speaker.WaitForEndAsync();
        var seen = await reader.ReadToEndAsync();

        Assert.Equal(StatusCode.OK, status.StatusCode);
        Assert.Equal("long", answer.TurnId);
        Assert.False(answer.AlreadyEnded);
        Assert.InRange(answer.Discarded.Through, answer.Discarded.From, long.MaxValue);
        Assert.Equal(("long", 320L), (late.TurnId, late.DiscardedBytes));
        FeedAssert.Fenced(speaker.Received.Payloads(), "long", answer.Discarded);
        FeedAssert.Fenced(seen.Payloads(), "long", answer.Discarded);
        Assert.Equal(["long", "next"], seen.Payloads().Started());
    }

    [Fact]
    public async Task Interrupt_EndedTurn_SaysSoAndDoesNothing()
    {
        using var speaker = await Speaker.OpenAsync(_gateway.Speech);
        await speaker.SayAsync(Speech.Create(16000, 800), "short");
        await speaker.WaitForAsync(response => response.Payload?.TurnEnded is not null);

        await speaker.SendAsync(new SpeakRequest { Interrupt = new Interrupt { TurnId = "short" } });
        var answer = (await speaker.WaitForAsync(r => r.InterruptAcknowledged is not null)).InterruptAcknowledged;

        Assert.True(answer.AlreadyEnded);
        Assert.Null(answer.Discarded);
    }

    [Fact]
    public async Task Interrupt_UnnamedAudioStillComing_IsDroppedUpToTheEndOfTurn()
    {
        using var speaker = await Speaker.OpenAsync(_gateway.Speech);
        await speaker.SendAudioAsync(Speech.Create(16000, 16000));
        await speaker.WaitForAsync(response => response.Payload?.Audio is not null);

        await _gateway.Sessions.InterruptSessionAsync(
            new InterruptSessionRequest { SessionId = speaker.Opened.SessionId, Reason = "operator" });
        await speaker.SendAudioAsync(Speech.Create(16000, 8000));
        await speaker.SendAudioAsync(Speech.Create(16000, 8000), end: true);
        await speaker.SayAsync(Speech.Create(16000, 1600));
        await speaker.FinishAsync();
        await speaker.WaitForEndAsync();

        Assert.Equal(["turn-1", "turn-2"], speaker.Received.Payloads().Started());
        var last = speaker.Received.Last(r => r.AudioAcknowledged?.TurnId == "turn-1").AudioAcknowledged;
        byte[] released = speaker.Received.Payloads().Where(payload => payload.TurnId == "turn-1").Audio();
        Assert.Equal((64000L, 64000L - released.Length), (last.Bytes, last.DiscardedBytes));
    }
}
