using System.Runtime.CompilerServices;

namespace MotionGateway.Testing;

/// <summary>Polls, with a deadline, for what no task tells: the edges of a process.</summary>
public static class Eventually
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    /// <summary>Waits until a condition holds.</summary>
    /// <param name="condition">The condition.</param>
    /// <param name="limit">How long; null for the usual limit.</param>
    /// <param name="file">The caller's file.</param>
    /// <param name="line">The caller's line.</param>
    /// <exception cref="TimeoutException">It never did; the message names the caller's line.</exception>
    public static Task TrueAsync(
        Func<bool> condition, TimeSpan? limit = null, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        WaitAsync(condition, () => "not true", limit, file, line);

    /// <summary>Waits until a value is the expected one.</summary>
    /// <param name="expected">The value to come.</param>
    /// <param name="actual">Reads it.</param>
    /// <param name="limit">How long; null for the usual limit.</param>
    /// <param name="file">The caller's file.</param>
    /// <param name="line">The caller's line.</param>
    /// <exception cref="TimeoutException">It never was; the message tells what it was last, and names the caller's line.</exception>
    public static Task EqualAsync<T>(
        T expected, Func<T> actual, TimeSpan? limit = null, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        WaitAsync(() => EqualityComparer<T>.Default.Equals(expected, actual()), () => $"{actual()} instead of {expected}", limit, file, line);

    private static async Task WaitAsync(Func<bool> condition, Func<string> tell, TimeSpan? limit, string file, int line)
    {
        var patience = limit ?? TaskTimeoutExtensions.Limit;
        using var source = new CancellationTokenSource(patience);
        using var timer = new PeriodicTimer(Interval);
        while (!condition())
        {
            try
            {
                await timer.WaitForNextTickAsync(source.Token);
            }
            catch (OperationCanceledException exception)
            {
                throw new TimeoutException($"{Path.GetFileName(file)}:{line}: {tell()} after {patience.TotalSeconds} s.", exception);
            }
        }
    }
}
