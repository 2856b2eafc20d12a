using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using MotionGateway.Testing;

namespace MotionGateway.EdgeRelay.Tests;

/// <summary>What the relay measures of viewers and of its link to the gateway.</summary>
public sealed class RelayMetricsTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task GatewaysAway_GatewayGoesAndComesBack_IsOneAndNoneAgain()
    {
        await using var test = await RelayUnderTest.StartAsync();
        using var away = Measure<long>(test, "motiongateway.relay.gateways_away", out var changes);

        await test.StopGatewayAsync();
        await Eventually.EqualAsync(1, () => changes.Sum());
        await test.StartGatewayAsync();
        await Eventually.EqualAsync(0, () => changes.Sum());
    }

    [Fact]
    public async Task ViewerLag_ViewerThatHoldsUpItsFeed_IsTheTimeThatItsMediaWaited()
    {
        await using var test = await RelayUnderTest.StartAsync(
            options => (options.WindowBytes, options.HeartbeatInterval) = (4096, TimeSpan.FromMinutes(4)), _time);
        var session = test.AddSession();
        using var lag = Measure<double>(test, "motiongateway.relay.viewer_lag", out var values);
        using var quick = await test.ViewAsync(start => start.ReaderId = "quick");
        using var slow = await test.ViewAsync(start => start.ReaderId = "slow", acknowledge: false);
        session.Start("turn");
        long first = session.Audio("turn", 4000);
        long second = session.Audio("turn", 4000);
        await slow.ReceiveThroughAsync(first);
        await quick.ReceiveThroughAsync(second);

        _time.Advance(TimeSpan.FromSeconds(7));
        await slow.AcknowledgeAsync(1, first);
        await slow.ReceiveThroughAsync(second);

        Assert.Equal([7], values.Where(seconds => seconds > 0));
    }

    [Fact]
    public async Task Viewers_ComeAndGo_AreCountedByTransport()
    {
        await using var test = await RelayUnderTest.StartAsync();
        test.AddSession();
        ConcurrentQueue<string?> transports = [];
        using var listener = test.Listen("motiongateway.relay.viewers", transports.Enqueue);
        using (await test.ViewAsync())
        {
            await Eventually.EqualAsync(1, () => test.ViewerCount);
        }

        await Eventually.EqualAsync(2, () => transports.Count);

        Assert.Equal(["websocket", "websocket"], transports);
    }

    private static MeterListener Measure<T>(RelayUnderTest test, string name, out ConcurrentQueue<T> values)
        where T : struct
    {
        var factory = test.Relay.Services.GetRequiredService<IMeterFactory>();
        ConcurrentQueue<T> seen = [];
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Scope == factory && instrument.Name == name)
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<T>((_, value, _, _) => seen.Enqueue(value));
        listener.Start();
        values = seen;
        return listener;
    }
}
