using System.Runtime.CompilerServices;
using MotionGateway.Testing;

namespace MotionGateway.MotionServer.Tests.Scripted;

/// <summary>Waits for what a test needs whole.</summary>
internal static class Waiting
{
    public static async Task<List<MotionMessage>> ReadAll(this IMotionConnection connection)
    {
        List<MotionMessage> messages = [];
        await connection.ReadInto(messages);
        return messages;
    }

    /// <summary>Keeps what comes, also when reading fails in the end.</summary>
    public static async Task ReadInto(this IMotionConnection connection, List<MotionMessage> read)
    {
        await foreach (MotionMessage message in connection.ReadMotionAsync())
        {
            read.Add(message);
        }
    }

    public static async Task<MotionServerException> Failure(this Task task, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        await Assert.ThrowsAsync<MotionServerException>(() => task.DefaultTimeout(file, line));
}
