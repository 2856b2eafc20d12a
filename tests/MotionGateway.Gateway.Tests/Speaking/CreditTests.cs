using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Time.Testing;
using MotionGateway.Protocol;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

/// <summary>Speech that comes faster than it is heard. The clock stands still: what is released ahead of playback stays all that is handled.</summary>
public sealed class CreditTests : IAsyncLifetime
{
    private const int Rate = 16000;
    private const int Credit = 200_000;
    private const int ChunkBytes = 20_000;

    private static readonly TimeSpan HeartbeatTimeout = TimeSpan.FromSeconds(45);

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private GatewayUnderTest _gateway = null!;

    public async Task InitializeAsync() => _gateway = await GatewayUnderTest.StartAsync(
        options =>
        {
            options.HeartbeatTimeout = HeartbeatTimeout;
            options.Limits = options.Limits with { AudioCreditBytes = Credit };
        },
        time: _time);

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Fact]
    public async Task Wait_SpeechWithinTheCredit_IsReadWithoutAWord()
    {
        using var speaker = await OpenAsync();
        await SendAsync(speaker, Credit);
        await WaitingAsync(speaker, atLeast: Credit - ReleasedBytes);

        await speaker.InterruptAsync();

        Assert.DoesNotContain(speaker.Received, response => response.ReadingStopped is not null || response.Refused is not null);
    }

    [Fact]
    public async Task Wait_SpeechBeyondTheCredit_IsReadAsFarAgainSoThatAnInterruptBehindItIsSeen()
    {
        using var speaker = await OpenAsync();
        await SendAsync(speaker, 2 * Credit - ChunkBytes);

        var answer = await speaker.InterruptAsync(reason: "barge-in");

        Assert.Equal("long", answer.TurnId);
        Assert.DoesNotContain(speaker.Received, response => response.ReadingStopped is not null);
    }

    [Fact]
    public async Task Wait_SpeechBeyondTwiceTheCredit_StopsReadingAndTellsItOnce()
    {
        using var speaker = await OpenAsync();
        byte[] pcm = Speech.Create(Rate, 4 * Credit / 2);
        var sending = speaker.SayAsync(pcm, "long", ChunkBytes);
        var stopped = await speaker.FindAsync(response => response.ReadingStopped);
        var session = await _gateway.GetSessionAsync(speaker.SessionId);

        Assert.InRange(stopped.UnacknowledgedBytes, 2 * Credit, (2 * Credit) + ChunkBytes);

        // Some of it may have been passed on since.
        Assert.InRange(session.WaitingBytes, Credit, stopped.UnacknowledgedBytes);

        // All that waited is spoken in the end, by the pace of playback alone.
        await _time.AdvanceUntilAsync(TimeSpan.FromMilliseconds(100), () => IsOver(speaker));
        await sending.DefaultTimeout();
        await speaker.TurnEndedAsync("long");
        FeedAssert.Whole(speaker.Received.Payloads(), "long", pcm, Rate);
        await speaker.AcknowledgedAsync("long", pcm.Length);
    }

    [Fact]
    public async Task Wait_WhileReadingIsStopped_TheUnaryCallInterrupts()
    {
        using var speaker = await OpenAsync();
        var sending = speaker.SayAsync(Speech.Create(Rate, 2 * Credit), "long", ChunkBytes);
        await speaker.FindAsync(response => response.ReadingStopped);

        await _gateway.Sessions.InterruptSessionAsync(new InterruptSessionRequest { SessionId = speaker.SessionId });
        await sending.DefaultTimeout();
        await speaker.TurnEndedAsync("long");
        var acknowledged = await speaker.AcknowledgedAsync("long", 4 * Credit);

        Assert.InRange(acknowledged.DiscardedBytes, Credit, 4 * Credit);
        Assert.Equal(0, (await _gateway.GetSessionAsync(speaker.SessionId)).WaitingBytes);
    }

    [Fact]
    public async Task Wait_WhileReadingIsStopped_HeartbeatsAreNotDemanded()
    {
        using var speaker = await OpenAsync();
        await speaker.SendAsync(new SpeakRequest { Heartbeat = new Heartbeat { Time = Timestamp.FromDateTime(DateTime.UtcNow) } });
        var sending = speaker.SayAsync(Speech.Create(Rate, 4 * Credit), "long", ChunkBytes);
        await speaker.FindAsync(response => response.ReadingStopped);

        _time.Advance(HeartbeatTimeout);
        Assert.Equal(SessionState.Active, (await _gateway.GetSessionAsync(speaker.SessionId)).State);

        // Once it is read again they are.
        await _gateway.Sessions.InterruptSessionAsync(new InterruptSessionRequest { SessionId = speaker.SessionId });
        await sending.DefaultTimeout();
        await speaker.AcknowledgedAsync("long", 8 * Credit);
        var ending = speaker.WaitForFailureAsync();
        await _time.AdvanceUntilAsync(TimeSpan.FromSeconds(1), () => ending.IsCompleted);
        Assert.True(RpcErrors.TryRead(await ending, out var failure));
        Assert.Equal(ErrorReason.HeartbeatTimeout, failure.Reason);
    }

    [Fact]
    public async Task Refuse_SpeechBeyondTheCredit_IsRefusedWithItsTurnAndTheCallGoesOn()
    {
        using var speaker = await OpenAsync(CreditPolicy.Refuse);
        await SendAsync(speaker, Credit + ReleasedBytes + ChunkBytes);
        var refused = await speaker.FindAsync(response => response.Refused);
        await speaker.InterruptAsync();
        var ended = await speaker.TurnEndedAsync("long");
        byte[] next = Speech.Create(Rate, Rate / 10);
        await speaker.SendAudioAsync(next, "next", end: true);
        await speaker.WaitForAsync(response => response.Payload is { TurnId: "next", TurnSealed: not null });

        Assert.Equal((ErrorReason.AudioCreditExceeded, "audio.data", "long"), (refused.Reason, refused.Field, refused.TurnId));
        Assert.Equal(TurnOutcome.Interrupted, ended.Outcome);
        Assert.DoesNotContain(speaker.Received, response => response.ReadingStopped is not null);
        Assert.Equal(next, speaker.Received.Payloads().Where(payload => payload.TurnId == "next").Audio());
    }

    [Fact]
    public async Task Refuse_SpeechAtTheCredit_IsTaken()
    {
        using var speaker = await OpenAsync(CreditPolicy.Refuse);
        await SendAsync(speaker, Credit);
        await speaker.InterruptAsync();

        Assert.DoesNotContain(speaker.Received, response => response.Refused is not null);
    }

    [Fact]
    public async Task Acknowledgements_FreeTheCredit_AsSpeechIsPassedOn()
    {
        using var speaker = await OpenAsync(CreditPolicy.Refuse);
        byte[] pcm = Speech.Create(Rate, 2 * Credit);
        for (int at = 0; at < pcm.Length; at += Credit / 2)
        {
            await speaker.SendAudioAsync(pcm[at..(at + (Credit / 2))], "long");
            if (at > 0)
            {
                var freed = speaker.WaitForAsync(response => response.AudioAcknowledged?.Bytes >= at);
                await _time.AdvanceUntilAsync(TimeSpan.FromMilliseconds(100), () => freed.IsCompleted);
                await freed;
            }
        }

        await speaker.EndTurnAsync("long");
        await _time.AdvanceUntilAsync(TimeSpan.FromMilliseconds(100), () => IsOver(speaker));
        await speaker.TurnEndedAsync("long");

        FeedAssert.Whole(speaker.Received.Payloads(), "long", pcm, Rate);
    }

    // What a session that may be so far ahead has released while the clock stands still.
    private static int ReleasedBytes => Rate * sizeof(short) / 2;

    private Task<Speaker> OpenAsync(CreditPolicy policy = CreditPolicy.Wait) => Speaker.OpenAsync(
        _gateway.Speech,
        open => open.Delivery = new Delivery { AudioRelease = AudioRelease.AtOnce, MaxLeadMs = 500, CreditPolicy = policy });

    private static async Task SendAsync(Speaker speaker, int bytes)
    {
        byte[] pcm = Speech.Create(Rate, ChunkBytes / 2);
        for (int sent = 0; sent < bytes; sent += ChunkBytes)
        {
            await speaker.SendAudioAsync(pcm[..Math.Min(ChunkBytes, bytes - sent)], "long");
        }
    }

    private Task WaitingAsync(Speaker speaker, long atLeast) => Eventually.TrueAsync(() => Waiting(speaker) >= atLeast);

    private long Waiting(Speaker speaker) =>
        _gateway.Sessions.GetSession(new GetSessionRequest { SessionId = speaker.SessionId }).Session.WaitingBytes;

    private bool IsOver(Speaker speaker) => _gateway.Sessions.GetSession(new GetSessionRequest { SessionId = speaker.SessionId })
        .Session.Turns is [.., { State: TurnState.Ended }];
}
