using Microsoft.Extensions.Time.Testing;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

/// <summary>What is released when, as <c>Delivery</c> asks for it. The clock moves when a test says so.</summary>
public sealed class ReleaseTests : IAsyncLifetime
{
    private const int Rate = 16000;

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private GatewayUnderTest _gateway = null!;

    public async Task InitializeAsync() => _gateway = await GatewayUnderTest.StartAsync(time: _time);

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Theory]
    [InlineData(20)]
    [InlineData(250)]
    [InlineData(2000)]
    [InlineData(10_000)]
    public async Task MaxLead_SpeechThatComesAtOnce_IsReleasedSoFarAheadOfPlaybackAndNoFurther(int leadMs)
    {
        using var speaker = await OpenAsync(delivery => (delivery.MaxLeadMs, delivery.AudioRelease) = (leadMs, AudioRelease.AtOnce));
        long lead = (long)leadMs * Rate / 1000;
        await speaker.SendAudioAsync(Speech.Create(Rate, Rate * 15), "long", end: true);
        await AssertReleasedAsync(speaker, lead);

        // What was released is heard by then, where the lead is shorter.
        _time.Advance(TimeSpan.FromSeconds(1));
        await AssertReleasedAsync(speaker, lead + Math.Min(lead, Rate));
    }

    [Fact]
    public async Task MaxLead_TurnsReleasedAtOnce_CountTogether()
    {
        using var speaker = await OpenAsync(delivery =>
            (delivery.MaxLeadMs, delivery.AudioRelease, delivery.TurnRelease) = (1000, AudioRelease.AtOnce, TurnRelease.AtOnce));
        for (int i = 0; i < 10; i++)
        {
            await speaker.SendAudioAsync(Speech.Create(Rate, Rate / 5), $"t{i}", end: true);
        }

        await speaker.WaitForAsync(response => response.Payload is { TurnId: "t4", TurnSealed: not null });
        await speaker.InterruptAsync("t9");

        Assert.Equal(Rate * 2, speaker.Received.Payloads().Audio().Length);
        Assert.Equal(["t0", "t1", "t2", "t3", "t4"], speaker.Received.Payloads().Started().Take(5));
    }

    [Fact]
    public async Task AfterPrevious_TheNextTurn_BeginsWhenTheOneBeforeHasEnded()
    {
        using var speaker = await OpenAsync(_ => { });
        await speaker.SendAudioAsync(Speech.Create(Rate, Rate), "one", end: true);
        await speaker.SendAudioAsync(Speech.Create(Rate, Rate), "two", end: true);
        await speaker.WaitForAsync(response => response.Payload is { TurnId: "one", TurnSealed: not null });
        _time.Advance(TimeSpan.FromMilliseconds(990));
        Assert.Equal(TurnState.Waiting, (await _gateway.GetSessionAsync(speaker.SessionId)).Turns[1].State);

        _time.Advance(TimeSpan.FromMilliseconds(20));
        await speaker.WaitForAsync(response => response.Payload is { TurnId: "two", TurnSealed: not null });

        var order = speaker.Received.Payloads().ToList();
        Assert.Equal(order.FindIndex(payload => payload.TurnEnded is not null) + 1, order.FindIndex(payload => payload is { TurnId: "two" }));
    }

    [Theory]
    [InlineData(AudioRelease.Paced)]
    [InlineData(AudioRelease.WithMotion)]
    public async Task MaxMotionWait_WhereMotionDoesNotCome_AudioWaitsSoLongAndGoesOn(AudioRelease release)
    {
        using var speaker = await OpenAsync(
            delivery => (delivery.AudioRelease, delivery.MaxMotionWaitMs) = (release, 3000), "fault-no-answer");
        byte[] pcm = Speech.Create(Rate, Rate);
        await speaker.SendAudioAsync(pcm, "one", end: true);
        await Eventually.TrueAsync(() => Show(speaker).Turns.Count == 1);
        _time.Advance(TimeSpan.FromMilliseconds(2990));
        Assert.Equal(TurnState.Waiting, Show(speaker).Turns[0].State);

        _time.Advance(TimeSpan.FromMilliseconds(20));
        await speaker.WaitForAsync(response => response.Payload?.Audio is { Last: true });

        Assert.Equal(pcm, speaker.Received.Payloads().Audio());
        Assert.True((await speaker.FindAsync(response => response.Payload?.TurnStarted)).Paced);
    }

    [Fact]
    public async Task AtOnce_WhereMotionDoesNotCome_AudioGoesWithoutIt()
    {
        using var speaker = await OpenAsync(delivery => delivery.AudioRelease = AudioRelease.AtOnce, "fault-no-answer");
        byte[] pcm = Speech.Create(Rate, Rate);
        await speaker.SendAudioAsync(pcm, "one", end: true);
        await speaker.WaitForAsync(response => response.Payload?.Audio is { Last: true });

        Assert.Equal(pcm, speaker.Received.Payloads().Audio());
        Assert.False((await speaker.FindAsync(response => response.Payload?.TurnStarted)).Paced);
    }

    [Fact]
    public async Task Motion_StandsRightBehindTheAudioAtItsFirstKeyframe()
    {
        using var speaker = await OpenAsync(_ => { });
        await speaker.SendAudioAsync(Speech.Create(Rate, Rate * 9), "one", end: true);
        await speaker.WaitForAsync(response => response.Payload?.TurnSealed is not null);

        long released = 0;
        long last = 0;
        foreach (var payload in speaker.Received.Payloads())
        {
            if (payload.Motion is { } motion)
            {
                long due = motion.FirstKeyframe * Rate / 25;
                Assert.InRange(due, last, released - 1);
            }
            else if (payload.Audio is { } audio)
            {
                (last, released) = (audio.FirstSample, audio.FirstSample + audio.SampleCount);
            }
        }
    }

    private Task<Speaker> OpenAsync(Action<Delivery> configure, string avatarId = "avatar-1") => Speaker.OpenAsync(_gateway.Speech, open =>
    {
        open.AvatarId = avatarId;
        open.Delivery = new Delivery();
        configure(open.Delivery);
    });

    private async Task AssertReleasedAsync(Speaker speaker, long atMost)
    {
        await Eventually.TrueAsync(() => Show(speaker).Turns is [{ State: not TurnState.Waiting, SampleCount: Rate * 15 }]);
        long sequence = Show(speaker).Position.Sequence;
        if (!speaker.Received.Payloads().Any(payload => payload.Sequence >= sequence))
        {
            await speaker.WaitForAsync(response => response.Payload?.Sequence >= sequence);
        }

        long samples = speaker.Received.Payloads().Audio().Length / sizeof(short);
        long piece = speaker.Opened.Limits.MaxPayloadSamples;
        Assert.InRange(samples, atMost - piece, atMost);
    }

    private V1.Session Show(Speaker speaker) =>
        _gateway.Sessions.GetSession(new GetSessionRequest { SessionId = speaker.SessionId }).Session;
}
