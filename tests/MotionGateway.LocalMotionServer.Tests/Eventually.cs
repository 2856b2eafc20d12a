using System.Runtime.CompilerServices;

namespace MotionGateway.LocalMotion.Tests;

/// <summary>Polls for what another thread is about to do; for the edges of a test, where there is nothing to await.</summary>
internal static class Eventually
{
    public static async Task TrueAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string? what = null)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!condition())
        {
            try
            {
                await tick.WaitForNextTickAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"Did not become true in time: {what}");
            }
        }
    }
}
