using System.Runtime.CompilerServices;

namespace MotionGateway.MotionServer.Tests.Scripted;

/// <summary>The time limit of every wait in a test.</summary>
internal static class Waiting
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public static async Task Soon(this Task task, [CallerLineNumber] int line = 0)
    {
        try
        {
            await task.WaitAsync(Limit);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            throw new TimeoutException($"Still waiting at line {line}.");
        }
    }

    public static async Task<T> Soon<T>(this Task<T> task, [CallerLineNumber] int line = 0)
    {
        await ((Task)task).Soon(line);
        return await task;
    }

    public static async Task<List<MotionMessage>> ReadAll(this IMotionConnection connection)
    {
        List<MotionMessage> messages = [];
        await foreach (MotionMessage message in connection.ReadMotionAsync())
        {
            messages.Add(message);
        }

        return messages;
    }

    public static async Task<MotionServerException> Failure(this Task task, [CallerLineNumber] int line = 0) =>
        await Assert.ThrowsAsync<MotionServerException>(() => task.Soon(line));
}
