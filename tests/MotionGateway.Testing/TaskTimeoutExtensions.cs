using System.Runtime.CompilerServices;

namespace MotionGateway.Testing;

/// <summary>Time limits for tests, so that one that hangs says where.</summary>
public static class TaskTimeoutExtensions
{
    /// <summary>The limit: far above what a test needs, so that only a hang meets it.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Waits for a task, up to the limit.</summary>
    /// <exception cref="TimeoutException">The task did not end; the message names the caller's line.</exception>
    public static async Task DefaultTimeout(this Task task, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        try
        {
            await task.WaitAsync(Limit);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            throw new TimeoutException($"{Path.GetFileName(file)}:{line}: not done after {Limit.TotalSeconds} s.");
        }
    }

    /// <summary>Waits for a task's result, up to the limit.</summary>
    /// <exception cref="TimeoutException">The task did not end; the message names the caller's line.</exception>
    public static async Task<T> DefaultTimeout<T>(this Task<T> task, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        await DefaultTimeout((Task)task, file, line);
        return await task;
    }
}
