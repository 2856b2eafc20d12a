using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Tests;

public sealed class PacingTests : IAsyncLifetime
{
    private const int Rate = 8000;
    private readonly ManualTimeProvider _clock = new();
    private LocalMotionServer _server = null!;

    public async Task InitializeAsync() =>
        _server = await LocalMotionServer.StartAsync(new LocalMotionServerOptions { TimeProvider = _clock, Pace = ProcessingPace.RealTime });

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

    private Task<RawClient> OpenAsync() => RawClient.OpenAsync(_server, sampleRate: Rate, now: _clock.GetUtcNow());
}
