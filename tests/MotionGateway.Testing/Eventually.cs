using System.Runtime.CompilerServices;

namespace MotionGateway.Testing;

/// <summary>Polls, with a deadline, for what no task tells: the edges of a process.</summary>
public static class Eventually
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <summary>Waits until a condition holds.</summary>
    /// <exception cref="TimeoutException">It never did; the message names the caller's line.</exception>
    public static async Task TrueAsync(Func<bool> condition, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        using var source = new CancellationTokenSource(TaskTimeoutExtensions.Limit);
        using var timer = new PeriodicTimer(Interval);
        while (!condition())
        {
            try
            {
                await timer.WaitForNextTickAsync(source.Token);
            }
            catch (OperationCanceledException exception)
            {
                throw new TimeoutException($"{Path.GetFileName(file)}:{line}: not true after {TaskTimeoutExtensions.Limit.TotalSeconds} s.", exception);
            }
        }
    }
}
