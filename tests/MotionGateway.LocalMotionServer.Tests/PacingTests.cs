using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Tests;

public sealed class PacingTests : IAsyncLifetime
{
    private const int Rate = 8000;
    private readonly ObservedTimeProvider _clock = new();
    private LocalMotionServer _server = null!;

    public async Task InitializeAsync() =>
        _server = await LocalMotionServer.StartAsync(
            new LocalMotionServerOptions { TimeProvider = _clock, Pace = ProcessingPace.RealTime, Segments = MotionSegments.Recorded });

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task RealTime_SendsASegmentWhenItsMediaTimeHasPassed()
    {
        using RawClient client = await OpenAsync();
        DateTimeOffset begin = _clock.GetUtcNow();
        await client.SendAudioAsync("turn", Speech.Babble(7 * Rate, Rate), end: true);

        // Segments reach to 2, 6 and 7 s.
        foreach ((int seconds, int segmentsBefore) in new[] { (2, 0), (6, 1), (7, 2) })
        {
            await _clock.WaitForTimerAsync(begin.AddSeconds(seconds));
            _clock.Advance(begin.AddSeconds(seconds) - _clock.GetUtcNow() - TimeSpan.FromTicks(1));
            Assert.Equal(segmentsBefore, _server.Counters.AnimationsSent);
            _clock.Advance(TimeSpan.FromTicks(1));
            ServerResponseAnimation? animation = (await client.ReceiveAsync())?.ServerResponseAnimation;
            Assert.Equal(seconds == 7, animation?.End);
        }
    }

    [Fact]
    public async Task RealTime_WithAudioThatComesLater_SendsAtOnce()
    {
        using RawClient client = await OpenAsync();
        await client.SendAudioAsync("turn", Speech.Babble(Rate, Rate));
        await Eventually.TrueAsync(() => _server.Counters.RequestsStarted == 1);
        _clock.Advance(TimeSpan.FromSeconds(10));
        await client.SendAudioAsync("turn", Speech.Babble(4 * Rate, Rate), end: true);

        Assert.Equal([50, 75], (await client.ReceiveTurnAsync()).Select(animation => animation.Animation.Keyframes.Count));
    }

    [Fact]
    public async Task RealTime_InterruptedWhileWaiting_GoesOnWithTheNextRequest()
    {
        using RawClient client = await OpenAsync();
        DateTimeOffset begin = _clock.GetUtcNow();
        await client.SendAudioAsync("stopped", Speech.Babble(60 * Rate, Rate), end: true);
        await _clock.WaitForTimerAsync(begin.AddSeconds(2));
        await client.InterruptAsync("stopped");
        await client.SendAudioAsync("next", Speech.Babble(Rate, Rate), end: true);
        await _clock.WaitForTimerAsync(begin.AddSeconds(1));
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("next", Assert.Single(await client.ReceiveTurnAsync()).ReqId);
    }

    [Fact]
    public async Task Adaptive_AtThePaceOfSpeech_SendsWhatThereIsEvery400Milliseconds()
    {
        await using LocalMotionServer server = await StartAsync(MotionSegments.Adaptive);
        using RawClient client = await RawClient.OpenAsync(server, sampleRate: Rate, now: _clock.GetUtcNow());
        byte[] audio = Speech.Babble(2 * Rate, Rate);
        List<ServerResponseAnimation> motion = [];
        foreach (byte[] chunk in audio.Chunk(audio.Length / 5))
        {
            await client.SendAudioAsync("turn", chunk);
            await _clock.WaitForTimerAsync(_clock.GetUtcNow().AddMilliseconds(400));
            _clock.Advance(TimeSpan.FromMilliseconds(400));
            motion.Add((await client.ReceiveAsync())!.ServerResponseAnimation);
        }

        await client.SendAudioAsync("turn", Array.Empty<byte>(), end: true);
        motion.AddRange(await client.ReceiveTurnAsync());

        // One keyframe is held back, because it could be the last, and the last message is not empty.
        Assert.Equal([9, 10, 10, 10, 10, 1], motion.Select(message => message.Animation.Keyframes.Count));
        Assert.Equal([false, false, false, false, false, true], motion.Select(message => message.End));
    }

    [Fact]
    public async Task Adaptive_FasterThanSpeech_SendsWholeSegmentsAndTheRestWhenItsTimeHasCome()
    {
        await using LocalMotionServer server = await StartAsync(MotionSegments.Adaptive);
        using RawClient client = await RawClient.OpenAsync(server, sampleRate: Rate, now: _clock.GetUtcNow());
        DateTimeOffset begin = _clock.GetUtcNow();
        await client.SendAudioAsync("turn", Speech.Babble(64 * Rate / 10, Rate));
        await AssertKeyframesAsync(client, [50, 100]);

        // No more speech comes: 5.9 s after its beginning, its 6.4 s are ahead of it by no more than live speech may be.
        await _clock.WaitForTimerAsync(begin.AddSeconds(5.9));
        _clock.Advance(TimeSpan.FromSeconds(5.9) - TimeSpan.FromTicks(1));
        Assert.Equal(2, server.Counters.AnimationsSent);
        _clock.Advance(TimeSpan.FromTicks(1));
        await AssertKeyframesAsync(client, [9]);
    }

    [Fact]
    public async Task Recorded_AtThePaceOfSpeech_SendsWholeSegmentsOnly()
    {
        await using LocalMotionServer server = await StartAsync(MotionSegments.Recorded);
        using RawClient client = await RawClient.OpenAsync(server, sampleRate: Rate, now: _clock.GetUtcNow());
        for (int chunk = 0; chunk < 12; chunk++)
        {
            await client.SendAudioAsync("turn", Speech.Babble(Rate / 2, Rate));
            _clock.Advance(TimeSpan.FromMilliseconds(500));
        }

        await client.SendAudioAsync("turn", Speech.Babble(Rate / 2, Rate), end: true);
        await AssertKeyframesAsync(client, [50, 100, 12]);
    }

    private static async Task AssertKeyframesAsync(RawClient client, int[] messages)
    {
        foreach (int keyframes in messages)
        {
            Assert.Equal(keyframes, (await client.ReceiveAsync())?.ServerResponseAnimation.Animation.Keyframes.Count);
        }
    }

    private Task<LocalMotionServer> StartAsync(MotionSegments segments) =>
        LocalMotionServer.StartAsync(new LocalMotionServerOptions { TimeProvider = _clock, Segments = segments });

    private Task<RawClient> OpenAsync() => RawClient.OpenAsync(_server, sampleRate: Rate, now: _clock.GetUtcNow());
}
