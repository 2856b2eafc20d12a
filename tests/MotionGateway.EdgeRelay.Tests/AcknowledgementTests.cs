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
        session.Audios("t1", 100, AudioBytes);
        await viewer.ReceiveThroughAsync(101);

        // Of 320 KB the window of 128 KiB lets the last through only when most of the others have been acknowledged.
        Assert.InRange(session.Acknowledged.Count, 2, 10);
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
        session.IsHeldAtEnd = true;
        using var viewer = await test.ViewAsync();
        session.Close();

        await session.EndAcknowledged.Task.DefaultTimeout();
    }
}
