using System.Runtime.CompilerServices;
using MotionGateway.Testing;

namespace MotionGateway.MotionServer.Tests.Scripted;

/// <summary>Waits for what a test needs whole.</summary>
internal static class Waiting
{
    /// <summary>Says a whole request.</summary>
    public static async Task SayAsync(this IMotionRequest request, ReadOnlyMemory<byte> audio)
    {
        await request.SendAsync(audio);
        await request.EndAsync();
    }

    public static async Task<List<MotionMessage>> ReadAll(this IMotionRequest request)
    {
        List<MotionMessage> messages = [];
        await request.ReadInto(messages);
        return messages;
    }

    /// <summary>Keeps what comes, also when reading fails in the end.</summary>
    public static async Task ReadInto(this IMotionRequest request, List<MotionMessage> read)
    {
        await foreach (MotionMessage message in request.ReadMotionAsync())
        {
            read.Add(message);
        }
    }

    public static async Task<MotionServerException> Failure(this Task task, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        await Assert.ThrowsAsync<MotionServerException>(() => task.DefaultTimeout(file, line));
}
