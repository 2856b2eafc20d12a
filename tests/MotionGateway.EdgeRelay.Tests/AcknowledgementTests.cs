using Microsoft.Extensions.Time.Testing;
using MotionGateway.Testing;

namespace MotionGateway.EdgeRelay.Tests;

/// <summary>What the gateway is told of how far its responses have been processed.</summary>
public sealed class AcknowledgementTests
{
    private const int AudioBytes = 3200;

    [Fact]
    public async Task Payloads_OfAQuarterOfTheWindow_AreAcknowledgedTogether()
    {
        await using var test = await RelayUnderTest.StartAsync(time: new FakeTimeProvider());
        var session = test.AddSession();
        using var viewer = await test.ViewAsync();
        session.Start("t1");
        session.Audios("t1", 25, AudioBytes);
        await viewer.ReceiveThroughAsync(26);

        await Eventually.EqualAsync(2, () => session.Acknowledged.Count);
        Assert.All(session.Acknowledged, sequence => Assert.InRange(sequence, 10, 24));
    }

    [Fact]
    public async Task Payloads_Few_AreAcknowledgedAfterAWhile()
    {
        var time = new FakeTimeProvider();
        await using var test = await RelayUnderTest.StartAsync(time: time);
        var session = test.AddSession();
        using var viewer = await test.ViewAsync();
        session.Start("t1");
        await viewer.ReceiveThroughAsync(session.Audio("t1"));
        Assert.Empty(session.Acknowledged);

        await time.AdvanceUntilAsync(TimeSpan.FromMilliseconds(100), () => session.Acknowledged.Contains(2));
    }

    // A gateway that shuts down waits for it.
    [Fact]
    public async Task End_OfTheSession_IsAcknowledgedAtOnce()
    {
        await using var test = await RelayUnderTest.StartAsync(time: new FakeTimeProvider());
        var session = test.AddSession();
        using var viewer = await test.ViewAsync();
        long last = session.Close();
        await viewer.ReceiveToEndAsync();

        await Eventually.EqualAsync(last, () => session.Acknowledged.LastOrDefault());
    }
}
