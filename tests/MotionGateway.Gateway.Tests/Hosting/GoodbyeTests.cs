using MotionGateway.Testing;

namespace MotionGateway.Gateway.Tests;

/// <summary>The process is gone two seconds after the grace at the latest, whatever its peers do.</summary>
public sealed class GoodbyeTests
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan MostAfterGrace = TimeSpan.FromSeconds(2);

    // What has to be done takes its time on a busy machine: the gateway's clock runs at a fifth of the true one's speed.
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan TrueStep = TimeSpan.FromMilliseconds(100);

    [Theory]
    [InlineData("fault-deaf-to-close", false)]
    [InlineData("fault-stall-connection@motion", true)]
    public async Task Shutdown_MotionServersThatSayNothing_DoNotHoldItUp(string fault, bool speaks)
    {
        var time = new ObservedTimeProvider();
        time.SetUtcNow(DateTimeOffset.UtcNow);
        await using var gateway = await GatewayUnderTest.StartAsync(options => options.ShutdownGrace = Grace, time: time);
        var speakers = new List<Speaker>();
        for (int i = 0; i < 10; i++)
        {
            speakers.Add(await Speaker.OpenAsync(gateway.Speech, open => open.AvatarId = fault));
            if (speaks)
            {
                await speakers[i].SendAudioAsync(Speech.Create(16000, 16000 * 3), "one");
            }
        }

        await Eventually.TrueAsync(() => !speaks || gateway.MotionServer.Counters.RequestsStarted == 10);
        var shutdown = gateway.ShutDownAsync();
        if (speaks)
        {
            await time.WaitForTimerAsync(time.GetUtcNow() + Grace);
            time.Advance(Grace);
        }

        await Task.WhenAll(speakers.Select(speaker => speaker.WaitForEndAsync()));
        using var tick = new PeriodicTimer(TrueStep);
        for (var passed = TimeSpan.Zero; passed < MostAfterGrace && !shutdown.IsCompleted; passed += Step)
        {
            await tick.WaitForNextTickAsync();
            time.Advance(Step);
        }

        await shutdown.WaitAsync(TimeSpan.FromSeconds(5));
        speakers.ForEach(speaker => speaker.Dispose());
    }
}
