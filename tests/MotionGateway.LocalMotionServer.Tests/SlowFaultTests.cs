using System.Net;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Tests;

/// <summary>What is only slow comes after <see cref="LocalMotionServerOptions.FaultDelay"/>, and not before, by the server's clock.</summary>
public sealed class SlowFaultTests : IAsyncLifetime
{
    private const int Rate = 8000;

    // As long as none of the server's time limits.
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(47);

    private readonly ObservedTimeProvider _clock = new();
    private LocalMotionServer _server = null!;

    public async Task InitializeAsync() => _server = await StartAsync(Late);

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task TokenSlow_AnswersAfterTheDelay()
    {
        using HttpResponseMessage answer = await ComesAfterAsync(Late, RawClient.PostTokenAsync(_server, "fault-token-slow", now: _clock.GetUtcNow()));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task UpgradeSlow_AnswersAfterTheDelay()
    {
        string token = await RawClient.TokenAsync(_server, now: _clock.GetUtcNow());
        using RawClient client = await ComesAfterAsync(Late, RawClient.ConnectAsync(_server, "fault-upgrade-slow", token));
        Assert.NotNull((await client.ConfigureAsync(new ClientConfigureSession { SampleRate = Rate })).ServerConfirmSession);
    }

    [Fact]
    public async Task HandshakeSlow_ConfirmsAfterTheDelay()
    {
        using RawClient client = await RawClient.ConnectAsync(_server, "fault-confirmation-slow", await RawClient.TokenAsync(_server, now: _clock.GetUtcNow()));
        Message answer = await ComesAfterAsync(Late, client.ConfigureAsync(new ClientConfigureSession { SampleRate = Rate }));
        Assert.NotNull(answer.ServerConfirmSession);
    }

    [Theory]
    [InlineData(47)]
    [InlineData(6 * 3600)]
    public async Task SlowMotion_EachMessage_ComesAfterTheDelay(int seconds)
    {
        var late = TimeSpan.FromSeconds(seconds);
        await using LocalMotionServer server = await StartAsync(late);
        using RawClient client = await RawClient.OpenAsync(server, "fault-slow-motion", Rate, _clock.GetUtcNow());
        await client.SendAudioAsync("turn", Speech.Babble(7 * Rate, Rate), end: true);
        foreach ((int keyframes, bool end) in new[] { (50, false), (100, false), (25, true) })
        {
            ServerResponseAnimation? motion = (await ComesAfterAsync(late, client.ReceiveAsync()))?.ServerResponseAnimation;
            Assert.Equal((keyframes, end), (motion?.Animation.Keyframes.Count, motion?.End));
        }

        // The next turn is as fast as ever.
        await client.SendAudioAsync("next", Speech.Babble(Rate, Rate), end: true);
        Assert.Equal("next", Assert.Single(await client.ReceiveTurnAsync()).ReqId);
    }

    private Task<LocalMotionServer> StartAsync(TimeSpan late) =>
        LocalMotionServer.StartAsync(new LocalMotionServerOptions { TimeProvider = _clock, FaultDelay = late, IdleTimeout = null });

    /// <summary>Waits for an answer that is not there until the clock has moved so far.</summary>
    private async Task<T> ComesAfterAsync<T>(TimeSpan late, Task<T> answer)
    {
        await _clock.WaitForTimerAsync(_clock.GetUtcNow() + late);
        _clock.Advance(late - TimeSpan.FromTicks(1));
        Assert.False(answer.IsCompleted);
        _clock.Advance(TimeSpan.FromTicks(1));
        return await answer;
    }
}
