using Microsoft.Extensions.Options;
using MotionGateway.MotionServer;
using MotionGateway.Testing;

namespace MotionGateway.Gateway.Tests;

public sealed class PoolTests
{
    [Fact]
    public async Task Speak_WithAPool_TakesAConnectionThatIsReady()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(options => options.MotionServerPool.Size = 1);
        using (var first = await Speaker.OpenAsync(gateway.Speech))
        {
            await Eventually.EqualAsync((2, 2), () => (gateway.MotionServer.Counters.ConnectionsOpen, gateway.MotionServer.Counters.ConnectionsAccepted));
        }

        using var second = await Speaker.OpenAsync(gateway.Speech);
        await Eventually.EqualAsync(3, () => gateway.MotionServer.Counters.ConnectionsAccepted);
        await second.SayAsync(Speech.Create(16000, 16000), "turn");
        var ended = (await second.WaitForAsync(response => response.Payload?.TurnEnded is not null)).Payload.TurnEnded;

        Assert.Equal(V1.TurnOutcome.Completed, ended.Outcome);
    }

    [Fact]
    public void Build_WrongPoolOrPolicy_NamesEverySetting()
    {
        var options = new GatewayOptions
        {
            MotionServer = { AppId = "app", ApiKey = "key" },
            MotionServerPool = { Size = -1 },
            MotionServerReconnect = new ReconnectPolicy { Jitter = 2, MaxAttempts = -1 },
        };

        var failure = Assert.Throws<OptionsValidationException>(() => GatewayHost.Build(options));

        Assert.Equal(
            [
                "MotionServerPool:Size must be 0 to 16.", "MotionServerReconnect:MaxAttempts must not be negative.",
                "MotionServerReconnect:Jitter must be 0 to 1.",
            ],
            failure.Failures);
    }
}
